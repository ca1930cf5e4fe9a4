/** A mesh of a label in the patient, as it is drawn and as a line of sight meets it. */
import { type Vec3, voxelToPatient } from '../../../models/kit/geometry.ts';
import type { Affine } from '../../../preload/contract/index.ts';
import type { Mesh } from './surface.ts';

export interface PlacedMesh {
  /** Patient millimetres, x y z. */
  readonly points: Float32Array;
  readonly normals: Float32Array;
  /** Counterclockwise seen from outside. */
  readonly triangles: Uint32Array;
  readonly lowest: Vec3;
  readonly highest: Vec3;
}

/** Continuous voxel coordinates (outer corner 0) to patient millimetres: the affine speaks of voxel centres. */
const placed = (mesh: Mesh, affine: Affine): Float32Array => {
  const out = new Float32Array(mesh.points.length);
  for (let n = 0; n < out.length; n += 3) {
    const at: Vec3 = [(mesh.points[n] ?? 0) - 0.5, (mesh.points[n + 1] ?? 0) - 0.5, (mesh.points[n + 2] ?? 0) - 0.5];
    out.set(voxelToPatient(affine, at), n);
  }
  return out;
};

/** Unit normals at the points: the sum of the triangles' about each. */
const normalsOf = (points: Float32Array, triangles: Uint32Array): Float32Array => {
  const normals = new Float32Array(points.length);
  const at = (index: number, axis: number): number => points[index * 3 + axis] ?? 0;
  for (let n = 0; n < triangles.length; n += 3) {
    const [a = 0, b = 0, c = 0] = [triangles[n], triangles[n + 1], triangles[n + 2]];
    const u = [at(b, 0) - at(a, 0), at(b, 1) - at(a, 1), at(b, 2) - at(a, 2)] as const;
    const v = [at(c, 0) - at(a, 0), at(c, 1) - at(a, 1), at(c, 2) - at(a, 2)] as const;
    const normal = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]] as const;
    for (const index of [a, b, c])
      for (const axis of [0, 1, 2] as const)
        normals[index * 3 + axis] = (normals[index * 3 + axis] ?? 0) + normal[axis];
  }
  for (let n = 0; n < normals.length; n += 3) {
    const length = Math.hypot(normals[n] ?? 0, normals[n + 1] ?? 0, normals[n + 2] ?? 0) || 1;
    for (const axis of [0, 1, 2]) normals[n + axis] = (normals[n + axis] ?? 0) / length;
  }
  return normals;
};

/** Of a left-handed grid: its triangles come inside out. */
const isLeftHanded = ([a, b, c, , d, e, f, , g, h, i]: Affine): boolean =>
  a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) < 0;

export const placeMesh = (mesh: Mesh, affine: Affine): PlacedMesh => {
  const points = placed(mesh, affine);
  const triangles = Uint32Array.from(mesh.triangles);
  if (isLeftHanded(affine))
    for (let n = 0; n < triangles.length; n += 3) {
      const second = triangles[n + 1] ?? 0;
      triangles[n + 1] = triangles[n + 2] ?? 0;
      triangles[n + 2] = second;
    }
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let n = 0; n < points.length; n += 3)
    for (const axis of [0, 1, 2] as const) {
      low[axis] = Math.min(low[axis], points[n + axis] ?? 0);
      high[axis] = Math.max(high[axis], points[n + axis] ?? 0);
    }
  return { points, normals: normalsOf(points, triangles), triangles, lowest: low, highest: high };
};

/** Whether a line comes through a box at all. */
const meetsBox = (from: Vec3, along: Vec3, lowest: Vec3, highest: Vec3): boolean => {
  let [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (const axis of [0, 1, 2] as const) {
    const a = (lowest[axis] - from[axis]) / along[axis];
    const b = (highest[axis] - from[axis]) / along[axis];
    if (Math.abs(along[axis]) < 1e-9) {
      if (from[axis] < lowest[axis] || from[axis] > highest[axis]) return false;
      continue;
    }
    low = Math.max(low, Math.min(a, b));
    high = Math.min(high, Math.max(a, b));
  }
  return low <= high;
};

/** How far along the line it goes into the mesh (in) and out of it, nearest first. Möller and Trumbore, 1997. */
export const crossings = (
  mesh: PlacedMesh,
  from: Vec3,
  along: Vec3,
): { readonly at: number; readonly into: boolean }[] => {
  if (!meetsBox(from, along, mesh.lowest, mesh.highest)) return [];
  const { points, triangles } = mesh;
  const found: { at: number; into: boolean }[] = [];
  const [dx, dy, dz] = along;
  for (let n = 0; n < triangles.length; n += 3) {
    const [a, b, c] = [(triangles[n] ?? 0) * 3, (triangles[n + 1] ?? 0) * 3, (triangles[n + 2] ?? 0) * 3];
    const [ax = 0, ay = 0, az = 0] = [points[a], points[a + 1], points[a + 2]];
    const [ux, uy, uz] = [(points[b] ?? 0) - ax, (points[b + 1] ?? 0) - ay, (points[b + 2] ?? 0) - az];
    const [vx, vy, vz] = [(points[c] ?? 0) - ax, (points[c + 1] ?? 0) - ay, (points[c + 2] ?? 0) - az];
    const [px, py, pz] = [dy * vz - dz * vy, dz * vx - dx * vz, dx * vy - dy * vx];
    const det = ux * px + uy * py + uz * pz;
    if (Math.abs(det) < 1e-12) continue;
    const [sx, sy, sz] = [from[0] - ax, from[1] - ay, from[2] - az];
    const s = (sx * px + sy * py + sz * pz) / det;
    if (s < 0 || s > 1) continue;
    const [qx, qy, qz] = [sy * uz - sz * uy, sz * ux - sx * uz, sx * uy - sy * ux];
    const t = (dx * qx + dy * qy + dz * qz) / det;
    if (t < 0 || s + t > 1) continue;
    // Positive: the triangle's front is seen, so the line goes in.
    found.push({ at: (vx * qx + vy * qy + vz * qz) / det, into: det > 0 });
  }
  // Through an edge it meets both triangles.
  return found
    .sort((p, q) => p.at - q.at)
    .filter((hit, n) => {
      const before = found[n - 1];
      return before === undefined || before.into !== hit.into || hit.at - before.at > 1e-5;
    });
};

/** Where the line is first inside the mesh within the stretch: at its beginning where that lies inside. Null: never. */
export const firstInside = (
  mesh: PlacedMesh,
  from: Vec3,
  along: Vec3,
  [low, high]: readonly [number, number],
): number | null => {
  const all = crossings(mesh, from, along);
  const ahead = all.find(({ at }) => at >= low);
  if (ahead === undefined) return null;
  if (!ahead.into) return low < high ? low : null;
  return ahead.at <= high ? ahead.at : null;
};
