import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Affine } from '../../../preload/contract/index.ts';
import { cutInto, cutsOf, imageToVoxel, obliqueDegrees, planeOfFrames, STACK_CUT, voxelToImage } from './cut.ts';

// Axial CT, feet first in the stack: i to the left, j to the back, k to the head.
const AXIAL: Affine = [0.7, 0, 0, -100, 0, 0.7, 0, -120, 0, 0, 1.5, -300];
// Sagittal MR: i to the back, j to the feet, k to the left.
const SAGITTAL: Affine = [0, 0, 3, -40, 1, 0, 0, -120, 0, -1, 0, 200];

test('planes are shown as they are read: right of the patient at the left, front and head at the top', () => {
  const cuts = cutsOf(AXIAL);
  assert.deepEqual(cuts.axial, STACK_CUT);
  assert.deepEqual(cuts.coronal, { normal: 1, x: { axis: 0, reversed: false }, y: { axis: 2, reversed: true } });
  assert.deepEqual(cuts.sagittal, { normal: 0, x: { axis: 1, reversed: false }, y: { axis: 2, reversed: true } });
});

test('a sagittal acquisition has its frames in the sagittal plane', () => {
  assert.equal(planeOfFrames(SAGITTAL), 'sagittal');
  const cuts = cutsOf(SAGITTAL);
  assert.deepEqual(cuts.sagittal, STACK_CUT);
  assert.deepEqual(cuts.axial, { normal: 1, x: { axis: 2, reversed: false }, y: { axis: 0, reversed: false } });
});

test('obliqueness is the angle to the patient plane', () => {
  const c = Math.cos(Math.PI / 9);
  const s = Math.sin(Math.PI / 9);
  const tilted: Affine = [1, 0, 0, 0, 0, c, -s, 0, 0, s, c, 0];
  assert.ok(Math.abs(obliqueDegrees(tilted, 'axial') - 20) < 1e-9);
  assert.ok(obliqueDegrees(tilted, 'sagittal') < 1e-9);
});

test('the voxels of every plane stand where the mapping says', () => {
  const dims = [4, 3, 5] as const;
  // A voxel's value names it: i + 10 j + 100 k.
  const slices = Array.from({ length: dims[2] }, (_, k) =>
    Int16Array.from({ length: 12 }, (_, n) => (n % 4) + 10 * Math.floor(n / 4) + 100 * k),
  );
  for (const affine of [AXIAL, SAGITTAL]) {
    for (const cut of [STACK_CUT, ...Object.values(cutsOf(affine))]) {
      const columns = dims[cut.x.axis];
      const rows = dims[cut.y.axis];
      const out = new Int16Array(columns * rows);
      assert.equal(cutInto(slices, dims, cut, 1, out), true);
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const [i, j, k] = imageToVoxel(cut, dims, column + 0.5, row + 0.5, 1.5).map(Math.floor) as [
            number,
            number,
            number,
          ];
          assert.equal(out[row * columns + column], i + 10 * j + 100 * k);
          assert.deepEqual(voxelToImage(cut, dims, [i + 0.5, j + 0.5, k + 0.5]), [column + 0.5, row + 0.5]);
        }
      }
    }
  }
});

test('a plane through slices that have not come says so', () => {
  const dims = [2, 2, 3] as const;
  const slices = [Int16Array.of(1, 2, 3, 4), null, Int16Array.of(9, 10, 11, 12)];
  const out = new Int16Array(6);
  assert.equal(cutInto(slices, dims, cutsOf(AXIAL).coronal, 0, out), false);
  assert.deepEqual([...out], [9, 10, 0, 0, 1, 2]);
});
