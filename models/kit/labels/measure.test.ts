import assert from 'node:assert/strict';
import { test } from 'node:test';
import { affineOf } from '../geometry.ts';
import { seeded } from '../random.ts';
import { measureLabels, measureSlice, voxelMl } from './measure.ts';

test('count, bounds and largest slice are those of looking at every voxel', () => {
  const random = seeded('measure').next;
  const [columns, rows, count] = [13, 7, 9];
  for (let round = 0; round < 40; round++) {
    const slices = Array.from({ length: count }, () =>
      Uint8Array.from({ length: columns * rows }, () =>
        random() < 0.9 ? 0 : ([1, 7, 255][Math.floor(random() * 3)] ?? 0),
      ),
    );
    const found = measureLabels(slices.map((slice) => measureSlice(slice, columns)));
    for (const value of [1, 2, 7, 255]) {
      const at: [number, number, number][] = [];
      const inSlice = slices.map(() => 0);
      for (const [k, slice] of slices.entries())
        for (const [n, voxel] of slice.entries())
          if (voxel === value) {
            at.push([n % columns, Math.floor(n / columns), k]);
            inSlice[k] = (inSlice[k] ?? 0) + 1;
          }
      const one = found.get(value);
      if (at.length === 0) {
        assert.equal(one, undefined);
        continue;
      }
      const along = (axis: 0 | 1 | 2): number[] => at.map((v) => v[axis]);
      assert.deepEqual(one, {
        voxels: at.length,
        bounds: [
          ...([0, 1, 2] as const).map((axis) => Math.min(...along(axis))),
          ...([0, 1, 2] as const).map((axis) => Math.max(...along(axis)) + 1),
        ],
        largest: inSlice.indexOf(Math.max(...inSlice)),
      });
    }
  }
});

test('a voxel of an oblique grid has the volume of its edges', () => {
  const c = Math.SQRT1_2;
  assert.ok(Math.abs(voxelMl(affineOf([0, 0, 0], [c, c, 0], [-c, c, 0], [0, 0, -5], [0.5, 0.8])) - 0.002) < 1e-12);
});
