import type { PipelineOf } from '../../kit/manifest.ts';
import { idOf, tokenIds, type Vocabulary } from '../../kit/text/tokens.ts';

/** Inputs of a text encoder, both int64 [batch, tokens]. */
export interface TextBatch {
  readonly ids: BigInt64Array;
  readonly mask: BigInt64Array;
  readonly dims: readonly [batch: number, tokens: number];
}

/** [begin] text [end], cut at the tokenizer's limit, padded at the right to the longest. */
export const textBatch = (
  texts: readonly string[],
  vocabulary: Vocabulary,
  tokenizer: PipelineOf<'embedding'>['tokenizer'],
): TextBatch => {
  const { pad, unknown, begin, end } = tokenizer.tokens;
  const [padId, beginId, endId] = [pad, begin, end].map((token) => idOf(vocabulary, token)) as [number, number, number];
  const rows = texts.map((text) => [
    beginId,
    ...tokenIds(vocabulary, text, unknown).slice(0, tokenizer.limit - 2),
    endId,
  ]);
  const width = Math.max(1, ...rows.map((row) => row.length));
  const ids = new BigInt64Array(rows.length * width).fill(BigInt(padId));
  const mask = new BigInt64Array(rows.length * width);
  for (const [r, row] of rows.entries())
    for (const [c, id] of row.entries()) {
      ids[r * width + c] = BigInt(id);
      mask[r * width + c] = 1n;
    }
  return { ids, mask, dims: [rows.length, width] };
};

/** Rows of [batch, d] at length 1; throws RangeError where one has no direction or is not finite. */
export const unitRows = (data: Float32Array, batch: number): Float32Array[] => {
  const width = data.length / batch;
  if (!Number.isInteger(width) || width < 1) throw new RangeError('the encoder answered another size');
  return Array.from({ length: batch }, (_, row) => {
    const own = data.slice(row * width, (row + 1) * width);
    const length = Math.sqrt(own.reduce((sum, v) => sum + v * v, 0));
    if (!Number.isFinite(length) || length < 1e-12) throw new RangeError('an embedding has no direction');
    return own.map((v) => v / length);
  });
};
