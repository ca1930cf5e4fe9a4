/** The patient without the table, clothes and cushions around. */
import { components } from '../components.ts';
import type { Vec3 } from '../geometry.ts';

type Mask = Uint8Array<ArrayBuffer>;

/** Each voxel with its six neighbours: all of them (erosion; beyond the volume everything holds) or any. */
const crossed = (mask: Mask, [X, Y, Z]: Vec3, erode: boolean): Mask => {
  const out: Mask = new Uint8Array(mask.length);
  const beyond = Number(erode);
  let n = 0;
  for (let z = 0; z < Z; z++)
    for (let y = 0; y < Y; y++)
      for (let x = 0; x < X; x++, n++) {
        const sum =
          (mask[n] ?? 0) +
          (x > 0 ? (mask[n - 1] ?? 0) : beyond) +
          (x < X - 1 ? (mask[n + 1] ?? 0) : beyond) +
          (y > 0 ? (mask[n - X] ?? 0) : beyond) +
          (y < Y - 1 ? (mask[n + X] ?? 0) : beyond) +
          (z > 0 ? (mask[n - X * Y] ?? 0) : beyond) +
          (z < Z - 1 ? (mask[n + X * Y] ?? 0) : beyond);
        out[n] = Number(erode ? sum === 7 : sum > 0);
      }
  return out;
};

/** Marks along a line what lies between its first and last voxel of the mask. */
const span = (mask: Mask, into: Mask, from: number, step: number, count: number): void => {
  let first = 0;
  while (first < count && mask[from + first * step] === 0) first++;
  let last = count - 1;
  while (last >= first && mask[from + last * step] === 0) last--;
  for (let n = first; n <= last; n++) into[from + n * step] = 1;
};

/**
 * What lies outside the patient becomes `air`. The patient: tissue above `above` without sheets thinner than three voxels,
 * pieces of at least `share` of the largest, one voxel more around; and in each axial plane all that lies between two of
 * its voxels along x or along y, so that a lung that the field of view cuts open stays.
 */
export const isolate = (
  data: Float32Array,
  dims: Vec3,
  { above, share, air }: { readonly above: number; readonly share: number; readonly air: number },
): void => {
  const [X, Y, Z] = dims;
  const tissue: Mask = new Uint8Array(data.length);
  for (let n = 0; n < data.length; n++) tissue[n] = Number((data[n] ?? 0) > above);
  const opened = crossed(crossed(tissue, dims, true), dims, false);
  const { ids, sizes } = components(dims, (n) => opened[n] === 1);
  const least = share * sizes.reduce((a, b) => Math.max(a, b), 0);
  for (let n = 0; n < opened.length; n++)
    opened[n] = Number((ids[n] ?? 0) > 0 && (sizes[(ids[n] ?? 0) - 1] ?? 0) >= least);
  const body = crossed(opened, dims, false);
  const inside: Mask = new Uint8Array(data.length);
  for (let z = 0; z < Z; z++) {
    for (let y = 0; y < Y; y++) span(body, inside, (z * Y + y) * X, 1, X);
    for (let x = 0; x < X; x++) span(body, inside, z * Y * X + x, X, Y);
  }
  for (let n = 0; n < data.length; n++) if (inside[n] === 0) data[n] = air;
};
