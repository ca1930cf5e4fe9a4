/** A report, token by token, held to the form that the network was taught. */
import type { PipelineOf } from '../../kit/manifest.ts';
import { idOf, type Vocabulary } from '../../kit/text/tokens.ts';

type Pipeline = PipelineOf<'report-drafting'>;

/** int64 [1, tokens] -> logits float32 [V] of the next token. */
export type NextToken = (ids: BigInt64Array) => Promise<Float32Array>;

/** A sentence as token ids, its mark left away. */
export interface WrittenLine {
  /** Row of `places`; null where it speaks of no region. */
  readonly region: number | null;
  readonly ids: readonly number[];
  /** Mean probability of its tokens, the mark among them, 0 to 1. */
  readonly score: number;
}

/** Whether the last three ids of a sentence with this one more stood in it before. */
const repeats = (sentence: readonly number[], id: number): boolean => {
  const [a, b] = sentence.slice(-2);
  if (b === undefined) return false;
  return sentence.some((one, n) => one === a && sentence[n + 1] === b && sentence[n + 2] === id);
};

/** Words that tell where something lies. */
const PLACE_WORDS = ['left', 'right', 'upper', 'middle', 'lower', 'zone', 'lung', 'base', 'hemithorax'] as const;

interface Marks {
  readonly regions: ReadonlyMap<number, number>;
  readonly plain: number;
  readonly end: number;
  readonly stop: number;
  /** Never written. */
  readonly banned: ReadonlySet<number>;
  readonly placeWords: ReadonlyMap<number, string>;
}

const marksOf = ({ tokenizer, marks, regions }: Pipeline, vocabulary: Vocabulary): Marks => {
  const id = (token: string): number => idOf(vocabulary, token);
  const { pad, unknown, begin, separator, end } = tokenizer.tokens;
  return {
    regions: new Map(regions.map(({ token }, n) => [id(token), n])),
    plain: id(marks.plain),
    end: id(end),
    stop: id('.'),
    banned: new Set([pad, unknown, begin, separator, marks.sized, marks.unsized].map(id)),
    placeWords: new Map(
      PLACE_WORDS.flatMap((word) => {
        const known = vocabulary.ids.get(word);
        return known === undefined ? [] : [[known, word] as const];
      }),
    ),
  };
};

/** A region as it was seen. */
export interface SeenRegion {
  /** Null where it is not known. */
  readonly place: string | null;
  /** Whether it is to be told; null where that is for the writer to decide. */
  readonly told: boolean | null;
}

/**
 * Greedy, within the form: between sentences a mark or the end, inside one words up to '.'; a region is spoken of once and
 * in the order in which it was taught, those that are to be told before all else, and no three words follow each other
 * twice. Where a word would tell another place than the region's, the likeliest word of the region's own place stands in
 * for it. What is not ended within the tokens is left out.
 */
export const writeReport = async (
  pipeline: Pipeline,
  vocabulary: Vocabulary,
  sized: boolean,
  seenAt: (region: number) => SeenRegion,
  next: NextToken,
): Promise<WrittenLine[]> => {
  const marks = marksOf(pipeline, vocabulary);
  const { begin } = pipeline.tokenizer.tokens;
  const ids = [idOf(vocabulary, begin), idOf(vocabulary, sized ? pipeline.marks.sized : pipeline.marks.unsized)];
  const lines: WrittenLine[] = [];
  let open: { region: number | null; place: string | null; ids: number[]; sum: number; count: number } | null = null;
  let last = -1;
  const seen = pipeline.regions.map((_, region) => seenAt(region));
  const isDue = ({ told }: SeenRegion, region: number): boolean => told === true && region > last;
  const mayFollow = (id: number): boolean => {
    if (marks.banned.has(id)) return false;
    const region = marks.regions.get(id);
    if (!open) {
      const due = seen.findIndex(isDue);
      if (region === undefined) return due < 0 && (id === marks.end || id === marks.plain);
      return region > last && seen[region]?.told !== false && (due < 0 || region <= due);
    }
    if (region !== undefined || id === marks.plain || id === marks.end) return false;
    return !repeats(open.ids, id) && (id !== marks.stop || open.ids.length > 0);
  };
  const isElsewhere = (id: number): boolean => {
    const word = marks.placeWords.get(id);
    return word !== undefined && open !== null && open.place !== null && !open.place.split(' ').includes(word);
  };
  const likeliest = (logits: Float32Array, among: (id: number) => boolean): number => {
    let chosen = -1;
    for (const [id, value] of logits.entries())
      if (among(id) && mayFollow(id) && (chosen < 0 || value > (logits[chosen] ?? 0))) chosen = id;
    return chosen;
  };
  while (ids.length < pipeline.maxTokens) {
    const logits = await next(BigInt64Array.from(ids, BigInt));
    if (logits.length !== vocabulary.tokens.length || !logits.every(Number.isFinite))
      throw new RangeError('the network answered no logits');
    let total = 0;
    const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    for (const value of logits) total += Math.exp(value - highest);
    let chosen = likeliest(logits, () => true);
    if (isElsewhere(chosen)) {
      const here = likeliest(logits, (id) => marks.placeWords.has(id) && !isElsewhere(id));
      chosen = here < 0 ? likeliest(logits, (id) => !isElsewhere(id)) : here;
    }
    if (chosen < 0 || chosen === marks.end) break;
    const log = (logits[chosen] ?? 0) - highest - Math.log(total);
    ids.push(chosen);
    if (!open) {
      const region = marks.regions.get(chosen) ?? null;
      if (region !== null) last = region;
      open = { region, place: region === null ? null : (seen[region]?.place ?? null), ids: [], sum: log, count: 1 };
      continue;
    }
    open.ids.push(chosen);
    open.sum += log;
    open.count++;
    if (chosen !== marks.stop) continue;
    const said = { region: open.region, ids: open.ids, score: Math.exp(open.sum / open.count) };
    // the same sentence again, of no region or of another, adds nothing
    const again = lines.some((line) => line.region === null && line.ids.join() === said.ids.join());
    if (!again) lines.push(said);
    open = null;
  }
  return lines;
};
