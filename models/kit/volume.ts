import type { Affine, Vec3 } from './geometry.ts';

export type VoxelArray = Int16Array | Uint16Array | Uint8Array | Int8Array | Float32Array | Int32Array | Uint32Array;

/** A grid of voxels. data[i + dims[0] * (j + dims[1] * k)]; i along a row, j down, k across slices. */
export interface Volume<T extends VoxelArray = VoxelArray> {
  readonly data: T;
  /** [columns, rows, slices]. */
  readonly dims: Vec3;
  readonly affineVoxelToPatient: Affine;
}
