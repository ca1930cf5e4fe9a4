import type { LiveLabels } from './stroke.ts';

/** Of the modality values under a label. */
export interface ValueStatistics {
  readonly voxels: number;
  readonly mean: number;
  /** Of the whole, not of a sample: the root of the mean square distance from the mean. */
  readonly deviation: number;
}

/** A slice's stored values and what they mean; null where they have not come. */
export interface SliceValues {
  readonly values: ArrayLike<number>;
  readonly slope: number;
  readonly intercept: number;
}

interface Sum {
  n: number;
  mean: number;
  /** Sum of squared distances from the mean. */
  squares: number;
}

/** Chan, Golub and LeVeque: two groups' sums as one, without the loss of a sum of squares. */
const joined = (a: Sum, b: Sum): Sum => {
  const n = a.n + b.n;
  if (n === 0) return a;
  const apart = b.mean - a.mean;
  return { n, mean: a.mean + (apart * b.n) / n, squares: a.squares + b.squares + (apart * apart * a.n * b.n) / n };
};

const sliceSum = (
  labels: Uint8Array,
  { values, slope, intercept }: SliceValues,
  columns: number,
  value: number,
  [i0 = 0, j0 = 0, , i1 = 0, j1 = 0]: readonly number[],
): Sum => {
  let n = 0;
  let sum = 0;
  let squares = 0;
  let shift = 0;
  for (let j = j0; j < j1; j++)
    for (let at = j * columns + i0; at < j * columns + i1; at++) {
      if (labels[at] !== value) continue;
      const stored = values[at] ?? 0;
      // From the first one: squares of small numbers lose nothing.
      if (n === 0) shift = stored;
      const off = stored - shift;
      n++;
      sum += off;
      squares += off * off;
    }
  if (n === 0) return { n: 0, mean: 0, squares: 0 };
  return {
    n,
    mean: (shift + sum / n) * slope + intercept,
    squares: Math.max(0, squares - (sum * sum) / n) * slope * slope,
  };
};

const TURN_MS = 12;

/**
 * Null where values have not come or the signal aborts. Lets the window breathe between slices. bounds are those of the
 * label.
 */
export const statisticsOf = async (
  labels: LiveLabels,
  value: number,
  bounds: readonly number[],
  sliceValues: (k: number) => SliceValues | null,
  signal: AbortSignal,
): Promise<ValueStatistics | null> => {
  let all: Sum = { n: 0, mean: 0, squares: 0 };
  let begun = performance.now();
  for (let k = bounds[2] ?? 0; k < (bounds[5] ?? 0); k++) {
    const slice = labels.slices[k];
    const values = sliceValues(k);
    if (slice === undefined || values === null) return null;
    all = joined(all, sliceSum(slice, values, labels.dims[0], value, bounds));
    if (performance.now() - begun < TURN_MS) continue;
    await new Promise((resolve) => setTimeout(resolve));
    if (signal.aborted) return null;
    begun = performance.now();
  }
  return all.n === 0 ? null : { voxels: all.n, mean: all.mean, deviation: Math.sqrt(all.squares / all.n) };
};
