import type { Vec3 } from '../../../../models/kit/geometry.ts';
import type { Tell } from './box.ts';

const FAR = 1e20;

/**
 * Squared distance of each voxel's middle to that of the nearest voxel of the mask, in the unit of the spacing; 1e20 where
 * there is none. Exact. Felzenszwalb and Huttenlocher, Theory of Computing 8 (2012).
 */
export const squaredDistance = (dims: Vec3, spacing: Vec3, mask: Uint8Array, tell: Tell = () => {}): Float32Array => {
  const distance = Float32Array.from(mask, (is) => (is === 0 ? FAR : 0));
  const [X, Y, Z] = dims;
  const longest = Math.max(X, Y, Z);
  const values = new Float64Array(longest);
  const at = new Int32Array(longest);
  const border = new Float64Array(longest + 1);
  /** The lower envelope of parabolas over one line of voxels. */
  const line = (start: number, step: number, count: number, mm: number): void => {
    const square = mm * mm;
    let top = -1;
    for (let q = 0; q < count; q++) {
      const f = distance[start + q * step] ?? FAR;
      values[q] = f;
      if (f >= FAR) continue;
      let cut = -Infinity;
      while (top >= 0) {
        const p = at[top] ?? 0;
        cut = (f + square * q * q - ((values[p] ?? 0) + square * p * p)) / (2 * square * (q - p));
        if (cut > (border[top] ?? -Infinity)) break;
        top--;
      }
      top++;
      at[top] = q;
      border[top] = top === 0 ? -Infinity : cut;
    }
    if (top < 0) return;
    let n = 0;
    for (let q = 0; q < count; q++) {
      while (n < top && (border[n + 1] ?? Infinity) < q) n++;
      const p = at[n] ?? 0;
      distance[start + q * step] = square * (q - p) * (q - p) + (values[p] ?? 0);
    }
  };
  for (let z = 0; z < Z; z++) {
    for (let y = 0; y < Y; y++) line(X * (y + Y * z), 1, X, spacing[0]);
    for (let x = 0; x < X; x++) line(x + X * Y * z, X, Y, spacing[1]);
    tell((0.7 * z) / Z);
  }
  for (let y = 0; y < Y; y++) {
    for (let x = 0; x < X; x++) line(x + X * y, X * Y, Z, spacing[2]);
    tell(0.7 + (0.3 * y) / Y);
  }
  return distance;
};

/** Grown by so much (or shrunk, where it is negative): voxels whose middles lie within it of one of the mask's (of one outside it). */
export const withMargin = (
  dims: Vec3,
  spacing: Vec3,
  mask: Uint8Array,
  margin: number,
  tell: Tell = () => {},
): Uint8Array => {
  // Millimetres of a file are decimals: a margin of exactly three voxels is meant to reach the third.
  const reach = margin * margin * (1 + 1e-6);
  if (margin >= 0)
    return Uint8Array.from(squaredDistance(dims, spacing, mask, tell), (distance) => Number(distance <= reach));
  const outside = mask.map((is) => 1 - is);
  return Uint8Array.from(squaredDistance(dims, spacing, outside, tell), (distance) => Number(distance > reach));
};
