import type { Vec3 } from '../../../../models/kit/geometry.ts';

/** A box of voxels, half-open: [i0, j0, k0, i1, j1, k1]. */
export type Box = readonly [number, number, number, number, number, number];

export const sizeOf = (box: Box): Vec3 => [box[3] - box[0], box[4] - box[1], box[5] - box[2]];
export const voxelsOf = (box: Box): number => {
  const [x, y, z] = sizeOf(box);
  return x * y * z;
};

/** Larger by so many voxels each way, within the grid. */
export const padded = (box: Box, by: Vec3, dims: Vec3): Box => [
  Math.max(0, box[0] - by[0]),
  Math.max(0, box[1] - by[1]),
  Math.max(0, box[2] - by[2]),
  Math.min(dims[0], box[3] + by[0]),
  Math.min(dims[1], box[4] + by[1]),
  Math.min(dims[2], box[5] + by[2]),
];

/** Told now and then how far the work is, 0 to 1. */
export type Tell = (fraction: number) => void;
