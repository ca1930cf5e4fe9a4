import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame, SeriesImages, VolumeShape } from '../../../preload/contract/index.ts';
import { unevenGapsMm } from './gaps.ts';

const none: VolumeShape = { kind: 'none', reason: 'a test' };
const at = (z: number, column: Frame['columnDirection'] = [0, 1, 0]): Frame => ({
  index: 0,
  instanceUid: '1.2',
  frameNumber: 1,
  rows: 1,
  columns: 1,
  format: 'uint8',
  byteOffset: 0,
  byteLength: 1,
  positionMm: [3, 4, z],
  rowDirection: [1, 0, 0],
  columnDirection: column,
  calibration: { kind: 'unknown', reason: 'a test' },
  slope: 1,
  intercept: 0,
  unit: '',
  windows: [],
  range: null,
  inverted: false,
});
const gaps = (frames: readonly Frame[], volume = none): readonly number[] | null =>
  unevenGapsMm({ frames: [...frames], volume } satisfies Pick<SeriesImages, 'frames' | 'volume'>);
const rounded = (values: readonly number[] | null): number[] | null =>
  values?.map((mm) => Math.round(mm * 100) / 100) ?? null;

test('gaps are told where they are uneven, along the images’ own normal', () => {
  assert.deepEqual(rounded(gaps([0, 1.14, 5.36, 12.74].map((z) => at(z)))), [1.14, 4.22, 7.38]);
  assert.deepEqual(rounded(gaps([9, 6, 0].map((z) => at(z)))), [3, 6]);
  const tilt = (20 * Math.PI) / 180;
  const column = [0, Math.cos(tilt), -Math.sin(tilt)] as const;
  assert.deepEqual(
    rounded(gaps([0, 10, 30].map((z) => at(z, column)))),
    [10, 20].map((mm) => Math.round(mm * Math.cos(tilt) * 100) / 100),
  );
});

test('nothing is said of even stacks, of images at one place, turned against each other or without a place', () => {
  assert.equal(gaps([0, 2, 4, 6].map((z) => at(z))), null);
  assert.equal(gaps([0, 2, 2, 6].map((z) => at(z))), null);
  assert.equal(gaps([at(0), at(2), at(9, [0, 0, 1])]), null);
  assert.equal(gaps([at(0), at(2), { ...at(9), positionMm: null }]), null);
  assert.equal(gaps([at(0), at(2)]), null);
});
