import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { NIFTI_HEAD_BYTES, niftiHead } from '../../models/kit/nifti.ts';
import type { Affine, Vec3 } from '../../preload/contract/index.ts';

const compress = promisify<Uint8Array, Buffer>(gzip);

/** A label map as NIfTI-1, one gzip file: the voxels in the order of the images, and their affine. */
export const niftiLabels = async (dims: Vec3, affine: Affine, slices: readonly Uint8Array[]): Promise<Uint8Array> => {
  const [columns, rows, count] = dims;
  const size = columns * rows;
  const file = new Uint8Array(NIFTI_HEAD_BYTES + size * count);
  file.set(niftiHead({ dims, affine, format: 'uint8', slope: 1, intercept: 0, labels: true }));
  for (const [k, slice] of slices.entries()) file.set(slice, NIFTI_HEAD_BYTES + k * size);
  return compress(file);
};
