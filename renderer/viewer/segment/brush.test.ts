import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vec3 } from '../../../models/kit/geometry.ts';
import { applyDifference } from '../../../models/kit/labels/difference.ts';
import { seeded } from '../../../models/kit/random.ts';
import { type BrushShape, sweep } from './brush.ts';
import { mayOver, Stroke } from './stroke.ts';

const DIMS: Vec3 = [40, 30, 6];
const empty = () => ({ dims: DIMS, slices: Array.from({ length: DIMS[2] }, () => new Uint8Array(DIMS[0] * DIMS[1])) });
const marked = (shape: BrushShape, from: Vec3, to: Vec3): Set<string> => {
  const found = new Set<string>();
  sweep(DIMS, shape, from, to, (k, y, x0, x1) => {
    for (let x = x0; x < x1; x++)
      if (x >= 0 && x < DIMS[0] && y >= 0 && y < DIMS[1] && k >= 0 && k < DIMS[2]) found.add(`${x} ${y} ${k}`);
  });
  return found;
};

test('a sweep marks the voxels whose middle is within the radius of the way, in millimetres', () => {
  const random = seeded('brush');
  for (let round = 0; round < 12; round++) {
    const spacing: Vec3 = [random.between(0.4, 2), random.between(0.4, 2), random.between(0.4, 6)];
    const normal = ([0, 1, 2, null] as const)[round % 4] ?? null;
    const shape = { radius: random.between(0.2, 6), spacing, normal };
    const point = (): [number, number, number] => [random.between(0, 40), random.between(0, 30), random.between(0, 6)];
    const from = point();
    const to = point();
    if (normal !== null) to[normal] = from[normal];
    const mm = (v: Vec3): Vec3 => [v[0] * spacing[0], v[1] * spacing[1], v[2] * spacing[2]];
    const expected = new Set<string>();
    for (let z = 0; z < DIMS[2]; z++)
      for (let y = 0; y < DIMS[1]; y++)
        for (let x = 0; x < DIMS[0]; x++) {
          const voxel = [x, y, z] as const;
          if (normal !== null && voxel[normal] !== Math.floor(from[normal])) continue;
          const middle = [x + 0.5, y + 0.5, z + 0.5].map((v, axis) => (axis === normal ? from[axis] : v)) as [
            number,
            number,
            number,
          ];
          const [p, a, b] = [mm(middle), mm(from), mm(to)];
          let nearest = Infinity;
          // The way in small steps: a slower way to the same distance.
          for (let n = 0; n <= 150; n++) {
            const t = n / 150;
            nearest = Math.min(
              nearest,
              Math.hypot(...p.map((v, axis) => v - (a[axis] ?? 0) - t * ((b[axis] ?? 0) - (a[axis] ?? 0)))),
            );
            if (nearest <= shape.radius) break;
          }
          if (nearest <= shape.radius) expected.add(`${x} ${y} ${z}`);
        }
    for (const [x, y, z] of [from, to]) expected.add(`${Math.floor(x)} ${Math.floor(y)} ${Math.floor(z)}`);
    const found = marked(shape, from, to);
    const extra = [...found].filter((voxel) => !expected.has(voxel));
    const missing = [...expected].filter((voxel) => !found.has(voxel));
    // Steps of the way are finite: a voxel exactly on the rim may be missed by them, never the other way round.
    assert.ok(extra.length <= 2, `round ${round}: ${extra.length} too many`);
    assert.deepEqual(missing, [], `round ${round}`);
  }
});

test('the smallest brush marks the voxel under it', () => {
  assert.deepEqual(
    [...marked({ radius: 0.01, spacing: [1, 1, 1], normal: 2 }, [3.9, 4.1, 5.5], [3.9, 4.1, 5.5])],
    ['3 4 5'],
  );
});

test('locked labels stay, an eraser takes its own only, a range is heeded, and all of it can be taken back', () => {
  const labels = empty();
  labels.slices[5]?.fill(3, 0, 200);
  labels.slices[5]?.fill(4, 200, 400);
  const locked = new Set([3]);
  const stroke = new Stroke(labels, { value: 1, may: mayOver({ locked }), within: (_k, at) => at % 2 === 0 });
  for (let y = 0; y < 20; y++) stroke.span(5, y, -5, 60);
  const slice = labels.slices[5] ?? new Uint8Array();
  assert.ok(slice.subarray(0, 200).every((value) => value === 3));
  assert.ok(slice.subarray(200, 800).every((value, n) => value === (n % 2 === 0 ? 1 : n < 200 ? 4 : 0)));
  const difference = stroke.difference();
  assert.ok(difference);
  assert.equal(stroke.changed, 300);
  const eraser = new Stroke(labels, { value: 0, may: mayOver({ locked, only: [1] }), within: null });
  for (let y = 0; y < 30; y++) eraser.span(5, y, 0, 40);
  assert.ok(!slice.includes(1) && slice.includes(4) && slice.includes(3));
  eraser.cancel();
  assert.equal(slice.filter((value) => value === 1).length, 300);
  assert.equal(
    applyDifference(difference, 'backward', (k) => labels.slices[k] ?? null),
    0,
  );
  assert.ok(slice.subarray(200, 400).every((value) => value === 4));
});
