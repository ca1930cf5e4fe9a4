import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pieces, readVocabulary, sentenceOf, tokenIds } from './tokens.ts';

const words =
  '[pad] [unknown] [begin] [end] [separator] a in the nod ##ule left upper zone 1 2 mm . , - ( ) ct 3 per ##i'.split(
    ' ',
  );
const vocabulary = readVocabulary(`${words.join('\n')}\n`);

test('pieces: words, single digits and single marks; composed letters stand alone', () => {
  assert.deepEqual(pieces('A 12.5 mm  Nodule\n(ﬁne)'), ['a', '1', '2', '.', '5', 'mm', 'nodule', '(', 'fine', ')']);
  assert.deepEqual(pieces('ä b'), ['ä', 'b']);
});

test('greedy longest match; what cannot be spelled is unknown, once a piece', () => {
  const of = (text: string): string[] => tokenIds(vocabulary, text, '[unknown]').map((id) => words[id] ?? '?');
  assert.deepEqual(of('Nodule in the LEFT upper zone'), ['nod', '##ule', 'in', 'the', 'left', 'upper', 'zone']);
  assert.deepEqual(of('nodular zone 9'), ['[unknown]', 'zone', '[unknown]']);
});

test('a sentence comes back as it is written', () => {
  const text = 'A 12.3 mm peri-nodule (CT) in the left upper zone, 2.';
  assert.equal(
    sentenceOf(vocabulary, tokenIds(vocabulary, text, '[unknown]')),
    'A 12.3 mm peri-nodule (CT) in the left upper zone, 2.',
  );
});

test('a vocabulary with an empty or repeated line is refused', () => {
  assert.throws(() => readVocabulary('a\n\nb\n'), /line 2 .* empty/);
  assert.throws(() => readVocabulary('a\nb\na\n'), /line 3 .* repeats/);
});
