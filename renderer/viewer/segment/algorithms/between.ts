import type { Vec3 } from '../../../../models/kit/geometry.ts';
import type { Tell } from './box.ts';
import { squaredDistance } from './distance.ts';

/** Distance to the edge, in the plane: positive within, negative without; the edge lies half way between two middles. */
const signedDistance = (dims: Vec3, spacing: Vec3, slice: Uint8Array): Float32Array => {
  const toMask = squaredDistance(dims, spacing, slice);
  const toRest = squaredDistance(
    dims,
    spacing,
    slice.map((is) => 1 - is),
  );
  return Float32Array.from(slice, (is, at) => (is === 1 ? Math.sqrt(toRest[at] ?? 0) : -Math.sqrt(toMask[at] ?? 0)));
};

/**
 * Fills the slices between those that are drawn, along the last axis: shape-based interpolation (Raya and Udupa, 1990), the
 * signed distances to the edges of both neighbours weighted by how near they are. Drawn slices stay as they are.
 */
export const fillBetween = (dims: Vec3, spacing: Vec3, mask: Uint8Array, tell: Tell = () => {}): Uint8Array => {
  const [X, Y, Z] = dims;
  const size = X * Y;
  const filled = mask.slice();
  const plane: Vec3 = [X, Y, 1];
  const sliceOf = (k: number): Uint8Array => mask.subarray(k * size, (k + 1) * size);
  const drawn = Array.from({ length: Z }, (_, k) => k).filter((k) => sliceOf(k).includes(1));
  let before: { k: number; distance: Float32Array } | null = null;
  for (const [n, k] of drawn.entries()) {
    tell(n / drawn.length);
    const next = drawn[n + 1];
    const needed = (next !== undefined && next > k + 1) || (before !== null && k > before.k + 1);
    const distance: Float32Array = needed ? signedDistance(plane, spacing, sliceOf(k)) : new Float32Array(0);
    if (before !== null)
      for (let between = before.k + 1; between < k; between++) {
        const weight = (between - before.k) / (k - before.k);
        const slice = filled.subarray(between * size, (between + 1) * size);
        for (let at = 0; at < size; at++)
          slice[at] = Number((before.distance[at] ?? 0) * (1 - weight) + (distance[at] ?? 0) * weight > 0);
      }
    before = { k, distance };
  }
  return filled;
};
