import type { Vec3 } from '../../../models/kit/geometry.ts';
import type { Axis } from '../view/cut.ts';

export interface BrushShape {
  readonly radius: number;
  /** Size of a voxel in the radius's unit: millimetres, or [1, 1, 1] where they are not known. */
  readonly spacing: Vec3;
  /** The axis across the plane that is painted, one slice thick; null: a ball. */
  readonly normal: Axis | null;
}

type Span = (k: number, y: number, x0: number, x1: number) => void;

/**
 * Every voxel whose middle is no farther than the radius from the way from one point to another. Points are continuous
 * voxel coordinates, outer corner 0, 0, 0. The voxel under the point is always among them, however small the radius.
 */
export const sweep = (dims: Vec3, shape: BrushShape, from: Vec3, to: Vec3, span: Span): void => {
  const { radius, spacing, normal } = shape;
  const flat = (v: Vec3, axis: Axis): number => (normal === axis ? 0 : v[axis] * spacing[axis]);
  const a: Vec3 = [flat(from, 0), flat(from, 1), flat(from, 2)];
  const d: Vec3 = [flat(to, 0) - a[0], flat(to, 1) - a[1], flat(to, 2) - a[2]];
  const length2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
  const range = (axis: Axis): readonly [number, number] => {
    if (normal === axis) return [Math.floor(from[axis]), Math.floor(from[axis]) + 1];
    const reach = radius / spacing[axis];
    const low = Math.min(from[axis], to[axis]) - reach;
    const high = Math.max(from[axis], to[axis]) + reach;
    return [Math.max(0, Math.floor(low - 0.5)), Math.min(dims[axis], Math.ceil(high + 0.5))];
  };
  const [x0, x1] = range(0);
  const [y0, y1] = range(1);
  const [z0, z1] = range(2);
  const within = (x: number, y: number, z: number): boolean => {
    const px = (normal === 0 ? 0 : (x + 0.5) * spacing[0]) - a[0];
    const py = (normal === 1 ? 0 : (y + 0.5) * spacing[1]) - a[1];
    const pz = (normal === 2 ? 0 : (z + 0.5) * spacing[2]) - a[2];
    const along = length2 === 0 ? 0 : Math.min(1, Math.max(0, (px * d[0] + py * d[1] + pz * d[2]) / length2));
    const [qx, qy, qz] = [px - along * d[0], py - along * d[1], pz - along * d[2]];
    return qx * qx + qy * qy + qz * qz <= radius * radius;
  };
  for (let z = z0; z < z1; z++)
    for (let y = y0; y < y1; y++) {
      // What is within a capsule is one run of a row.
      let first = x0;
      while (first < x1 && !within(first, y, z)) first++;
      if (first === x1) continue;
      let last = x1 - 1;
      while (last > first && !within(last, y, z)) last--;
      span(z, y, first, last + 1);
    }
  for (const [x, y, z] of [from, to]) span(Math.floor(z), Math.floor(y), Math.floor(x), Math.floor(x) + 1);
};
