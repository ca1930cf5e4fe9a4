import { type ByLength, type Pair, runsOf, tokensOf } from './n-grams.ts';

/** coco-caption adds these so that nothing divides by 0; they are part of its published figures. */
const TINY = 1e-15;
const SMALL = 1e-9;

interface Counts {
  readonly length: number;
  /** Of the reference closest in length; of two as close, the shorter. */
  readonly referenceLength: number;
  readonly guessed: readonly number[];
  readonly correct: readonly number[];
}

const countsOf = ({ text, references }: Pair): Counts => {
  const tokens = tokensOf(text);
  const others = references.map(tokensOf);
  const most = others.map(runsOf);
  const lengths = others.map((other) => other.length);
  const off = (length: number): number => Math.abs(length - tokens.length);
  const [closest = 0] = lengths.toSorted((a, b) => off(a) - off(b) || a - b);
  return {
    length: tokens.length,
    referenceLength: closest,
    guessed: [1, 2, 3, 4].map((n) => Math.max(0, tokens.length - n + 1)),
    correct: runsOf(tokens).map((runs, n) =>
      runs.entries().reduce((sum, [run, count]) => {
        const allowed = Math.max(0, ...most.map((counts) => counts[n]?.get(run) ?? 0));
        return sum + Math.min(count, allowed);
      }, 0),
    ),
  };
};

const bleuOf = (counts: readonly Counts[]): ByLength => {
  const sum = (of: (one: Counts) => number): number => counts.reduce((all, one) => all + of(one), 0);
  const ratio = (sum((one) => one.length) + TINY) / (sum((one) => one.referenceLength) + SMALL);
  const brevity = ratio < 1 ? Math.exp(1 - 1 / ratio) : 1;
  let product = 1;
  const upTo = (n: number): number => {
    product *= (sum((one) => one.correct[n] ?? 0) + TINY) / (sum((one) => one.guessed[n] ?? 0) + SMALL);
    return product ** (1 / (n + 1)) * brevity;
  };
  return [upTo(0), upTo(1), upTo(2), upTo(3)];
};

/**
 * BLEU-1 to BLEU-4, 0 to 1, of all pairs together: clipped counts and lengths are summed before they are divided.
 * Papineni et al. 2002 in the form of coco-caption and nlg-eval: reference closest in length, 1e-15 and 1e-9 in place
 * of smoothing (a text without a common run of four words scores near 1e-4, not 0).
 */
export const bleu = (pairs: readonly Pair[]): ByLength => bleuOf(pairs.map(countsOf));
