/** Statistics of a region as numpy counts them: std with ddof 0, histogram with its last bin closed. */

export interface Statistics {
  readonly count: number;
  readonly mean: number;
  /** Of these values themselves, not of a population behind them. */
  readonly deviation: number;
  readonly minimum: number;
  readonly maximum: number;
}

export interface Histogram {
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
}

/** Null where there is no value. Two passes: the values may be large and lie close together. */
export const statisticsOf = (values: ArrayLike<number>): Statistics | null => {
  const count = values.length;
  if (count === 0) return null;
  let sum = 0;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let n = 0; n < count; n++) {
    const value = values[n] ?? 0;
    sum += value;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  const mean = sum / count;
  let squares = 0;
  for (let n = 0; n < count; n++) squares += ((values[n] ?? 0) - mean) ** 2;
  return { count, mean, deviation: Math.sqrt(squares / count), minimum, maximum };
};

export const histogramOf = (values: ArrayLike<number>, { minimum, maximum }: Statistics, bins: number): Histogram => {
  // numpy widens a range of one value by a half to each side.
  const [from, to] = minimum === maximum ? [minimum - 0.5, maximum + 0.5] : [minimum, maximum];
  const counts = new Array<number>(bins).fill(0);
  for (let n = 0; n < values.length; n++) {
    const bin = Math.min(bins - 1, Math.floor((((values[n] ?? 0) - from) / (to - from)) * bins));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return { from, to, counts };
};
