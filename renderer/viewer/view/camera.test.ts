import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  degreesOf,
  type ImageShape,
  linearOf,
  type Presentation,
  panned,
  place,
  scaleBar,
  toCanvas,
  toImage,
  turnedBy,
  UPRIGHT,
  zoomed,
} from './camera.ts';

const image: ImageShape = { columns: 100, rows: 50, pixelSize: [1, 2] };
const near = (actual: readonly number[], expected: readonly number[]): void => {
  for (const [index, value] of expected.entries())
    assert.ok(Math.abs((actual[index] ?? Number.NaN) - value) < 1e-9, `${actual} is not ${expected}`);
};

test('upright, the whole image fits and its aspect is that of the pixels', () => {
  const p = place(image, UPRIGHT, 400, 200);
  near([p.scale], [2]);
  near(toCanvas(p, 0, 0), [100, 0]);
  near(toCanvas(p, 100, 50), [300, 200]);
});

test('a quarter turn is clockwise, mirroring is left to right', () => {
  const turned = place(image, { ...UPRIGHT, quarterTurns: 1 }, 400, 400);
  const corner = toCanvas(turned, 0, 0);
  near(corner, [400, 0]);
  const mirrored = place(image, { ...UPRIGHT, flipped: true }, 400, 200);
  near(toCanvas(mirrored, 0, 0), [300, 0]);
  const both = place(image, { ...UPRIGHT, flipped: true, quarterTurns: 1 }, 400, 400);
  near(toCanvas(both, 0, 0), [400, 400]);
});

test('canvas and image are each other undone, however placed', () => {
  for (const quarterTurns of [0, 1, 2, 3] as const) {
    for (const flipped of [false, true]) {
      const p: Presentation = { zoom: 2.3, center: [7, -3], quarterTurns, flipped };
      const placement = place(image, p, 321, 217);
      near(toImage(placement, ...toCanvas(placement, 12.5, 33)), [12.5, 33]);
    }
  }
});

test('the image follows the hand, and the point under the pointer stays when zooming', () => {
  for (const quarterTurns of [0, 1, 2, 3] as const) {
    const p: Presentation = { zoom: 1.7, center: [4, 9], quarterTurns, flipped: true };
    const size = [400, 300] as const;
    const held = toImage(place(image, p, ...size), 150, 60);
    near(toCanvas(place(image, panned(image, p, size, 30, -20), ...size), ...held), [180, 40]);
    near(toCanvas(place(image, zoomed(image, p, size, 1.5, [150, 60]), ...size), ...held), [150, 60]);
  }
});

test('the scale bar has a round length between 55 and 140 pixels', () => {
  for (const pixelsPerMm of [0.05, 0.3, 1, 2.7, 11, 160]) {
    const bar = scaleBar(pixelsPerMm);
    assert.ok(bar.pixels > 55 && bar.pixels <= 140, `${bar.pixels}`);
    assert.match(bar.mm.toPrecision(1), /^(0\.0*)?[125](0*|e\+\d+)$/);
  }
});

test('turning by degrees keeps quarters exact, goes all the way round, and lets the image follow', () => {
  const quarter = turnedBy(turnedBy(UPRIGHT, 60), 30);
  assert.deepEqual(quarter, { ...UPRIGHT, degrees: 90 });
  assert.deepEqual(linearOf(quarter), linearOf({ ...UPRIGHT, quarterTurns: 1 }));
  near([place(image, quarter, 400, 200).scale], [place(image, UPRIGHT, 400, 200).scale]);
  assert.deepEqual(turnedBy(quarter, -90), UPRIGHT);
  assert.deepEqual(
    [15, 46, 170, 350, -1].map((n) => degreesOf(turnedBy(UPRIGHT, n))),
    [15, 46, 170, 350, 359],
  );
  let around: Presentation = { ...UPRIGHT, flipped: true, center: [3, 4] };
  for (let n = 0; n < 24; n++) around = turnedBy(around, 15);
  assert.deepEqual(around, { ...UPRIGHT, flipped: true, center: [3, 4] });

  const p = place(image, turnedBy(UPRIGHT, 30), 400, 400);
  near(toCanvas(p, 50, 25), [200, 200]);
  // 40 mm to the right of the middle is 40 mm away on the screen, 30 degrees clockwise.
  const [x, y] = toCanvas(p, 90, 25);
  near([Math.hypot(x - 200, y - 200) / p.scale, (Math.atan2(y - 200, x - 200) * 180) / Math.PI], [40, 30]);
  near(toImage(p, ...toCanvas(p, 12, 34)), [12, 34]);
});

test('panning and zooming of a turned image follow the hand', () => {
  const turned = turnedBy({ ...UPRIGHT, zoom: 2 }, 33);
  const before = place(image, turned, 400, 300);
  const mark = toCanvas(before, 20, 10);
  const after = place(image, panned(image, turned, [400, 300], 17, -9), 400, 300);
  near(toCanvas(after, 20, 10), [mark[0] + 17, mark[1] - 9]);
  const nearer = place(image, zoomed(image, turned, [400, 300], 1.5, mark), 400, 300);
  near(toCanvas(nearer, 20, 10), mark);
});
