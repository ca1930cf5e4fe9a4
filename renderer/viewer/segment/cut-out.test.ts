import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vec3 } from '../../../models/kit/geometry.ts';
import { seeded } from '../../../models/kit/random.ts';
import { type Axis, type Cut, voxelToImage } from '../view/cut.ts';
import { throughPlane, withinOutline } from './cut-out.ts';
import { mayOver, Stroke } from './stroke.ts';

const random = seeded('scissors');

test('an outline cuts the voxels under it, in any plane and however it is turned, here or in all slices', () => {
  for (let round = 0; round < 80; round++) {
    const dims: Vec3 = [random.integer(3, 9), random.integer(3, 8), random.integer(3, 7)];
    const normal = random.integer(0, 2) as Axis;
    const [a, b] = ([0, 1, 2] as const).filter((axis) => axis !== normal) as [Axis, Axis];
    const [first, second] = random.next() < 0.5 ? [a, b] : [b, a];
    const cut: Cut = {
      normal,
      x: { axis: first, reversed: random.next() < 0.5 },
      y: { axis: second, reversed: random.next() < 0.5 },
    };
    const [columns, rows] = [dims[cut.x.axis], dims[cut.y.axis]];
    const points = Array.from({ length: random.integer(3, 6) }, () => {
      return [random.between(-1, columns + 1), random.between(-1, rows + 1)] as const;
    });
    const mask = withinOutline(points, columns, rows);
    const slices = Array.from({ length: dims[2] }, () =>
      new Uint8Array(dims[0] * dims[1]).map(() => random.integer(0, 2)),
    );
    const before = slices.map((slice) => slice.slice());
    const wanted = round % 2 === 0 ? 1 : 0;
    const index = random.integer(0, dims[normal] - 1);
    const box: [number, number, number, number, number, number] = [0, 0, 0, ...dims];
    if (round % 3 !== 0) {
      box[normal] = index;
      box[normal + 3] = index + 1;
    }
    const stroke = new Stroke(
      { dims, slices },
      { value: 0, may: mayOver({ locked: new Set(), only: [1] }), within: null },
    );
    throughPlane(stroke, cut, mask, wanted, box);
    for (let k = 0; k < dims[2]; k++)
      for (let j = 0; j < dims[1]; j++)
        for (let i = 0; i < dims[0]; i++) {
          const at = j * dims[0] + i;
          const [x, y] = voxelToImage(cut, dims, [i + 0.5, j + 0.5, k + 0.5]);
          const inside = mask[Math.floor(y) * columns + Math.floor(x)] === wanted;
          const here = round % 3 === 0 || [i, j, k][normal] === index;
          const was = before[k]?.[at];
          assert.equal(slices[k]?.[at], inside && here && was === 1 ? 0 : was, `${round}: ${i} ${j} ${k}`);
        }
  }
});
