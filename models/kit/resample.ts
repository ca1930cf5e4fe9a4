/** Resampling along one axis as a table of weights; axes are independent, so planes and volumes are passes of it. */

export interface AxisWeights {
  /** New count of samples. */
  readonly count: number;
  /** First old index that new sample n uses, and how many. */
  readonly first: Int32Array;
  readonly width: number;
  /** [count, width]; zero beyond the last that is used; each row sums to 1. */
  readonly weights: Float32Array;
}

/**
 * Triangle filter: linear when enlarging, widened by the step when shrinking, so that nothing is skipped.
 * New sample n is centred at old coordinate (n + 0.5) * step (old sample m covers m to m + 1). With `flipped` the old
 * axis is read from its end. Beyond the ends: 'renormalise' leaves out what is not there (as Pillow's BILINEAR and
 * torch's antialiased bilinear do), 'clamp' counts the edge sample again (the volume step 'resample').
 */
export const axisWeights = (
  oldCount: number,
  count: number,
  step: number,
  edge: 'renormalise' | 'clamp',
  flipped = false,
): AxisWeights => {
  if (oldCount < 1 || count < 1 || !(step > 0)) throw new RangeError('an axis needs samples and a positive step');
  const support = Math.max(1, step);
  const width = Math.min(oldCount, Math.ceil(support * 2) + 1);
  const first = new Int32Array(count);
  const weights = new Float32Array(count * width);
  for (let n = 0; n < count; n++) {
    const centre = (n + 0.5) * step - 0.5;
    const row = new Map<number, number>();
    let sum = 0;
    for (let m = Math.ceil(centre - support); m <= Math.floor(centre + support); m++) {
      const weight = 1 - Math.abs(m - centre) / support;
      const at = Math.min(oldCount - 1, Math.max(0, m));
      if (weight <= 0 || (edge === 'renormalise' && at !== m)) continue;
      row.set(at, (row.get(at) ?? 0) + weight);
      sum += weight;
    }
    // a new count that was rounded up can reach past the last sample
    if (sum === 0) {
      row.set(oldCount - 1, 1);
      sum = 1;
    }
    const used = [...row.keys()];
    const low = Math.min(...used);
    const high = Math.max(...used);
    first[n] = flipped ? oldCount - 1 - high : low;
    for (const [at, weight] of row) weights[n * width + (flipped ? high - at : at - low)] = weight / sum;
  }
  return { count, first, width, weights };
};

/** [rows, columns] -> [rows', columns'] */
export const resamplePlane = (
  plane: Float32Array,
  columns: number,
  rows: number,
  x: AxisWeights,
  y: AxisWeights,
): Float32Array => {
  const across = new Float32Array(x.count * rows); // [rows, columns']
  for (let row = 0; row < rows; row++) {
    const at = row * columns;
    for (let n = 0; n < x.count; n++) {
      const from = at + (x.first[n] ?? 0);
      const w0 = n * x.width;
      let sum = 0;
      for (let w = 0; w < x.width; w++) {
        const weight = x.weights[w0 + w] ?? 0;
        if (weight !== 0) sum += weight * (plane[from + w] ?? 0);
      }
      across[row * x.count + n] = sum;
    }
  }
  const out = new Float32Array(x.count * y.count);
  for (let n = 0; n < y.count; n++) {
    const row0 = y.first[n] ?? 0;
    for (let w = 0; w < y.width; w++) {
      const weight = y.weights[n * y.width + w] ?? 0;
      if (weight === 0) continue;
      const from = (row0 + w) * x.count;
      const to = n * x.count;
      for (let c = 0; c < x.count; c++) out[to + c] = (out[to + c] ?? 0) + weight * (across[from + c] ?? 0);
    }
  }
  return out;
};

/** Old sample that covers the centre of new sample n. */
export const nearestIndex = (oldCount: number, n: number, step: number): number =>
  Math.min(oldCount - 1, Math.max(0, Math.floor((n + 0.5) * step)));
