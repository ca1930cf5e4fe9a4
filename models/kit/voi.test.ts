import assert from 'node:assert/strict';
import { test } from 'node:test';
import { greyOf, isCurve, type Voi, windowEdges, windowOfTable } from './voi.ts';

const VALUES = [-2000, -1000, -161, -160, -100, 0, 39, 40, 41, 239, 240, 500];

/** Greys 0 to 255 of VALUES, by pydicom 3.0.2: apply_windowing of int16, its range brought to 255. */
const PYDICOM: readonly { readonly voi: Voi; readonly greys: readonly number[] }[] = [
  {
    voi: { center: 40, width: 400 },
    greys: [0, 0, 0, 0, 38.346, 102.256, 127.18, 127.82, 128.459, 255, 255, 255],
  },
  { voi: { center: 40, width: 1, function: 'LINEAR' }, greys: [0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255] },
  { voi: { center: 0.5, width: 2 }, greys: [0, 0, 0, 0, 0, 127.5, 255, 255, 255, 255, 255, 255] },
  {
    voi: { center: 40, width: 400, function: 'LINEAR_EXACT' },
    greys: [0, 0, 0, 0, 38.25, 102, 126.862, 127.5, 128.137, 254.363, 255, 255],
  },
  {
    voi: { center: 40, width: 1, function: 'LINEAR_EXACT' },
    greys: [0, 0, 0, 0, 0, 0, 0, 127.5, 255, 255, 255, 255],
  },
  {
    voi: { center: 40, width: 400, function: 'SIGMOID' },
    greys: [0, 0.008, 30.13, 30.397, 50.443, 102.335, 126.863, 127.5, 128.137, 224.335, 224.603, 252.462],
  },
  {
    voi: { center: 0.5, width: 2, function: 'SIGMOID' },
    greys: [0, 0, 0, 0, 0, 68.58, 255, 255, 255, 255, 255, 255],
  },
];

test('greys of a window are those of pydicom: linear, exact, sigmoid', () => {
  for (const { voi, greys } of PYDICOM) {
    const grey = greyOf(voi, null);
    for (const [n, value] of VALUES.entries())
      assert.ok(
        Math.abs(grey(value) * 255 - (greys[n] ?? Number.NaN)) < 0.51 / 256,
        `${voi.function} ${voi.center}/${voi.width}: ${value} is ${grey(value) * 255}, not ${greys[n]}`,
      );
  }
});

test('PS3.3 C.11.2.1.2.1, examples of edges', () => {
  assert.deepEqual(windowEdges({ center: 2048, width: 4096 }), [0, 4095]);
  assert.deepEqual(windowEdges({ center: 2048, width: 1 }), [2047.5, 2047.5]);
  assert.deepEqual(windowEdges({ center: 0, width: 100 }), [-50, 49]);
  assert.deepEqual(windowEdges({ center: 0, width: 100, function: 'LINEAR_EXACT' }), [-50, 50]);
  assert.ok(!isCurve({ center: 0, width: 1 }, null) && isCurve({ center: 0, width: 1, function: 'SIGMOID' }, null));
});

test('a table gives each value its entry, as pydicom does, and is stretched over another window', () => {
  const table = { first: -2, bits: 12, values: Uint16Array.of(0, 10, 100, 1000, 2000, 4095) };
  const own = windowOfTable(table);
  assert.deepEqual(own, { center: 0.5, width: 5 });
  const grey = greyOf(own, table);
  assert.deepEqual(
    [-10, -2, -1, 0, 1, 2, 3, 50].map((value) => Math.round(grey(value) * 4095)),
    [0, 0, 10, 100, 1000, 2000, 4095, 4095],
  );
  const wider = greyOf({ center: 0, width: 500 }, table);
  assert.deepEqual(
    [-250, -150, -50, 50, 150, 250].map((value) => Math.round(wider(value) * 4095)),
    [0, 10, 100, 1000, 2000, 4095],
  );
  const single = { first: 7, bits: 8, values: Uint16Array.of(200) };
  assert.equal(Math.round(greyOf(windowOfTable(single), single)(7) * 255), 200);
});
