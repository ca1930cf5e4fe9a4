/** Two ranked lists made one: those that the words found, and those whose vectors lie near. */

/** Rank fusion: 1 / (60 + rank), summed over both lists (Cormack, Clarke and Büttcher 2009). */
const FUSION = 60;

export interface Fused {
  readonly row: number;
  readonly score: number;
  /** Cosine; null where only the words found it. */
  readonly similarity: number | null;
}

/** Both lists best first; the answer too, a tie by the lower row. */
export const fused = (
  words: readonly { readonly row: number }[],
  near: readonly { readonly row: number; readonly similarity: number }[],
): Fused[] => {
  const scores = new Map<number, Fused>();
  for (const [rank, { row }] of words.entries())
    scores.set(row, { row, score: 1 / (FUSION + rank + 1), similarity: null });
  for (const [rank, { row, similarity }] of near.entries())
    scores.set(row, { row, score: (scores.get(row)?.score ?? 0) + 1 / (FUSION + rank + 1), similarity });
  return [...scores.values()].sort((a, b) => b.score - a.score || a.row - b.row);
};
