import assert from 'node:assert/strict';
import { test } from 'node:test';
import { affineOf, type Vec3, voxelToPatient } from '../../../models/kit/geometry.ts';
import { cutsOf, PLANES } from './cut.ts';
import { freePlane, ownTurn, patientAt } from './free-plane.ts';
import { laidOf } from './plane-pixels.ts';
import { finish, sampleImage } from './sample.ts';
import { gatherPlanes, reachOf, SLAB_KINDS, slabWords } from './slab.ts';

const dims: Vec3 = [12, 12, 12];
const value = (i: number, j: number, k: number): number => ((i * 7 + j * 13 + k * 29) % 101) - 30;
const slices = Array.from({ length: dims[2] }, (_, k) =>
  Int16Array.from({ length: dims[0] * dims[1] }, (_, n) => value(n % dims[0], Math.floor(n / dims[0]), k)),
);
const AFFINE = affineOf([0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1]);
const combine = {
  mip: (all: readonly number[]) => Math.max(...all),
  minip: (all: readonly number[]) => Math.min(...all),
  mean: (all: readonly number[]) => all.reduce((sum, one) => sum + one, 0) / all.length,
} as const;

test('a slab takes the planes whose middles lie within it', () => {
  assert.equal(reachOf({ kind: 'mip', thicknessMm: 10 }, 1), 5);
  assert.equal(reachOf({ kind: 'mip', thicknessMm: 10 }, 2.5), 2);
  assert.equal(reachOf({ kind: 'mip', thicknessMm: 10 }, 3), 1);
  assert.equal(reachOf({ kind: 'mip', thicknessMm: 1 }, 5), 0);
  assert.equal(slabWords({ kind: 'mip', thicknessMm: 10 }, 2.5), 'MIP 10.0 mm (5 planes)');
  assert.equal(slabWords({ kind: 'mean', thicknessMm: 1 }, 5), 'Mean 1.0 mm (one plane)');
});

test('along the volume’s axes a slab is made of its voxels, in every direction and kind', () => {
  for (const id of PLANES)
    for (const kind of SLAB_KINDS) {
      const cut = cutsOf(AFFINE)[id];
      const index = 3;
      const { values, whole } = finish(gatherPlanes({ slices, dims, cut, index, kind, reach: 2, padding: undefined }));
      assert.ok(whole);
      const columns = dims[cut.x.axis];
      for (let n = 0; n < values.length; n++) {
        const v = [0, 0, 0];
        const [x, y] = [n % columns, Math.floor(n / columns)];
        v[cut.x.axis] = cut.x.reversed ? columns - 1 - x : x;
        v[cut.y.axis] = cut.y.reversed ? dims[cut.y.axis] - 1 - y : y;
        const behind = [1, 2, 3, 4, 5].map((at) => {
          v[cut.normal] = at;
          return value(v[0] ?? 0, v[1] ?? 0, v[2] ?? 0);
        });
        assert.ok(Math.abs((values[n] ?? 0) - combine[kind](behind)) < 1e-4);
      }
    }
});

test('fill and slices that have not come are left out; at the volume’s end there are fewer', () => {
  const cut = cutsOf(AFFINE).axial;
  const holed = slices.map((slice, k) => (k === 1 ? null : slice));
  const found = finish(
    gatherPlanes({
      slices: holed,
      dims,
      cut,
      index: 0,
      kind: 'minip',
      reach: 2,
      padding: [value(0, 0, 0), value(0, 0, 0)],
    }),
  );
  assert.equal(found.whole, false);
  assert.equal(found.values[0], value(0, 0, 2));
  const last = finish(gatherPlanes({ slices, dims, cut, index: 11, kind: 'mip', reach: 2, padding: undefined }));
  assert.equal(last.values[0], Math.max(...[9, 10, 11].map((k) => value(0, 0, k))));
});

test('a slab of a sampled plane along the axes is the slab of its voxels', () => {
  const turn = ownTurn(AFFINE, cutsOf(AFFINE).axial);
  const plane = freePlane({ dims, affineVoxelToPatient: AFFINE }, turn, voxelToPatient(AFFINE, [4, 4, 6]));
  const laid = laidOf(plane, AFFINE);
  for (const kind of SLAB_KINDS) {
    const values = finish(sampleImage({ slices, dims }, laid, { kind, reach: 3, step: [0, 0, 1] }));
    let compared = 0;
    for (let n = 0; n < values.length; n++) {
      const [i, j] = patientAt(plane, (n % plane.columns) + 0.5, Math.floor(n / plane.columns) + 0.5);
      if (!Number.isInteger(i) || !Number.isInteger(j) || i < 0 || j < 0 || i >= dims[0] || j >= dims[1]) continue;
      const behind = [3, 4, 5, 6, 7, 8, 9].map((k) => value(i, j, k));
      assert.ok(Math.abs((values[n] ?? 0) - combine[kind](behind)) < 1e-4);
      compared++;
    }
    assert.equal(compared, dims[0] * dims[1]);
  }
});
