import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blendWeights, createBlender, cutPatch, planWindows } from './window.ts';

/** A network that answers its input and its negative: [2, z, y, x]. */
const echo = (patch: Float32Array): Float32Array => {
  const out = new Float32Array(patch.length * 2);
  out.set(patch);
  out.set(
    patch.map((v) => -v),
    patch.length,
  );
  return out;
};

for (const blend of ['gaussian', 'constant'] as const)
  test(`patches blend to the volume itself (${blend}), larger and smaller than a patch`, () => {
    for (const dims of [
      [21, 17, 13],
      [5, 17, 30],
      [6, 6, 6],
      [3, 4, 5],
    ] as const) {
      const plan = planWindows(dims, [8, 6, 7], 0.4);
      const [X, Y, Z] = dims;
      const volume = Float32Array.from({ length: X * Y * Z }, (_, n) => Math.sin(n * 1.7) * 10);
      const seen = new Float32Array(volume.length).fill(Number.NaN);
      const planes: number[] = [];
      const blender = createBlender(plan, 2, blend, (paddedZ, mean) => {
        const z = paddedZ - plan.before[2];
        const area = plan.padded[0] * plan.padded[1];
        if (z < 0 || z >= Z) return;
        planes.push(z);
        for (let y = 0; y < Y; y++)
          for (let x = 0; x < X; x++) {
            const at = (y + plan.before[1]) * plan.padded[0] + x + plan.before[0];
            assert.ok((mean[area + at] ?? 9) + (mean[at] ?? 9) === 0);
            seen[(z * Y + y) * X + x] = mean[at] ?? 0;
          }
      });
      for (const corner of plan.corners) blender.add(corner, echo(cutPatch(plan, volume, corner, -99)));
      blender.finish();
      assert.deepEqual(
        planes,
        Array.from({ length: Z }, (_, n) => n),
        'each plane once, in order',
      );
      for (const [n, value] of volume.entries()) assert.ok(Math.abs((seen[n] ?? 0) - value) < 1e-4);
    }
  });

test('outside the volume a patch holds air', () => {
  const plan = planWindows([2, 2, 2], [4, 4, 4], 0.5);
  const patch = cutPatch(plan, new Float32Array(8).fill(1), [0, 0, 0], -7);
  assert.equal(patch.filter((v) => v === 1).length, 8);
  assert.equal(patch.filter((v) => v === -7).length, 56);
  // centred
  assert.equal(patch[1 + 4 * (1 + 4 * 1)], 1);
});

test('the last patch ends where the volume does, and weights are symmetric', () => {
  const plan = planWindows([100, 10, 10], [32, 10, 10], 0.25);
  const xs = plan.corners.map(([x]) => x);
  assert.equal(Math.max(...xs), 68);
  for (let x = 0; x < 100; x++) assert.ok(xs.some((from) => from <= x && x < from + 32));
  const w = blendWeights(7, 'gaussian');
  assert.equal(w[0], w[6]);
  assert.ok((w[3] ?? 0) > (w[0] ?? 0));
});
