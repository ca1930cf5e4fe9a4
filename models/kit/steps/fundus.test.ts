import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fundusPhantom } from '../phantom/fundus.ts';
import { clahe } from './clahe.ts';
import { findField, type Photograph } from './field.ts';
import { preparePhotograph } from './fundus.ts';

const STEPS = [
  { step: 'field-square' as const, size: 320 },
  { step: 'clahe' as const, tiles: 8, limit: 2 },
];
const own = fundusPhantom('fundus 480x320 grade 2', 'steps');
const changed = (photo: Photograph, change: (v: number, n: number) => number): Photograph => ({
  ...photo,
  rgb: photo.rgb.map((v, n) => change(v, n)),
});
/** Means over a square of (2 r + 1) pixels. */
const blurred = ({ rgb, columns, rows }: Photograph, r: number): Photograph => {
  const out = new Uint8Array(rgb.length);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++)
      for (let c = 0; c < 3; c++) {
        let [sum, count] = [0, 0];
        for (let j = Math.max(0, y - r); j <= Math.min(rows - 1, y + r); j++)
          for (let i = Math.max(0, x - r); i <= Math.min(columns - 1, x + r); i++) {
            sum += rgb[(j * columns + i) * 3 + c] ?? 0;
            count++;
          }
        out[(y * columns + x) * 3 + c] = Math.round(sum / count);
      }
  return { rgb: out, columns, rows };
};

test('the field is where it was drawn, whether its top and bottom are cut or not', () => {
  for (const seed of ['a', 'b', 'c', 'd', 'e']) {
    const drawn = fundusPhantom('fundus 480x320 random', seed);
    const field = findField(drawn);
    assert.ok(field?.round, seed);
    const near = (told: number, true_: number): void =>
      assert.ok(Math.abs(told - true_) < 0.02 * drawn.field.radius, `${seed}: ${told}, not ${true_}`);
    near(field.x, drawn.field.x);
    near(field.y, drawn.field.y);
    near(field.radius, drawn.field.radius);
  }
});

test('the square holds the field, nothing outside it, and its pixels lie where they came from', () => {
  const photo = preparePhotograph(own, STEPS);
  assert.ok(photo);
  assert.equal(photo.data.length, 3 * 320 * 320);
  const [sx] = photo.scale;
  const x = own.field.x * sx + photo.shift[0];
  const y = own.field.y * photo.scale[1] + photo.shift[1];
  assert.ok(Math.abs(x - 160) < 3 && Math.abs(y - 160) < 3, `the field's centre lies at ${x}, ${y}`);
  for (let n = 0; n < photo.mask.length; n++)
    if (photo.mask[n] !== 1)
      for (let c = 0; c < 3; c++) assert.equal(photo.data[c * photo.mask.length + n], 0, 'outside the field is 0');
  for (const value of photo.data) assert.ok(value >= 0 && value <= 1);
});

test('a photograph of several times the size gives nearly the same square', () => {
  const k = 5;
  const rgb = new Uint8Array(own.rgb.length * k * k);
  for (let y = 0; y < own.rows * k; y++)
    for (let x = 0; x < own.columns * k; x++)
      for (let c = 0; c < 3; c++)
        rgb[(y * own.columns * k + x) * 3 + c] =
          own.rgb[(Math.floor(y / k) * own.columns + Math.floor(x / k)) * 3 + c] ?? 0;
  const small = preparePhotograph(own, STEPS);
  const large = preparePhotograph({ rgb, columns: own.columns * k, rows: own.rows * k }, STEPS);
  assert.ok(small && large);
  let sum = 0;
  let count = 0;
  for (let n = 0; n < small.data.length; n++)
    if (small.mask[n % small.mask.length] === 1 && large.mask[n % small.mask.length] === 1) {
      sum += Math.abs((small.data[n] ?? 0) - (large.data[n] ?? 0));
      count++;
    }
  assert.ok(sum / count < 0.03, `they differ by ${sum / count} on average`);
});

test('the gate sees darkness, blur, grey, and a field that is cut', () => {
  const sharp = preparePhotograph(own, STEPS)?.quality;
  assert.ok(sharp);
  assert.ok(sharp.light > 0.5 && sharp.framed > 0.85 && sharp.lit > 0.98 && sharp.red > 0.3 && sharp.sharp > 0.4);
  const dark = preparePhotograph(
    changed(own, (v) => v * 0.1),
    STEPS,
  );
  assert.ok((dark?.quality.light ?? 0) < 0.15);
  const soft = preparePhotograph(blurred(blurred(own, 4), 4), STEPS)?.quality;
  assert.ok(soft && soft.sharp < 0.6 * sharp.sharp, `${soft?.sharp} after blurring, ${sharp.sharp} before`);
  const grey = preparePhotograph(
    changed(own, (_, n) => own.rgb[n - (n % 3) + 1] ?? 0),
    STEPS,
  );
  assert.ok(grey && Math.abs(grey.quality.red) < 1e-6);
  const half = Math.floor(own.rows * 0.35);
  const cut = preparePhotograph(
    { rgb: own.rgb.slice(0, half * own.columns * 3), columns: own.columns, rows: half },
    STEPS,
  );
  assert.ok(!cut || cut.quality.framed < 0.5, `${cut?.quality.framed} of the field in a third of the picture`);
});

test('what shows no round field gives nothing; a short frame is refused', () => {
  const black = { rgb: new Uint8Array(90 * 60 * 3), columns: 90, rows: 60 };
  assert.equal(preparePhotograph(black, STEPS), null);
  const stripe = { ...black, rgb: black.rgb.map((_, n) => (Math.floor(n / 3) % 90 < 30 ? 200 : 0)) };
  assert.equal(preparePhotograph(stripe, STEPS), null);
  assert.throws(() => preparePhotograph({ ...black, rows: 61 }, STEPS), /fewer pixels/);
  assert.throws(() => preparePhotograph(black, [{ step: 'clahe', tiles: 8, limit: 2 }]), /field-square/);
});

test('equalising spreads what is crowded, keeps the order, and stays within the limit', () => {
  const size = 64;
  // every tile holds the same values, scattered
  const plane = Float32Array.from({ length: size * size }, (_, n) => 0.5 + 0.1 * (((n * 617) % 1021) / 1021));
  const mask = new Uint8Array(size * size).fill(1);
  const range = (limit: number): number => {
    const out = clahe(plane, mask, size, { tiles: 2, limit });
    const order = [...plane.keys()].sort((a, b) => (plane[a] ?? 0) - (plane[b] ?? 0));
    const [first, last] = [order[0] ?? 0, order.at(-1) ?? 0];
    for (const [n, at] of order.entries())
      assert.ok((out[at] ?? 0) >= (out[order[Math.max(0, n - 60)] ?? 0] ?? 0), 'brighter stays brighter');
    return (out[last] ?? 0) - (out[first] ?? 0);
  };
  assert.ok(range(4) > range(1.5), 'a higher limit spreads more');
  assert.ok(range(4) < 0.1 * 4 + 0.11, 'no more than the limit allows');
  assert.ok(range(1) < 0.2, 'a limit of 1 spreads hardly');
});
