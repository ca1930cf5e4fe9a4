/** One sentence, token by token. */
import type { PipelineOf } from '../../kit/manifest.ts';
import { seeded } from '../../kit/random.ts';
import { idOf, sentenceOf, tokenIds, type Vocabulary } from '../../kit/text/tokens.ts';

/** int64 [1, tokens] -> logits float32 [1, tokens, V]; only the last row is read. */
export type NextLogits = (ids: BigInt64Array) => Promise<Float32Array>;

export interface Generated {
  readonly text: string;
  /** Mean log-probability per token under the network itself (temperature 1). */
  readonly score: number;
}

/** [begin] prompt [separator] */
export const promptIds = (
  prompt: string,
  vocabulary: Vocabulary,
  tokenizer: PipelineOf<'report-generation'>['tokenizer'],
  room: number,
): number[] => {
  const { begin, separator, unknown } = tokenizer.tokens;
  return [
    idOf(vocabulary, begin),
    ...tokenIds(vocabulary, prompt, unknown).slice(0, Math.max(0, tokenizer.limit - room - 2)),
    idOf(vocabulary, separator),
  ];
};

/** Seed 0 is greedy. Answers null where the network does not come to an end within its tokens. */
export const generateSentence = async (
  prompt: string,
  seed: number,
  pipeline: PipelineOf<'report-generation'>,
  vocabulary: Vocabulary,
  next: NextLogits,
): Promise<Generated | null> => {
  const { tokens } = pipeline.tokenizer;
  const end = idOf(vocabulary, tokens.end);
  const banned = new Set([tokens.pad, tokens.unknown, tokens.begin, tokens.separator].map((t) => idOf(vocabulary, t)));
  const random = seeded(`sentence ${seed} ${prompt}`);
  const ids = promptIds(prompt, vocabulary, pipeline.tokenizer, pipeline.maxTokens);
  const sentence: number[] = [];
  const size = vocabulary.tokens.length;
  let sum = 0;
  for (let n = 0; n < pipeline.maxTokens; n++) {
    const all = await next(BigInt64Array.from([...ids, ...sentence].map(BigInt)));
    const logits = all.subarray(all.length - size);
    if (all.length < size || !logits.every(Number.isFinite)) throw new RangeError('the network answered no logits');
    const order = Array.from(logits.keys())
      .filter((id) => !banned.has(id))
      .sort((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0))
      .slice(0, seed === 0 ? 1 : pipeline.top);
    const top = logits[order[0] ?? 0] ?? 0;
    let chosen = order[0] ?? end;
    if (seed !== 0) {
      const weights = order.map((id) => Math.exp(((logits[id] ?? 0) - top) / pipeline.temperature));
      let at = random.next() * weights.reduce((a, b) => a + b, 0);
      for (const [w, weight] of weights.entries()) {
        at -= weight;
        if (at <= 0) {
          chosen = order[w] ?? chosen;
          break;
        }
      }
    }
    const highest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = logits.reduce((a, b) => a + Math.exp(b - highest), 0);
    sum += (logits[chosen] ?? 0) - highest - Math.log(total);
    if (chosen === end) {
      const text = sentenceOf(vocabulary, sentence);
      return text === '' ? null : { text, score: sum / (n + 1) };
    }
    sentence.push(chosen);
  }
  return null;
};
