import assert from 'node:assert/strict';
import { test } from 'node:test';
import { place, turnedBy, UPRIGHT } from '../view/camera.ts';
import { isDrawn, valuesIn, windowOfValues } from './region-window.ts';

const image = { columns: 20, rows: 10, pixelSize: [1, 1] as const };
/** Value = column + 100 * row. */
const pixels = Int16Array.from({ length: 200 }, (_, n) => (n % 20) + 100 * Math.floor(n / 20));
/** Ten canvas pixels to one of the image. */
const upright = place(image, UPRIGHT, 200, 100);

test('pixels whose middles are in the rectangle, whichever way it was drawn', () => {
  const expected = [203, 204, 303, 304];
  assert.deepEqual([...valuesIn(pixels, image, upright, [30, 20, 50, 40], undefined)], expected);
  assert.deepEqual([...valuesIn(pixels, image, upright, [50, 40, 30, 20], undefined)], expected);
  assert.deepEqual([...valuesIn(pixels, image, upright, [34, 24, 46, 36], undefined)], expected);
  assert.deepEqual([...valuesIn(pixels, image, upright, [36, 24, 46, 36], undefined)], [204, 304]);
  assert.equal(valuesIn(pixels, image, upright, [300, 20, 400, 40], undefined).length, 0);
});

test('fill is left out, and a turned image is asked where the rectangle is on the screen', () => {
  assert.deepEqual([...valuesIn(pixels, image, upright, [30, 20, 50, 40], [300, 303])], [203, 204, 304]);
  const half = place(image, turnedBy(UPRIGHT, 180), 200, 100);
  // What lay at columns 3 and 4 of rows 2 and 3 lies across the middle now.
  assert.deepEqual([...valuesIn(pixels, image, half, [150, 60, 170, 80], undefined)], [203, 204, 303, 304]);
  const skew = place(image, turnedBy(UPRIGHT, 45), 200, 100);
  const values = valuesIn(pixels, image, skew, [90, 40, 110, 60], undefined);
  assert.ok(values.length >= 3 && values.length <= 5, `${values}`);
});

test('a large region is sampled, and the sample has the same ends', () => {
  const large = { columns: 1000, rows: 1000, pixelSize: [1, 1] as const };
  const ramp = Float32Array.from({ length: 1_000_000 }, (_, n) => Math.floor(n / 1000));
  const values = valuesIn(ramp, large, place(large, UPRIGHT, 1000, 1000), [0, 0, 1000, 1000], undefined);
  assert.ok(values.length > 40_000 && values.length <= 65_536, `${values.length}`);
  const window = windowOfValues(values, { slope: 1, intercept: 0 }, null);
  assert.ok(Math.abs((window?.width ?? 0) - 980) < 6 && Math.abs((window?.center ?? 0) - 500) < 6);
});

test('the window is in modality values, from the 1st to the 99th percentile', () => {
  const values = Float64Array.from({ length: 101 }, (_, n) => n);
  assert.deepEqual(windowOfValues(values, { slope: 2, intercept: -1000 }, null), {
    name: 'Region',
    center: -900,
    width: 196,
    function: 'LINEAR_EXACT',
  });
  assert.equal(windowOfValues(values, { slope: -2, intercept: 0 }, null)?.width, 196);
  assert.equal(windowOfValues(new Float64Array(), { slope: 1, intercept: 0 }, null), null);
  const flat = windowOfValues(Float64Array.of(7, 7), { slope: 1, intercept: 1 }, { name: '', center: 0, width: 80 });
  assert.deepEqual([flat?.center, flat?.width], [8, 80]);
});

test('a press is no rectangle', () => {
  assert.equal(isDrawn([10, 10, 12, 40]), false);
  assert.equal(isDrawn([10, 10, 2, 40]), true);
});
