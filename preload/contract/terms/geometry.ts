import { z } from 'zod';

/** Millimetres in the DICOM patient frame, LPS. */
export const Vec3 = z.tuple([z.number(), z.number(), z.number()]).readonly();
export type Vec3 = z.infer<typeof Vec3>;

/** Row-major 3x4, voxel (i along a row, j down, k across slices) to patient millimetres. */
export const Affine = z
  .tuple([
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
    z.number(),
  ])
  .readonly();
export type Affine = z.infer<typeof Affine>;

/**
 * [x0, y0, x1, y1] in image coordinates: x to the right, y down, (0, 0) the outer corner of the first pixel,
 * so that pixel (column, row) covers [column, row, column + 1, row + 1]. x0 < x1, y0 < y1.
 */
export const PixelBox = z.tuple([z.number(), z.number(), z.number(), z.number()]).readonly();
export type PixelBox = z.infer<typeof PixelBox>;

/** Half-open box of voxels: [i0, j0, k0, i1, j1, k1]. */
export const VoxelBox = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]).readonly();
export type VoxelBox = z.infer<typeof VoxelBox>;
