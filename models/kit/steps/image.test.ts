import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boxToImage, type PreparedImage, percentiles, prepareImage, type StoredFrame } from './image.ts';

const frame = (values: number[], columns: number, more: Partial<StoredFrame> = {}): StoredFrame => ({
  stored: Uint16Array.from(values),
  columns,
  rows: values.length / columns,
  slope: 1,
  intercept: 0,
  inverted: false,
  ...more,
});
const list = (image: PreparedImage): number[] => Array.from(image.data, (v) => Number(v.toFixed(4)));

test('modality values, inversion only where the file says so', () => {
  assert.deepEqual(
    list(prepareImage(frame([1, 2, 3, 4], 2, { slope: 2, intercept: -10 }), [{ step: 'modality' }])),
    [-8, -6, -4, -2],
  );
  const steps = [{ step: 'modality' as const }, { step: 'invert-monochrome1' as const }];
  assert.deepEqual(list(prepareImage(frame([1, 2, 3, 9], 2, { inverted: true }), steps)), [9, 8, 7, 1]);
  assert.deepEqual(list(prepareImage(frame([1, 2, 3, 9], 2), steps)), [1, 2, 3, 9]);
});

test('letterbox keeps the aspect, centres, and its padding is neither windowed nor counted', () => {
  // 2 rows of 4 columns into 4 x 4: one row of padding above and below
  const image = prepareImage(frame([100, 200, 300, 400, 100, 200, 300, 400], 4), [
    { step: 'modality' },
    { step: 'letterbox', size: 4 },
    { step: 'percentile-window', low: 0, high: 100 },
  ]);
  assert.deepEqual(image.content, [0, 1, 4, 3]);
  assert.deepEqual(list(image).slice(0, 4), [0, 0, 0, 0]);
  assert.deepEqual(list(image).slice(4, 8), [0, 0.3333, 0.6667, 1]);
  assert.deepEqual(list(image).slice(12), [0, 0, 0, 0]);
});

test('boxes come back to the pixels that they came from', () => {
  for (const [columns, rows, size] of [
    [300, 200, 64],
    [200, 301, 64],
    [50, 40, 128],
  ] as const) {
    const image = prepareImage(frame(new Array(columns * rows).fill(5), columns), [{ step: 'letterbox', size }]);
    const [x, y, w, h] = [columns * 0.25, rows * 0.5, columns * 0.5, rows * 0.25];
    const at = (v: number, axis: 0 | 1): number => v * image.scale[axis] + image.shift[axis];
    const back = boxToImage(image, { columns, rows }, [at(x, 0), at(y, 1), at(x + w, 0), at(y + h, 1)]);
    assert.ok(back);
    for (const [n, value] of [x, y, x + w, y + h].entries()) assert.ok(Math.abs((back[n] ?? 0) - value) < 1e-6);
    assert.equal(boxToImage(image, { columns, rows }, [-50, -50, -20, -20]), null);
  }
});

test("percentiles are numpy's", () => {
  // numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], [0, 25, 50, 90, 100])
  const values = Float32Array.from([3, 1, 4, 1, 5, 9, 2, 6]);
  const found = percentiles(values, [0, 25, 50, 90, 100]);
  for (const [n, value] of [1, 1.75, 3.5, 6.9, 9].entries()) assert.ok(Math.abs((found[n] ?? 0) - value) < 1e-5);
});

test('a short frame and numbers that are not finite are refused', () => {
  assert.throws(() => prepareImage({ ...frame([1, 2], 2), rows: 4 }, []), /fewer pixels/);
  const broken = { ...frame([1, 2], 2), stored: Float32Array.from([1, Number.NaN]) };
  assert.throws(() => prepareImage(broken, [{ step: 'modality' }]), /not finite/);
});
