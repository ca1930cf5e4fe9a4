import assert from 'node:assert/strict';
import { test } from 'node:test';
import { colorTable } from './color-maps.ts';
import { coloredOf, colorsAlong, paletteOf } from './colored.ts';

const frame = { slope: 2, intercept: -10, format: 'int16' as const };
const window = { name: '', center: 0, width: 100, function: 'LINEAR_EXACT' as const };
const colors = (out: Uint8Array): number[][] =>
  Array.from({ length: out.length / 3 }, (_, n) => [...out.subarray(n * 3, n * 3 + 3)]);

test('values go through slope and window into the map, and the other way round where greys are inverted', () => {
  // Modality -50, 0, 50.
  const pixels = Int16Array.of(-20, 5, 30);
  const table = colors(colorTable('hot-iron'));
  const of = (inverted: boolean) => colors(coloredOf(pixels, frame, window, inverted, 'hot-iron', null));
  assert.deepEqual(of(false), [table[0], table[128], table[255]]);
  assert.deepEqual(of(true), [table[255], table[127], table[0]]);
});

test('few and many pixels are drawn alike, in every format', () => {
  const values = (count: number): number[] => Array.from({ length: count }, (_, n) => (n % 40) + 3);
  const makers = {
    int8: (count: number) => Int8Array.from(values(count)),
    uint8: (count: number) => Uint8Array.from(values(count)),
    int16: (count: number) => Int16Array.from(values(count)),
    uint16: (count: number) => Uint16Array.from(values(count)),
    float32: (count: number) => Float32Array.from(values(count)),
  };
  for (const [format, make] of Object.entries(makers) as [
    keyof typeof makers,
    (count: number) => Int8Array<ArrayBuffer>,
  ][]) {
    const drawn = [40, 40_000].map((count) =>
      coloredOf(make(count), { ...frame, format }, window, false, 'rainbow', null).subarray(0, 120),
    );
    assert.deepEqual(drawn[1], drawn[0], format);
    assert.ok(new Set(drawn[0]).size > 10);
  }
});

test('fill is black, also where the map begins with a colour', () => {
  const out = colors(
    coloredOf(Int16Array.of(-2000, -20), { ...frame, padding: [-2000, -2000] }, window, false, 'rainbow', null),
  );
  assert.deepEqual(out, [
    [0, 0, 0],
    [0, 0, 255],
  ]);
});

test('a palette of the file colours its values and leaves the rest grey', () => {
  const palette = paletteOf({ first: 20, colors: btoa(String.fromCharCode(255, 0, 0, 0, 255, 0)) });
  const out = coloredOf(Int16Array.of(5, 19, 20, 21, 90), frame, window, false, 'grey', palette);
  assert.deepEqual(colors(out), [
    [128, 128, 128],
    [199, 199, 199],
    [255, 0, 0],
    [0, 255, 0],
    [0, 255, 0],
  ]);
});

test('the bar has the colours of the values beside it', () => {
  const bar = colors(colorsAlong(window, false, 'pet', [-50, 50], 3));
  const table = colors(colorTable('pet'));
  assert.deepEqual(bar, [table[0], table[128], table[255]]);
});
