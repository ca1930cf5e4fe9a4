import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Affine, type Vec3, voxelToPatient } from '../geometry.ts';
import type { VolumeStep } from '../manifest.ts';
import { backStrides, backTables, networkGrid, pointSteps, resampleToNetwork } from './volume.ts';

const steps = (spacingMm?: [number, number, number]): VolumeStep[] => [
  { step: 'modality' },
  { step: 'reorient', axes: 'LPS' },
  ...(spacingMm ? [{ step: 'resample' as const, spacingMm }] : []),
];
/** Axes of the series in the patient: each an axis and a sign; spacings and an origin. */
const GRIDS: readonly (readonly [string, Affine])[] = [
  ['axial, feet to head', [1, 0, 0, -20, 0, 1.5, 0, -10, 0, 0, 2, -30]],
  ['axial, head to feet', [1, 0, 0, -20, 0, 1.5, 0, -10, 0, 0, -2, 30]],
  ['prone', [-1, 0, 0, 20, 0, -1.5, 0, 10, 0, 0, 2, -30]],
  ['coronal', [1, 0, 0, -20, 0, 0, 2, -10, 0, -1.5, 0, 30]],
  ['sagittal', [0, 0, 2, -20, 1, 0, 0, -10, 0, -1.5, 0, 30]],
  ['oblique', [0.96, -0.28, 0, -20, 0.28, 0.96, 0, -10, 0, 0, 2, -30]],
];
const DIMS: Vec3 = [18, 14, 12];

/** Reads the series' value as a linear function of the patient's millimetres, which resampling must keep. */
const linear = ([x, y, z]: Vec3): number => 3 * x - 2 * y + 0.5 * z + 7;
const sliceOf =
  (affine: Affine) =>
  (k: number): Float32Array => {
    const out = new Float32Array(DIMS[0] * DIMS[1]);
    for (let j = 0; j < DIMS[1]; j++)
      for (let i = 0; i < DIMS[0]; i++) out[j * DIMS[0] + i] = linear(voxelToPatient(affine, [i, j, k]));
    return out;
  };

for (const [name, affine] of GRIDS) {
  test(`${name}: x grows to the patient's left, y to the back, z to the head, and places are kept`, () => {
    // enlarged, a linear function stays itself; shrunk, the widened filter is off by a part of a voxel
    for (const [wanted, tolerance] of [
      [undefined, 1e-3],
      [[0.9, 0.7, 0.8], 1e-3],
      [[2, 2, 3], 0.6],
    ] as const) {
      const grid = networkGrid(DIMS, affine, steps(wanted && [...wanted]));
      const a = grid.affineNetworkToPatient;
      assert.ok(a[0] > 0 && a[5] > 0 && a[10] > 0, 'axes point the LPS way');
      const values = resampleToNetwork(grid, sliceOf(affine));
      const [X, Y, Z] = grid.dims;
      // away from the clamped edges
      for (let z = 2; z < Z - 2; z++)
        for (let y = 2; y < Y - 2; y++)
          for (let x = 2; x < X - 2; x++) {
            const told = values[(z * Y + y) * X + x] ?? Number.NaN;
            assert.ok(Math.abs(told - linear(voxelToPatient(a, [x, y, z]))) < tolerance, `${name} ${x} ${y} ${z}`);
          }
    }
  });

  test(`${name}: a label comes back to the voxels around its place`, () => {
    const grid = networkGrid(DIMS, affine, steps([2, 2, 3]));
    const [ti, tj, tk] = backTables(grid);
    const [si, sj, sk] = backStrides(grid);
    const [X, Y] = grid.dims;
    for (const [i, j, k] of [
      [0, 0, 0],
      [5, 9, 3],
      [17, 13, 11],
    ] as const) {
      const n = (ti[i] ?? 0) * si + (tj[j] ?? 0) * sj + (tk[k] ?? 0) * sk;
      const network: Vec3 = [n % X, Math.floor(n / X) % Y, Math.floor(n / (X * Y))];
      const here = voxelToPatient(affine, [i, j, k]);
      const there = voxelToPatient(grid.affineNetworkToPatient, network);
      // within half a network voxel along each of its axes, and the last voxel may stick out by half a voxel
      assert.ok(Math.hypot(here[0] - there[0], here[1] - there[1], here[2] - there[2]) <= Math.hypot(1, 1, 1.5) * 1.35);
    }
  });
}

test('windowed and normalised values, and what air becomes', () => {
  const data = Float32Array.from([-2000, -1000, -200, 600, 5000]);
  const air = pointSteps(data, [
    { step: 'window', low: -1000, high: 600 },
    { step: 'normalise', mean: 0.5, deviation: 0.25 },
  ]);
  assert.deepEqual([...data], [-2, -2, 0, 2, 2]);
  assert.equal(air, -2);
});
