import assert from 'node:assert/strict';
import { test } from 'node:test';
import { affineOf, type Vec3 } from '../../../models/kit/geometry.ts';
import type { Frame, SeriesImages } from '../../../preload/contract/index.ts';
import { cutLine, placeOfVoxel, planeOf, voxelAtPlace } from './link.ts';

type Placed = Pick<SeriesImages, 'frames' | 'volume'>;

const stack = (
  origin: Vec3,
  row: Vec3,
  column: Vec3,
  step: Vec3,
  spacingMm: readonly [number, number],
  dims: Vec3,
  volume: boolean,
  skip: readonly number[] = [],
): Placed => ({
  frames: Array.from({ length: dims[2] }, (_, k) => k)
    .filter((k) => !skip.includes(k))
    .map(
      (k, index) =>
        ({
          index,
          rows: dims[1],
          columns: dims[0],
          positionMm: [origin[0] + k * step[0], origin[1] + k * step[1], origin[2] + k * step[2]],
          rowDirection: row,
          columnDirection: column,
          calibration: { kind: 'known', spacingMm, source: '' },
        }) as unknown as Frame,
    ),
  volume: volume
    ? {
        kind: 'volume',
        dims,
        affineVoxelToPatient: affineOf(origin, row, column, step, spacingMm),
        format: 'int16',
        slope: 1,
        intercept: 0,
      }
    : { kind: 'none', reason: 'test' },
});
const axial = stack([-100, -80, 0], [1, 0, 0], [0, 1, 0], [0, 0, 3], [2, 1], [200, 80, 40], true);
// Feet first and finer, from the head down.
const turned = stack([90, -80, 120], [-1, 0, 0], [0, 1, 0], [0, 0, -1], [1, 1], [190, 160, 121], true);
const sagittal = stack([10, -80, 118], [0, 1, 0], [0, 0, -1], [4, 0, 0], [1, 1], [160, 119, 5], false);

test('a place is the same in millimetres, whatever the order, the spacing and the way the slices lie', () => {
  const mm = placeOfVoxel(axial, [110, 40, 20]);
  assert.deepEqual(mm, [10, 0, 60]);
  assert.ok(mm);
  assert.deepEqual(voxelAtPlace(turned, mm), [80, 80, 60]);
  assert.deepEqual(voxelAtPlace(sagittal, mm), [80, 58, 0]);
  assert.deepEqual(placeOfVoxel(sagittal, [80, 58, 0]), [10, 0, 60]);
  assert.deepEqual(voxelAtPlace(axial, [10, 0, 60]), [110, 40, 20]);
});

test('a series that does not reach a place does not pretend to', () => {
  assert.equal(voxelAtPlace(axial, [0, 0, 130]), null);
  assert.equal(voxelAtPlace(axial, [0, 0, -4]), null);
  assert.equal(voxelAtPlace(sagittal, [60, 0, 60]), null);
  // Beyond the image's edge the nearest pixel of the right slice.
  assert.deepEqual(voxelAtPlace(axial, [500, 0, 60]), [199, 40, 20]);
  const unknown = {
    ...axial,
    volume: { kind: 'none' as const, reason: '' },
    frames: axial.frames.map((f) => ({ ...f, positionMm: null })),
  };
  assert.equal(placeOfVoxel(unknown, [0, 0, 0]), null);
  assert.equal(voxelAtPlace(unknown, [0, 0, 0]), null);
});

test('a gap of missing slices is no slice', () => {
  const gap = stack([-100, -80, 0], [1, 0, 0], [0, 1, 0], [0, 0, 5], [1, 1], [200, 160, 20], false, [8, 9, 10, 11]);
  assert.deepEqual(voxelAtPlace(gap, [0, 0, 36])?.[2], 7);
  assert.equal(voxelAtPlace(gap, [0, 0, 62])?.[2], 8);
  assert.equal(voxelAtPlace(gap, [0, 0, 45]), null);
});

test('the line of another plane lies where the planes meet', () => {
  const image = planeOf(sagittal.frames[2]);
  const plane = planeOf(axial.frames[20]);
  assert.ok(image && plane);
  // z = 60 is 58 rows below z = 118; pixel centres are at half.
  assert.deepEqual(cutLine({ ...image, columns: 160, rows: 119 }, plane), [
    [0, 58.5],
    [160, 58.5],
  ]);
  const parallel = planeOf(turned.frames[3]);
  assert.ok(parallel);
  assert.equal(cutLine({ ...plane, columns: 200, rows: 80 }, parallel), null);
  const far = { ...plane, origin: [0, 0, 900] as Vec3 };
  assert.equal(cutLine({ ...image, columns: 160, rows: 119 }, far), null);
});
