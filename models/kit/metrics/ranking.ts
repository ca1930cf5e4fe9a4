/** How well a score parts those with from those without. */

export interface Scored {
  /** Any scale, higher is more likely. */
  readonly score: number;
  readonly truth: boolean;
}

export interface RocPoint {
  /** Those at or above this score are called; Infinity at the first point. */
  readonly threshold: number;
  /** 1 - specificity, 0..1. */
  readonly falseRate: number;
  /** Sensitivity, 0..1. */
  readonly trueRate: number;
}

/** From (0, 0) to (1, 1), one point for each different score; null where either class is missing. */
export const rocOf = (cases: readonly Scored[]): RocPoint[] | null => {
  const positives = cases.filter(({ truth }) => truth).length;
  const negatives = cases.length - positives;
  if (positives === 0 || negatives === 0) return null;
  const sorted = cases.toSorted((a, b) => b.score - a.score);
  const points: RocPoint[] = [{ threshold: Number.POSITIVE_INFINITY, falseRate: 0, trueRate: 0 }];
  let [found, wrong] = [0, 0];
  for (const [n, { score, truth }] of sorted.entries()) {
    if (truth) found++;
    else wrong++;
    if (sorted[n + 1]?.score === score) continue;
    points.push({ threshold: score, falseRate: wrong / negatives, trueRate: found / positives });
  }
  return points;
};

/** Area under the ROC curve; of ties half counts (Mann-Whitney; Hanley and McNeil 1982). Null where a class is missing. */
export const auc = (cases: readonly Scored[]): number | null => {
  const points = rocOf(cases);
  if (!points) return null;
  let area = 0;
  for (const [n, point] of points.entries()) {
    const before = points[n - 1];
    if (before) area += ((point.falseRate - before.falseRate) * (point.trueRate + before.trueRate)) / 2;
  }
  return area;
};

/** Best sensitivity at a specificity of at least the given one, 0..1. */
export const sensitivityAt = (cases: readonly Scored[], specificity: number): number | null => {
  const allowed = 1 - specificity + 1e-12;
  const points = rocOf(cases)?.filter(({ falseRate }) => falseRate <= allowed);
  return points ? Math.max(...points.map(({ trueRate }) => trueRate)) : null;
};
