import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Affine, Vec3 } from '../../preload/contract/index.ts';

const compress = promisify<Uint8Array, Buffer>(gzip);

const HEAD_BYTES = 352;
const LABEL_INTENT = 1002;
const UINT8 = 2;
const MILLIMETRES = 2;
const SCANNER = 1;

/**
 * A label map as NIfTI-1, one gzip file: the voxels in the order of the images, and their affine, whose x and y change
 * their signs between DICOM's frame (LPS) and that of NIfTI (RAS). https://nifti.nimh.nih.gov/nifti-1
 */
export const niftiLabels = async (dims: Vec3, affine: Affine, slices: readonly Uint8Array[]): Promise<Uint8Array> => {
  const [columns, rows, count] = dims;
  const size = columns * rows;
  const file = Buffer.alloc(HEAD_BYTES + size * count);
  file.writeInt32LE(348, 0);
  for (const [n, value] of [3, columns, rows, count, 1, 1, 1, 1].entries()) {
    if (value > 32_767) throw new RangeError('NIfTI-1 holds at most 32,767 voxels along an axis');
    file.writeInt16LE(value, 40 + 2 * n);
  }
  file.writeInt16LE(LABEL_INTENT, 68);
  file.writeInt16LE(UINT8, 70);
  file.writeInt16LE(8, 72);
  const spacing = [0, 1, 2].map((axis) => Math.hypot(affine[axis] ?? 0, affine[4 + axis] ?? 0, affine[8 + axis] ?? 0));
  for (const [n, value] of [1, ...spacing, 1, 1, 1, 1].entries()) file.writeFloatLE(value, 76 + 4 * n);
  file.writeFloatLE(HEAD_BYTES, 108);
  file.writeFloatLE(1, 112);
  file.writeUInt8(MILLIMETRES, 123);
  file.write('Sightline', 148, 'latin1');
  file.writeInt16LE(SCANNER, 254);
  for (let row = 0; row < 3; row++)
    for (let column = 0; column < 4; column++) {
      const value = affine[4 * row + column] ?? 0;
      file.writeFloatLE(row < 2 ? -value : value, 280 + 16 * row + 4 * column);
    }
  file.write('n+1\0', 344, 'latin1');
  for (const [k, slice] of slices.entries()) file.set(slice, HEAD_BYTES + k * size);
  return compress(file);
};
