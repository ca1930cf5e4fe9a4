import { type Pair, tokensOf } from './n-grams.ts';

const BETA = 1.2;

/** Length of the longest common subsequence. */
const common = (a: readonly string[], b: readonly string[]): number => {
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    const next = new Uint32Array(b.length + 1);
    for (const [n, other] of b.entries())
      next[n + 1] = word === other ? (row[n] ?? 0) + 1 : Math.max(row[n + 1] ?? 0, next[n] ?? 0);
    row = next;
  }
  return row[b.length] ?? 0;
};

/**
 * ROUGE-L, 0 to 1: F of the longest common subsequence, recall weighted by beta = 1.2; precision and recall are each
 * the best over the references, as coco-caption takes them (Lin 2004).
 */
export const rougeOf = ({ text, references }: Pair): number => {
  const tokens = tokensOf(text);
  let [precision, recall] = [0, 0];
  for (const reference of references) {
    const other = tokensOf(reference);
    const length = common(tokens, other);
    if (length === 0) continue;
    precision = Math.max(precision, length / tokens.length);
    recall = Math.max(recall, length / other.length);
  }
  if (precision === 0) return 0;
  return ((1 + BETA ** 2) * precision * recall) / (recall + BETA ** 2 * precision);
};

/** The mean over pairs; 0 where there is none. */
export const rouge = (pairs: readonly Pair[]): number =>
  pairs.length === 0 ? 0 : pairs.reduce((sum, pair) => sum + rougeOf(pair), 0) / pairs.length;
