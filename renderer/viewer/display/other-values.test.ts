import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame, RealWorldValue, SeriesImages } from '../../../preload/contract/index.ts';
import { figures, realWorldOf, realWorldTexts, suvText } from './other-values.ts';

const suv: RealWorldValue = { name: 'SUVbw', unit: 'g/ml{SUVbw}', first: 0, last: 1000, slope: 0.01, intercept: 0.5 };
const imagesOf = (...all: (readonly RealWorldValue[])[]): SeriesImages =>
  ({ frames: all.map((realWorld) => ({ realWorld })) }) as unknown as SeriesImages;

test('a value has its name and unit, and none outside of what the file speaks of', () => {
  assert.equal(realWorldOf(suv, 100), 1.5);
  assert.equal(realWorldOf(suv, 1001), null);
  const table: RealWorldValue = { ...suv, first: 5, last: 7, slope: 1, intercept: 0, table: [9, 8, 7.25] };
  assert.deepEqual(
    [4, 5, 7, 8].map((stored) => realWorldOf(table, stored)),
    [null, 9, 7.25, null],
  );
  const images = imagesOf([suv, table]);
  assert.deepEqual(realWorldTexts(images, images.frames[0] as Frame, 6, false), [
    'SUVbw 0.56 g/ml{SUVbw}',
    'SUVbw 8 g/ml{SUVbw}',
  ]);
});

test('a plane across images has it only where all of them agree', () => {
  const same = imagesOf([suv], [suv]);
  const other = imagesOf([suv], [{ ...suv, slope: 0.02 }]);
  assert.equal(realWorldTexts(same, same.frames[0] as Frame, 100, true).length, 1);
  assert.equal(realWorldTexts(other, other.frames[0] as Frame, 100, true).length, 0);
  assert.equal(realWorldTexts(other, other.frames[1] as Frame, 100, false)[0], 'SUVbw 2.5 g/ml{SUVbw}');
});

test('uptake is said where it is certain', () => {
  assert.equal(suvText(0.0005, 5000), 'SUVbw 2.5');
  assert.equal(suvText(null, 5000), null);
});

test('figures', () => {
  assert.deepEqual([0, 1.23456, -0.00012345, 12345.6, 98765432].map(figures), [
    '0',
    '1.235',
    '-1.234e-4',
    '12345.6',
    '9.877e+7',
  ]);
});
