export interface Length {
  readonly characters: number;
  readonly words: number;
}

const wordsOf = (text: string): string[] => text.match(/\S+/gu) ?? [];
export const lengthOf = (text: string): Length => ({ characters: [...text].length, words: wordsOf(text).length });

/** Levenshtein: fewest insertions, deletions and substitutions. Equal ends cost nothing, and most edits are small. */
const levenshtein = (a: readonly string[], b: readonly string[]): number => {
  let from = 0;
  let aEnd = a.length;
  let bEnd = b.length;
  while (from < aEnd && from < bEnd && a[from] === b[from]) from += 1;
  while (aEnd > from && bEnd > from && a[aEnd - 1] === b[bEnd - 1]) {
    aEnd -= 1;
    bEnd -= 1;
  }
  const width = bEnd - from;
  let row = Uint32Array.from({ length: width + 1 }, (_, column) => column);
  for (let i = from; i < aEnd; i += 1) {
    const next = new Uint32Array(width + 1);
    next[0] = i - from + 1;
    for (let j = 0; j < width; j += 1) {
      const same = a[i] === b[from + j] ? 0 : 1;
      next[j + 1] = Math.min((row[j] ?? 0) + same, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1);
    }
    row = next;
  }
  return row[width] ?? 0;
};

export const editDistance = (a: string, b: string): Length => ({
  characters: levenshtein([...a], [...b]),
  words: levenshtein(wordsOf(a), wordsOf(b)),
});
