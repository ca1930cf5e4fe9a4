import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factorsFor, type Mesh, surfaceOf } from './surface.ts';

const ball = (dims: readonly [number, number, number], center: readonly number[], radius: number): Uint8Array => {
  const labels = new Uint8Array(dims[0] * dims[1] * dims[2]);
  for (let k = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++)
      for (let i = 0; i < dims[0]; i++) {
        const d = Math.hypot(i + 0.5 - (center[0] ?? 0), j + 0.5 - (center[1] ?? 0), k + 0.5 - (center[2] ?? 0));
        if (d <= radius) labels[i + dims[0] * (j + dims[1] * k)] = 3;
      }
  return labels;
};

/** Signed: positive where triangles are counterclockwise seen from outside. */
const volumeOf = ({ points, triangles }: Mesh): number => {
  let sum = 0;
  const p = (n: number, axis: number): number => points[(triangles[n] ?? 0) * 3 + axis] ?? 0;
  for (let n = 0; n < triangles.length; n += 3) {
    const [ax, ay, az] = [p(n, 0), p(n, 1), p(n, 2)];
    const [bx, by, bz] = [p(n + 1, 0), p(n + 1, 1), p(n + 1, 2)];
    const [cx, cy, cz] = [p(n + 2, 0), p(n + 2, 1), p(n + 2, 2)];
    sum += (ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)) / 6;
  }
  return sum;
};

test('a ball becomes a closed surface of its size, facing outward', () => {
  const dims = [40, 40, 40] as const;
  const mesh = surfaceOf(ball(dims, [20, 19, 21], 10), dims, 3, [10, 9, 11, 30, 29, 31], [1, 1, 1]);
  assert.ok(mesh);
  const volume = volumeOf(mesh);
  const truth = (4 / 3) * Math.PI * 1000;
  assert.ok(Math.abs(volume / truth - 1) < 0.08, `${volume} against ${truth}`);
  for (let n = 0; n < mesh.points.length; n += 3) {
    const r = Math.hypot((mesh.points[n] ?? 0) - 20, (mesh.points[n + 1] ?? 0) - 19, (mesh.points[n + 2] ?? 0) - 21);
    assert.ok(Math.abs(r - 10) < 0.9, `a point at ${r}`);
  }
  // Closed: every edge belongs to two triangles.
  const edges = new Map<string, number>();
  for (let n = 0; n < mesh.triangles.length; n += 3)
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [2, 0],
    ] as const) {
      const ends = [mesh.triangles[n + a] ?? 0, mesh.triangles[n + b] ?? 0].sort((p, q) => p - q).join();
      edges.set(ends, (edges.get(ends) ?? 0) + 1);
    }
  assert.ok([...edges.values()].every((count) => count % 2 === 0));
});

test('a single voxel does not vanish, and a label that is not there has no surface', () => {
  const dims = [9, 9, 9] as const;
  const labels = new Uint8Array(729);
  labels[4 + 9 * (4 + 9 * 4)] = 1;
  const mesh = surfaceOf(labels, dims, 1, [4, 4, 4, 5, 5, 5], [1, 1, 1]);
  assert.ok(mesh && mesh.triangles.length > 0);
  assert.equal(surfaceOf(labels, dims, 2, [4, 4, 4, 5, 5, 5], [1, 1, 1]), null);
});

test('cells are about as long as they are thick', () => {
  assert.deepEqual(factorsFor([400, 400, 100], [0.7, 0.7, 2.5]), [3, 3, 1]);
  assert.deepEqual(factorsFor([20, 20, 4], [0.7, 0.7, 2.5]), [1, 1, 1]);
});
