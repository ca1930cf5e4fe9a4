/** Words in runs, counted: what BLEU and CIDEr are made of. */

/** Tokens as coco-caption takes them from a prepared line: parted by white space, nothing folded, marks kept. */
export const tokensOf = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** Count of each run of n tokens, n = 1, 2, 3, 4: four maps, keyed by the tokens joined with a space. */
export const runsOf = (tokens: readonly string[]): Map<string, number>[] =>
  [1, 2, 3, 4].map((n) => {
    const counts = new Map<string, number>();
    for (let from = 0; from + n <= tokens.length; from++) {
      const run = tokens.slice(from, from + n).join(' ');
      counts.set(run, (counts.get(run) ?? 0) + 1);
    }
    return counts;
  });

/** A text that was written, and the one or more that it should say the same as. */
export interface Pair {
  readonly text: string;
  readonly references: readonly string[];
}

/** Four figures, for runs of 1, 2, 3 and 4 words. */
export type ByLength = readonly [number, number, number, number];
