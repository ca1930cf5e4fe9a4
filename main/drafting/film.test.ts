import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../preload/contract/index.ts';
import type { DraftedFilm, DraftedSentence } from '../domains.ts';
import { createKnowledge } from '../knowledge/index.ts';
import { createDrafting } from './index.ts';
import { finding, STUDY, standins } from './test-world.ts';

/** On a film whose left is on image right: boxes at x 70 lie left, at x 10 right. */
const told = (
  text: string,
  key: string,
  side: 'left' | 'right' | null,
  x: number,
  over: Partial<NonNullable<DraftedSentence['finding']>> = {},
): DraftedSentence => ({
  text,
  score: 0.9,
  finding: {
    key,
    name: key,
    side,
    place: side ? `${side} hemithorax` : '',
    severity: '',
    measurements: [],
    box: [x, 40, x + 20, 60],
    probability: 0.8,
    ...over,
  },
});
const plain = (text: string): DraftedSentence => ({ text, score: 0.9, finding: null });

const build = (sentences: readonly DraftedSentence[] | null) => {
  const { base, studies, inference } = standins([finding('liver-lesion', null, 20)], ['liver-lesion']);
  const film: DraftedFilm | null = sentences && {
    sentences,
    frameIndex: 0,
    keys: ['effusion', 'pneumothorax', 'lung-nodule', 'cardiomegaly'],
    package: 'cxr-report',
    version: '0.1.0',
    trainedOn: ['760 drawn films', 'more'],
  };
  const seeing = { ...inference, draftFilm: async () => film };
  return createDrafting(base, studies, seeing, createKnowledge(base, studies, seeing));
};
const write = (drafting: ReturnType<typeof build>) =>
  drafting.write(STUDY.id, { seed: 1, retrieval: 'none', drafter: 'film' });
const findings = async (sentences: readonly DraftedSentence[]) => {
  const draft = await write(build(sentences));
  return { draft, said: draft.sentences.filter(({ section }) => section === 'findings') };
};

test("the network's sentences stand in the draft, each with its box, its maker and its recipe", async () => {
  const { draft, said } = await findings([
    told('There is a small left pleural effusion.', 'effusion', 'left', 70, { severity: 'small' }),
    plain('No pneumothorax.'),
  ]);
  assert.deepEqual(
    said.map(({ text, kind, findingKey }) => [text, kind, findingKey]),
    [
      ['There is a small left pleural effusion.', 'finding', 'effusion'],
      ['No pneumothorax.', 'normal', 'pneumothorax'],
    ],
  );
  assert.deepEqual(said[0]?.regions, [
    { kind: 'box', seriesId: 'series-1', instanceUid: '2.25.1.0', frameIndex: 0, box: [70, 40, 90, 60] },
  ]);
  assert.deepEqual(said[0]?.evidence, [
    { kind: 'model', package: 'cxr-report', version: '0.1.0', findingId: null, score: 0.8 },
  ]);
  assert.ok(draft.remarks.some((remark) => /a guess of the drafting network/.test(remark)));
  assert.equal(draft.remarks[0], 'Written by cxr-report 0.1.0, trained on 760 drawn films.');
  assert.equal(draft.recipe.drafter, 'sightline-film-drafter');
  assert.ok(!draft.remarks.some((remark) => /No model has read/.test(remark)), 'the network has read it');
  assert.deepEqual(draft.recipe.packages, [{ name: 'cxr-report', version: '0.1.0' }]);
  // what other models found is not this drafter's to tell
  assert.ok(draft.sentences.every(({ findingKey }) => findingKey !== 'liver-lesion'));
  assert.ok(draft.sentences.some(({ section, text }) => section === 'impression' && /effusion/i.test(text)));
});

test('a finding that the network itself holds for unlikely is pointed out', async () => {
  const sure = await findings([told('There is a left pleural effusion.', 'effusion', 'left', 70)]);
  assert.ok(!sure.draft.remarks.some((remark) => /less than 50 %/.test(remark)));
  const { draft } = await findings([
    told('There is a left pleural effusion.', 'effusion', 'left', 70, { probability: 0.05 }),
    told('There is a left pneumothorax.', 'pneumothorax', 'left', 70, { probability: 0.49 }),
  ]);
  assert.ok(draft.remarks.some((remark) => /^2 findings of this draft are given less than 50 %/.test(remark)));
});

test('a sentence against its own place gives way to our phrase, and the reader is told', async () => {
  const { draft, said } = await findings([told('There is a right pleural effusion.', 'effusion', 'left', 70)]);
  assert.match(said[0]?.text ?? '', /\bleft\b/i);
  assert.doesNotMatch(said[0]?.text ?? '', /\bright\b/i);
  assert.ok(draft.remarks.some((remark) => /contradicted/.test(remark)));
});

test('where the file does not say how the film lies no sentence names a side', async () => {
  const { said } = await findings([told('There is a left pleural effusion.', 'effusion', null, 70)]);
  assert.equal(said.length, 1);
  assert.doesNotMatch(said[0]?.text ?? '', /left|right/i);
});

test('nothing is compared, and nothing normal is said of what the draft tells', async () => {
  const { said } = await findings([
    told('A nodule is seen in the left lung.', 'lung-nodule', 'left', 70, { place: 'left lung' }),
    told('The left pleural effusion has increased.', 'effusion', 'left', 60),
    plain('The lungs are clear.'),
    plain('No pleural effusion.'),
    plain('Stable heart size.'),
    plain('No pneumothorax.'),
    plain('No pneumothorax.'),
  ]);
  const texts = said.map(({ text }) => text);
  assert.equal(texts[0], 'A nodule is seen in the left lung.');
  assert.doesNotMatch(texts[1] ?? '', /increased/);
  assert.deepEqual(texts.slice(2), ['No pneumothorax.']);
});

test('the same seed writes the same draft again', async () => {
  const sentences = [told('There is a right pleural effusion.', 'effusion', 'left', 70)];
  const once = await findings(sentences);
  const again = await findings(sentences);
  const texts = ({ draft }: typeof once): string[] => draft.sentences.map(({ text }) => text);
  assert.deepEqual(texts(once), texts(again));
});

test('a study without a film that the network reads is refused in words, and no draft is stored', async () => {
  const drafting = build(null);
  await assert.rejects(write(drafting), (error) => error instanceof Fault && /frontal chest film/.test(error.message));
  assert.deepEqual(drafting.drafts(STUDY.id), []);
});
