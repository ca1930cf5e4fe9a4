import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PipelineOf } from '../../kit/manifest.ts';
import { readVocabulary } from '../../kit/text/tokens.ts';
import { generateSentence, promptText } from './index.ts';

const words = '[pad] [unknown] [begin] [end] [separator] there is a nodule mass .'.split(' ');
const vocabulary = readVocabulary(words.join('\n'));
const pipeline: PipelineOf<'report-generation'> = {
  task: 'report-generation',
  network: { file: 'model.onnx', inputs: {}, outputs: {} },
  tokenizer: {
    kind: 'wordpiece',
    vocabulary: 'vocabulary.txt',
    tokens: { pad: '[pad]', unknown: '[unknown]', begin: '[begin]', end: '[end]', separator: '[separator]' },
    limit: 40,
  },
  keys: ['lung-nodule'],
  maxTokens: 12,
  temperature: 1,
  top: 3,
};
const FOLLOW: Record<string, [string, number][]> = {
  '[separator]': [['there', 9]],
  there: [['is', 9]],
  is: [['a', 9]],
  a: [
    ['nodule', 5],
    ['mass', 4.7],
    ['[pad]', 9],
  ],
  nodule: [['.', 9]],
  mass: [['.', 9]],
  '.': [['[end]', 9]],
};
const next = async (ids: BigInt64Array): Promise<Float32Array> => {
  const logits = new Float32Array(ids.length * words.length);
  const last = words[Number(ids.at(-1))] ?? '';
  for (const [token, value] of FOLLOW[last] ?? [['a', 9]])
    logits[(ids.length - 1) * words.length + words.indexOf(token)] = value;
  return logits;
};

test('greedy takes the likeliest token that may be said', async () => {
  const made = await generateSentence('xray', 0, pipeline, vocabulary, next);
  assert.equal(made?.text, 'There is a nodule.');
  assert.ok(made && made.score < 0);
});

test('sampling differs by seed, is the same for the same seed', async () => {
  const texts = new Set<string>();
  for (let seed = 1; seed <= 30; seed++) {
    const first = await generateSentence('xray', seed, pipeline, vocabulary, next);
    assert.deepEqual(await generateSentence('xray', seed, pipeline, vocabulary, next), first);
    if (first) texts.add(first.text);
  }
  assert.ok(texts.has('There is a nodule.') && texts.has('There is a mass.'));
});

test('a sentence without an end is none; logits that are none are refused', async () => {
  const endless = async (ids: BigInt64Array) => {
    const logits = new Float32Array(ids.length * words.length);
    logits[(ids.length - 1) * words.length + words.indexOf('a')] = 9;
    return logits;
  };
  assert.equal(await generateSentence('xray', 0, pipeline, vocabulary, endless), null);
  await assert.rejects(
    generateSentence('xray', 0, pipeline, vocabulary, async () => new Float32Array(3)),
    /no logits/,
  );
});

test('the prompt names what is known in its order', () => {
  const finding = { key: 'lung-nodule', side: 'left', place: 'left upper zone', severity: 'small' } as const;
  const measurements = [
    { name: 'largest diameter', value: 12.4, unit: 'mm' },
    { name: 'volume', value: 0.93, unit: 'mL' },
  ];
  assert.equal(
    promptText({ modality: 'CT', finding: { ...finding, measurements }, wording: ['A  nodule | is seen.'] }),
    'ct | lung nodule | left | left upper zone | small | 12 mm | 0.9 ml | a nodule is seen.',
  );
  const heart = {
    key: 'cardiomegaly',
    side: null,
    place: 'heart',
    severity: '',
    measurements: [{ name: 'cardiothoracic ratio', value: 0.6, unit: '1' }],
  };
  assert.equal(
    promptText({ modality: 'CR', finding: heart, wording: [] }),
    'xray | cardiomegaly | - | heart | - | - | 0.60 | -',
  );
});
