/** Grades against grades: whole numbers from 0. */

export interface Graded {
  readonly truth: number;
  readonly told: number;
}

/** Counts: rows are the truth, columns what was told; [grades][grades]. */
export const confusionOf = (cases: readonly Graded[], grades: number): number[][] => {
  const counts = Array.from({ length: grades }, () => new Array<number>(grades).fill(0));
  for (const { truth, told } of cases) {
    const row = counts[truth];
    if (row?.[told] === undefined) throw new RangeError(`a grade is not 0 to ${grades - 1}: ${truth}, ${told}`);
    row[told]++;
  }
  return counts;
};

/**
 * Cohen's kappa with quadratic weights (Cohen 1968), -1 to 1: 1 - (weighted disagreement seen / by chance). Null where
 * chance alone would disagree nowhere (no cases, or everybody has the one same grade).
 */
export const quadraticKappa = (cases: readonly Graded[], grades: number): number | null => {
  const counts = confusionOf(cases, grades);
  const rows = counts.map((row) => row.reduce((sum, count) => sum + count, 0));
  const columns = counts.map((_, at) => counts.reduce((sum, row) => sum + (row[at] ?? 0), 0));
  let [seen, chance] = [0, 0];
  for (let i = 0; i < grades; i++)
    for (let j = 0; j < grades; j++) {
      const weight = (i - j) ** 2;
      seen += weight * (counts[i]?.[j] ?? 0);
      chance += (weight * (rows[i] ?? 0) * (columns[j] ?? 0)) / cases.length;
    }
  return cases.length === 0 || chance === 0 ? null : 1 - seen / chance;
};
