/** Exact Euclidean distance transform on a grid whose spacing may differ by axis (Felzenszwalb and Huttenlocher 2012). */

export interface Grid {
  /** [columns, rows, slices]; x runs fastest. */
  readonly dims: readonly [number, number, number];
  /** Between centres along x, y, z. */
  readonly spacingMm: readonly [number, number, number];
}

/** In place, along one line of n values: g(p) = min over q of f(q) + (spacing (p - q))^2, by the lower envelope of parabolas. */
const alongLine = (
  f: Float64Array,
  n: number,
  spacing: number,
  envelope: { readonly roots: Int32Array; readonly edges: Float64Array; readonly out: Float64Array },
): void => {
  const { roots, edges, out } = envelope;
  const square = spacing * spacing;
  let last = -1;
  for (let q = 0; q < n; q++) {
    const height = f[q] ?? Infinity;
    if (height === Infinity) continue;
    let from = -Infinity;
    while (last >= 0) {
      const r = roots[last] ?? 0;
      from = (height - (f[r] ?? 0) + square * (q * q - r * r)) / (2 * square * (q - r));
      if (from > (edges[last] ?? 0)) break;
      last--;
      from = -Infinity;
    }
    last++;
    roots[last] = q;
    edges[last] = from;
  }
  if (last < 0) return;
  for (let p = 0, k = 0; p < n; p++) {
    while (k < last && (edges[k + 1] ?? Infinity) < p) k++;
    const q = roots[k] ?? 0;
    out[p] = (f[q] ?? 0) + square * (p - q) ** 2;
  }
  for (let p = 0; p < n; p++) f[p] = out[p] ?? 0;
};

/** Distance of every voxel's centre to the nearest centre of the mask, mm; Infinity everywhere where the mask is empty. */
export const distancesMm = (mask: ArrayLike<number>, { dims, spacingMm }: Grid): Float64Array => {
  const [nx, ny, nz] = dims;
  if (!spacingMm.every((mm) => mm > 0)) throw new RangeError('spacing must be above 0');
  const squared = new Float64Array(nx * ny * nz);
  for (let n = 0; n < squared.length; n++) squared[n] = mask[n] ? 0 : Infinity;
  const longest = Math.max(nx, ny, nz);
  const line = new Float64Array(longest);
  const envelope = {
    roots: new Int32Array(longest + 1),
    edges: new Float64Array(longest + 1),
    out: new Float64Array(longest),
  };
  const strides = [1, nx, nx * ny] as const;
  for (const axis of [0, 1, 2] as const) {
    const [n, stride] = [dims[axis], strides[axis]];
    for (let begin = 0; begin < squared.length; begin++) {
      // the first voxel of each line along this axis
      if (Math.floor(begin / stride) % n !== 0) continue;
      for (let p = 0; p < n; p++) line[p] = squared[begin + p * stride] ?? Infinity;
      alongLine(line, n, spacingMm[axis], envelope);
      for (let p = 0; p < n; p++) squared[begin + p * stride] = line[p] ?? Infinity;
    }
  }
  for (let n = 0; n < squared.length; n++) squared[n] = Math.sqrt(squared[n] ?? 0);
  return squared;
};
