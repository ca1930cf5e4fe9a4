import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DraftSentence } from '../../preload/contract/index.ts';
import { compared } from './difference.ts';

const drafted = (...texts: string[]): DraftSentence[] =>
  texts.map((text, index) => ({
    id: `s${index}`,
    section: 'findings',
    text,
    kind: 'finding',
    regions: [],
    score: null,
    evidence: [],
    findingKey: '',
    side: null,
  }));

test('equal sentences match wherever they stand, changed words are marked, the rest stands alone', () => {
  const { left, right } = compared(
    drafted('The heart is normal in size.', '12 mm nodule in the left upper lobe.', 'No effusion.'),
    drafted('No effusion.', '12 mm nodule in the right upper lobe.', 'Aorta is tortuous and calcified.'),
  );
  assert.deepEqual(
    left.map((one) => one.kind),
    ['alone', 'changed', 'same'],
  );
  assert.deepEqual(
    right.map((one) => one.kind),
    ['same', 'changed', 'alone'],
  );
  assert.deepEqual(
    left[1]?.runs.filter((run) => run.kind === 'only').map((run) => run.text),
    ['left'],
  );
  assert.deepEqual(
    right[1]?.runs.filter((run) => run.kind === 'only').map((run) => run.text),
    ['right'],
  );
  for (const one of [...left, ...right]) assert.equal(one.runs.map((run) => run.text).join(' '), one.sentence.text);
});

test('a sentence said twice is matched once', () => {
  const { left } = compared(drafted('No effusion.', 'No effusion.'), drafted('No effusion.'));
  assert.deepEqual(
    left.map((one) => one.kind),
    ['same', 'alone'],
  );
});

test('sections are not mixed', () => {
  const impression = drafted('No effusion.').map((one) => ({ ...one, section: 'impression' as const }));
  assert.equal(compared(drafted('No effusion.'), impression).left[0]?.kind, 'alone');
});

test('the words called common are the same words on both sides', () => {
  const { left, right } = compared(
    drafted('There is a 14 mm pulmonary nodule in the left upper lobe.'),
    drafted('A pulmonary nodule measuring 14 mm is seen in the left upper lobe.'),
  );
  const same = (one: (typeof left)[number] | undefined): string =>
    (one?.runs ?? [])
      .filter((run) => run.kind === 'same')
      .map((run) => run.text.toLowerCase())
      .join(' ');
  assert.equal(same(left[0]), same(right[0]));
});
