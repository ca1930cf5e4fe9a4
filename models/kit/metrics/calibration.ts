/** Whether a probability means what it says. */

export interface Foretold {
  /** 0..1 */
  readonly probability: number;
  readonly truth: boolean;
}

export interface ReliabilityBin {
  /** Probabilities from `low` (included) to `high` (not included; the last bin includes 1). */
  readonly low: number;
  readonly high: number;
  readonly count: number;
  /** Mean probability foretold and share that was true; null in an empty bin. */
  readonly foretold: number | null;
  readonly seen: number | null;
}

/** Bins of equal width over 0..1. */
export const reliabilityOf = (cases: readonly Foretold[], bins = 10): ReliabilityBin[] => {
  const own = Map.groupBy(cases, ({ probability }) => {
    if (!(probability >= 0 && probability <= 1)) throw new RangeError(`${probability} is no probability`);
    return Math.min(bins - 1, Math.floor(probability * bins));
  });
  return Array.from({ length: bins }, (_, n) => {
    const inside = own.get(n) ?? [];
    const count = inside.length;
    const sum = inside.reduce((all, one) => all + one.probability, 0);
    const seen = inside.filter(({ truth }) => truth).length;
    return {
      low: n / bins,
      high: (n + 1) / bins,
      count,
      foretold: count === 0 ? null : sum / count,
      seen: count === 0 ? null : seen / count,
    };
  });
};

/**
 * Expected calibration error, 0..1 (Naeini et al. 2015): the gap between foretold and seen, weighted by the cases of
 * each bin of equal width. It depends on the number of bins, so that is always told with it. Null without cases.
 */
export const calibrationError = (cases: readonly Foretold[], bins = 10): number | null =>
  cases.length === 0
    ? null
    : reliabilityOf(cases, bins).reduce(
        (sum, { count, foretold, seen }) => sum + (count / cases.length) * Math.abs((foretold ?? 0) - (seen ?? 0)),
        0,
      );
