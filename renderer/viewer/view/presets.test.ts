import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../../preload/contract/index.ts';
import { windowed } from '../render/canvas-painter.ts';
import { openingWindow, presetsFor, tablesOf, windowEdges } from './presets.ts';

const frame = (more: Partial<Frame>): Frame => ({
  index: 0,
  instanceUid: '1.2',
  frameNumber: 1,
  rows: 1,
  columns: 5,
  format: 'int16',
  byteOffset: 0,
  byteLength: 10,
  positionMm: null,
  rowDirection: null,
  columnDirection: null,
  calibration: { kind: 'unknown', reason: 'a test' },
  slope: 1,
  intercept: 0,
  unit: '',
  windows: [],
  range: null,
  inverted: false,
  ...more,
});

test('the file’s window comes first, then soft tissue for HU, then the range of values', () => {
  const file = { center: -450, width: 2000, name: '' };
  assert.equal(openingWindow(frame({ unit: 'HU', windows: [file] }), null)?.width, 2000);
  assert.equal(openingWindow(frame({ unit: 'HU' }), null)?.name, 'Soft tissue');
  assert.deepEqual(openingWindow(frame({ slope: 2, intercept: 1 }), [0, 100]), {
    name: 'Whole range',
    center: 101,
    width: 200,
    function: 'LINEAR_EXACT',
  });
  assert.equal(openingWindow(frame({}), null), null);
  assert.equal(openingWindow(frame({ format: 'uint8' }), [3, 9])?.name, 'As stored');
});

test('tables and functions of the file are offered by name, each with its own curve', () => {
  const tables = tablesOf([{ first: -5, bits: 12, values: btoa('\u0001\u0002\u00ff\u000f') }]);
  assert.deepEqual(tables, [{ first: -5, bits: 12, values: Uint16Array.of(0x0201, 0x0fff) }]);
  const given = frame({
    windows: [
      { center: -4.5, width: 1, name: 'HARD', table: 0 },
      { center: 40, width: 400, name: '', function: 'SIGMOID' },
      { center: 50, width: 500, name: '' },
    ],
  });
  assert.deepEqual(
    presetsFor(given, null, tables).map((preset) => [preset.name, preset.curve?.first, preset.function]),
    [
      ['File: HARD', -5, undefined],
      ['File: sigmoid', undefined, 'SIGMOID'],
      ['File 3', undefined, undefined],
    ],
  );
  assert.equal(openingWindow(given, null, tables)?.curve, tables[0]);
});

test('presets in HU are offered only where the unit is HU', () => {
  assert.ok(presetsFor(frame({ unit: 'HU' }), null).some((preset) => preset.name === 'Lung'));
  assert.ok(!presetsFor(frame({}), [0, 1]).some((preset) => preset.name === 'Lung'));
});

test('greys are those of the DICOM window, inverted where the edges are', () => {
  // PS3.3 C.11.2.1.2.1, example: c = 2048, w = 4096 maps 0 to 4095 onto the whole range.
  assert.deepEqual(windowEdges({ center: 2048, width: 4096 }), [0, 4095]);
  const image = { columns: 5, rows: 1, pixelSize: [1, 1] as const };
  const pixels = Int16Array.of(-100, 0, 60, 100, 500);
  const out = new Uint32Array(5);
  const greys = (): number[] => [...out].map((word) => word & 255);
  windowed({ key: '', image, rgb: false, pixels, edges: [0, 100] }, out);
  assert.deepEqual(greys(), [0, 0, 153, 255, 255]);
  windowed({ key: '', image, rgb: false, pixels, edges: [100, 0] }, out);
  assert.deepEqual(greys(), [255, 255, 102, 0, 0]);
  const colour = Uint8Array.of(0, 128, 255);
  const one = new Uint32Array(1);
  windowed({ key: '', image: { ...image, columns: 1 }, rgb: true, pixels: colour, edges: [0, 255] }, one);
  assert.equal(one[0], 0xffff8000);
});

test('where uptake is certain, windows from nothing to round SUV come last, in the values of the file', () => {
  const pet = frame({ unit: 'Bq/ml', windows: [{ center: 5000, width: 10_000, name: '' }] });
  const before = presetsFor(pet, [0, 9]);
  const presets = presetsFor(pet, [0, 9], [], 0.0005);
  assert.deepEqual(presets.slice(0, 2), before, 'keys keep their meaning');
  assert.deepEqual(presets[2], { name: 'SUVbw 0 to 5', center: 5000, width: 10_000, function: 'LINEAR_EXACT' });
  assert.deepEqual(windowEdges(presets[4] ?? { center: 0, width: 1 }), [0, 20_000]);
  assert.equal(presetsFor(pet, [0, 9], [], 0).length, 2);
});
