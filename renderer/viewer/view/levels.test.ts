import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../../preload/contract/index.ts';
import { windowed } from '../render/canvas-painter.ts';
import { levelsOf, needsLevels } from './levels.ts';
import type { ShownWindow } from './presets.ts';

const frame = (more: Partial<Frame> = {}): Pick<Frame, 'slope' | 'intercept' | 'padding' | 'format'> => ({
  slope: 1,
  intercept: 0,
  format: 'int16',
  ...more,
});
const line: ShownWindow = { name: '', center: 50, width: 100, function: 'LINEAR_EXACT' };
const curve: ShownWindow = {
  name: '',
  center: 1.5,
  width: 3,
  curve: { first: 0, bits: 12, values: Uint16Array.of(0, 4095, 0, 2048) },
};

test('a window that is a line needs none, where fill is black anyway', () => {
  assert.ok(!needsLevels(frame(), line, true));
  assert.ok(!needsLevels(frame({ padding: [-2000, -2000] }), line, false));
  assert.ok(needsLevels(frame({ padding: [-2000, -2000] }), line, true));
  assert.ok(needsLevels(frame({ padding: [90, 90] }), line, false));
  assert.ok(needsLevels(frame(), curve, false));
  assert.ok(needsLevels(frame(), { ...line, function: 'SIGMOID' }, false));
  assert.ok(!needsLevels(frame({ format: 'rgb8' }), curve, false));
});

test('fill is black, inverted or not, and the rest as a line would draw it', () => {
  const pixels = Int16Array.of(-2000, -50, 0, 30, 51, 100, 400);
  const given = frame({ padding: [-2000, -1999] });
  const drawn = new Uint32Array(pixels.length);
  for (const inverted of [false, true]) {
    const edges = inverted ? ([100, 0] as const) : ([0, 100] as const);
    windowed({ key: '', image: { columns: 7, rows: 1, pixelSize: [1, 1] }, rgb: false, pixels, edges }, drawn);
    const levels = [...levelsOf(pixels, given, line, inverted)];
    assert.equal(levels[0], 0);
    assert.deepEqual(
      levels.slice(1),
      [...drawn].map((word) => word & 255).slice(1),
      inverted ? 'inverted' : 'as it is',
    );
  }
});

test('tables and sigmoids on stored values of every width, through the rescale', () => {
  const expected = [0, 0, 255, 0, 128, 128];
  const values = [-1, 0, 1, 2, 3, 9];
  // Stored value plus 10 is four times what the table speaks of: 4 stored steps a modality step.
  const scaled = frame({ slope: 0.25, intercept: 0 });
  for (const [format, pixels] of [
    ['int8', Int8Array.from(values, (v) => v * 4)],
    ['int16', Int16Array.from(values, (v) => v * 4)],
    ['int32', Int32Array.from(values, (v) => v * 4)],
    ['float32', Float32Array.from(values, (v) => v * 4)],
  ] as const)
    assert.deepEqual([...levelsOf(pixels, { ...scaled, format }, curve, false)], expected, format);
  const unsigned = frame({ format: 'uint16', intercept: -1000 });
  assert.deepEqual([...levelsOf(Uint16Array.of(0, 1001, 1002, 65_535), unsigned, curve, true)], [255, 0, 255, 127]);
  const sigmoid: ShownWindow = { name: '', center: 40, width: 400, function: 'SIGMOID' };
  // pydicom 3.0.2: 30.397, 127.5, 224.603.
  assert.deepEqual([...levelsOf(Int16Array.of(-160, 40, 240), frame(), sigmoid, false)], [30, 128, 225]);
});

test('a large image, whose words come from a table, is drawn as a small one, value by value', () => {
  const kinds = [
    Int16Array.from({ length: 65_536 }, (_, n) => n - 32_768),
    Uint16Array.from({ length: 65_536 }, (_, n) => n),
    Int8Array.from({ length: 65_536 }, (_, n) => n),
    Uint8Array.from({ length: 65_536 }, (_, n) => n),
  ];
  const draw = (pixels: (typeof kinds)[number], edges: readonly [number, number]): Uint32Array => {
    const out = new Uint32Array(pixels.length);
    windowed(
      { key: '', image: { columns: pixels.length, rows: 1, pixelSize: [1, 1] }, rgb: false, pixels, edges },
      out,
    );
    return out;
  };
  for (const every of kinds)
    for (const edges of [
      [-160, 240],
      [240, -160],
      [-1350.5, 150.25],
      [12, 12],
      [0.2, 0.7],
      [-40_000, 40_000],
      [-90_000, -50_000],
      [50_000, 90_000],
      [32_767, 32_768],
      [-128, 127],
    ] as const) {
      const large = draw(every, edges);
      for (const from of [0, 32_768])
        assert.deepEqual(
          large.subarray(from, from + 32_768),
          draw(every.slice(from, from + 32_768), edges),
          `${edges}`,
        );
    }
});
