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

interface Marks {
  readonly regions: ReadonlyMap<number, number>;
  readonly plain: number;
  readonly end: number;
  readonly stop: number;
  /** Never written. */
  readonly banned: ReadonlySet<number>;
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
  };
};

/**
 * Greedy, within the form: between sentences a mark or the end, inside one words up to '.'; a region is spoken of once and
 * in the order in which it was taught, and no three words follow each other twice in a sentence. What is not ended within
 * the tokens is left out.
 */
export const writeReport = async (
  pipeline: Pipeline,
  vocabulary: Vocabulary,
  sized: boolean,
  next: NextToken,
): Promise<WrittenLine[]> => {
  const marks = marksOf(pipeline, vocabulary);
  const { begin } = pipeline.tokenizer.tokens;
  const ids = [idOf(vocabulary, begin), idOf(vocabulary, sized ? pipeline.marks.sized : pipeline.marks.unsized)];
  const lines: WrittenLine[] = [];
  let open: { region: number | null; ids: number[]; sum: number; count: number } | null = null;
  let last = -1;
  const mayFollow = (id: number): boolean => {
    if (marks.banned.has(id)) return false;
    const region = marks.regions.get(id);
    if (!open) return id === marks.end || id === marks.plain || (region !== undefined && region > last);
    if (region !== undefined || id === marks.plain || id === marks.end) return false;
    return !repeats(open.ids, id) && (id !== marks.stop || open.ids.length > 0);
  };
  while (ids.length < pipeline.maxTokens) {
    const logits = await next(BigInt64Array.from(ids, BigInt));
    if (logits.length !== vocabulary.tokens.length || !logits.every(Number.isFinite))
      throw new RangeError('the network answered no logits');
    let chosen = -1;
    let total = 0;
    const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    for (const [id, value] of logits.entries()) {
      total += Math.exp(value - highest);
      if (mayFollow(id) && (chosen < 0 || value > (logits[chosen] ?? 0))) chosen = id;
    }
    if (chosen < 0 || chosen === marks.end) break;
    const log = (logits[chosen] ?? 0) - highest - Math.log(total);
    ids.push(chosen);
    if (!open) {
      const region = marks.regions.get(chosen) ?? null;
      if (region !== null) last = region;
      open = { region, ids: [], sum: log, count: 1 };
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
