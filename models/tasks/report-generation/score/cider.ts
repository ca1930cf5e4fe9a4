import { type Pair, runsOf, tokensOf } from './n-grams.ts';

/** Width of the penalty for another length, in runs of two words. */
const SIGMA = 6;

interface Weighted {
  /** By length of run, 1 to 4: run to weight. */
  readonly runs: readonly ReadonlyMap<string, number>[];
  readonly norms: readonly number[];
  /** Runs of two words, as coco-caption counts a text's length. */
  readonly length: number;
}

const weigh = (counts: readonly Map<string, number>[], rarity: (run: string) => number): Weighted => {
  const runs = counts.map((own) => new Map(own.entries().map(([run, count]) => [run, count * rarity(run)] as const)));
  return {
    runs,
    norms: runs.map((own) => Math.sqrt(own.values().reduce((sum, weight) => sum + weight ** 2, 0))),
    length: counts[1]?.values().reduce((sum, count) => sum + count, 0) ?? 0,
  };
};

const likeness = (text: Weighted, reference: Weighted): number => {
  const penalty = Math.exp(-((text.length - reference.length) ** 2) / (2 * SIGMA ** 2));
  const byLength = text.runs.map((own, n) => {
    const other = reference.runs[n];
    const dot = own.entries().reduce((sum, [run, weight]) => {
      const there = other?.get(run) ?? 0;
      return sum + Math.min(weight, there) * there;
    }, 0);
    const norm = (text.norms[n] ?? 0) * (reference.norms[n] ?? 0);
    return norm === 0 ? 0 : (dot / norm) * penalty;
  });
  return byLength.reduce((sum, value) => sum + value, 0) / byLength.length;
};

/**
 * CIDEr of each pair, 0 to 10, weights counted from the references of all pairs together (one pair alone scores 0).
 * This is CIDEr-D (Vedantam et al. 2015, 5.2: clipped weights, Gaussian penalty on length, sigma 6), which coco-caption
 * and nlg-eval call CIDEr; as there, words are not stemmed.
 */
export const cidersOf = (pairs: readonly Pair[]): number[] => {
  const references = pairs.map((pair) => pair.references.map((text) => runsOf(tokensOf(text))));
  const seenIn = new Map<string, number>();
  for (const own of references)
    for (const run of new Set(own.flatMap((counts) => counts.flatMap((of) => [...of.keys()]))))
      seenIn.set(run, (seenIn.get(run) ?? 0) + 1);
  const rarity = (run: string): number => Math.log(pairs.length) - Math.log(Math.max(1, seenIn.get(run) ?? 0));
  return pairs.map(({ text }, n) => {
    const own = weigh(runsOf(tokensOf(text)), rarity);
    const others = references[n] ?? [];
    const sum = others.reduce((all, counts) => all + likeness(own, weigh(counts, rarity)), 0);
    return others.length === 0 ? 0 : (10 * sum) / others.length;
  });
};

/** The mean over pairs; 0 where there is none. */
export const cider = (pairs: readonly Pair[]): number =>
  pairs.length === 0 ? 0 : cidersOf(pairs).reduce((sum, value) => sum + value, 0) / pairs.length;
