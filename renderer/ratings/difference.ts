import type { DraftSentence } from '../../preload/contract/index.ts';

/** A run of words: in both texts, or in this one only. */
export interface Run {
  readonly kind: 'same' | 'only';
  readonly text: string;
}
export interface ComparedSentence {
  readonly sentence: DraftSentence;
  /** same: word for word in the other draft. changed: a close sentence is there. alone: nothing like it. */
  readonly kind: 'same' | 'changed' | 'alone';
  readonly runs: readonly Run[];
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/).filter(Boolean);
const plain = (word: string): string => word.toLowerCase().replace(/[.,;:]+$/, '');

/** Longest common subsequence of words: true where left[i] (right[j]) is in it. */
const common = (left: readonly string[], right: readonly string[]): { left: boolean[]; right: boolean[] } => {
  const a = left.map(plain);
  const b = right.map(plain);
  // length[i][j]: of the longest common subsequence of a[i..] and b[j..]
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  const at = (i: number, j: number): number => length[i]?.[j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--)
    for (let j = b.length - 1; j >= 0; j--) {
      const row = length[i];
      if (row) row[j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  const found = { left: left.map(() => false), right: right.map(() => false) };
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      found.left[i++] = true;
      found.right[j++] = true;
    } else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return found;
};

const runs = (text: readonly string[], inBoth: readonly boolean[]): Run[] => {
  const out: { kind: Run['kind']; words: string[] }[] = [];
  text.forEach((word, index) => {
    const kind = inBoth[index] ? 'same' : 'only';
    const last = out.at(-1);
    if (last?.kind === kind) last.words.push(word);
    else out.push({ kind, words: [word] });
  });
  return out.map((run) => ({ kind: run.kind, text: run.words.join(' ') }));
};

/** Dice's coefficient over the common words, 0 to 1. */
const likeness = (left: readonly string[], right: readonly string[]): number =>
  left.length + right.length === 0
    ? 0
    : (2 * common(left, right).left.filter(Boolean).length) / (left.length + right.length);

/** Below this two sentences speak of different things: marking single words would mislead. */
const CLOSE = 0.4;

/** Two drafts against each other, sentence by sentence within a section, each sentence matched at most once. */
export const compared = (
  left: readonly DraftSentence[],
  right: readonly DraftSentence[],
): { left: ComparedSentence[]; right: ComparedSentence[] } => {
  const pairs: { l: number; r: number; likeness: number }[] = [];
  left.forEach((one, l) => {
    right.forEach((other, r) => {
      if (one.section !== other.section) return;
      const value = one.text === other.text ? 2 : likeness(words(one.text), words(other.text));
      if (value >= CLOSE) pairs.push({ l, r, likeness: value });
    });
  });
  pairs.sort((a, b) => b.likeness - a.likeness || a.l - b.l || a.r - b.r);
  const ofLeft = new Map<number, number>();
  const ofRight = new Map<number, number>();
  for (const { l, r } of pairs)
    if (!ofLeft.has(l) && !ofRight.has(r)) {
      ofLeft.set(l, r);
      ofRight.set(r, l);
    }
  const side = (
    mine: readonly DraftSentence[],
    of: (index: number) => { other?: DraftSentence; inBoth: boolean[] },
  ): ComparedSentence[] =>
    mine.map((sentence, index) => {
      const { other, inBoth } = of(index);
      if (!other) return { sentence, kind: 'alone', runs: [{ kind: 'only', text: sentence.text }] };
      if (other.text === sentence.text)
        return { sentence, kind: 'same', runs: [{ kind: 'same', text: sentence.text }] };
      return { sentence, kind: 'changed', runs: runs(words(sentence.text), inBoth) };
    });
  // One alignment for both sides: what is marked here has its answer there.
  const pairOf = (l: number | undefined, r: number | undefined) => {
    const one = left[l ?? -1];
    const other = right[r ?? -1];
    return one && other ? { one, other, ...common(words(one.text), words(other.text)) } : null;
  };
  return {
    left: side(left, (index) => {
      const pair = pairOf(index, ofLeft.get(index));
      return pair ? { other: pair.other, inBoth: pair.left } : { inBoth: [] };
    }),
    right: side(right, (index) => {
      const pair = pairOf(ofRight.get(index), index);
      return pair ? { other: pair.one, inBoth: pair.right } : { inBoth: [] };
    }),
  };
};
