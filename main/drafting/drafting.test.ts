import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Draft } from '../../preload/contract/index.ts';
import { createKnowledge } from '../knowledge/index.ts';
import { compares, objection } from './check.ts';
import { createDrafting } from './index.ts';
import { finding, STUDY, standins } from './test-world.ts';

const size = (value: number) => [{ name: 'largest diameter', value, unit: 'mm' }];

const build = (...given: Parameters<typeof standins>) => {
  const parts = standins(...given);
  const knowledge = createKnowledge(parts.base, parts.studies, parts.inference);
  return { ...parts, knowledge, drafting: createDrafting(parts.base, parts.studies, parts.inference, knowledge) };
};
const texts = (draft: Draft, section: string): string[] =>
  draft.sentences.filter((s) => s.section === section).map((s) => s.text);
const importLines = async (parts: ReturnType<typeof build>, lines: readonly object[]): Promise<void> => {
  const path = join(parts.base.store.folder, 'in.jsonl');
  writeFileSync(path, lines.map((line) => JSON.stringify(line)).join('\n'));
  await parts.base.jobs.ended(parts.knowledge.importPath(path).jobId);
};

test('a finding becomes a sentence with its region, absent ones normal statements without', async () => {
  const { drafting } = build(
    [finding('lung-nodule', 'right', 20, { place: 'right upper lobe', measurements: size(16.4) })],
    ['lung-nodule', 'effusion', 'heart'],
  );
  const draft = await drafting.write(STUDY.id, { seed: 1, retrieval: 'none' });
  const said = draft.sentences.filter((s) => s.section === 'findings');
  assert.equal(said.length, 2);
  assert.match(said[0]?.text ?? '', /16 mm/);
  assert.match(said[0]?.text ?? '', /right upper lobe/);
  assert.equal(said[0]?.regions.length, 1);
  assert.equal(said[1]?.kind, 'normal');
  assert.match(said[1]?.text ?? '', /effusion|pleural/i);
  assert.deepEqual(said[1]?.regions, []);
  assert.equal(texts(draft, 'impression').length, 1);
  assert.deepEqual(drafting.drafts(STUDY.id), [draft]);
});

test('what a model could not tell of the images is not said to be absent', async () => {
  const { drafting } = build([], ['lung-nodule', 'effusion', 'pneumothorax'], null, ['pneumothorax']);
  const draft = await drafting.write(STUDY.id, { seed: 1, retrieval: 'none' });
  const said = draft.sentences.filter((s) => s.section === 'findings').map((s) => s.findingKey);
  assert.deepEqual([...said].sort(), ['effusion', 'lung-nodule']);
});

test('what a model that fits was never run for is not said to be absent', async () => {
  const { drafting } = build([], ['lung-nodule', 'effusion'], null, [], false);
  const draft = await drafting.write(STUDY.id, { seed: 1, retrieval: 'none' });
  assert.deepEqual(
    draft.sentences.filter((s) => s.section === 'findings' || s.section === 'impression'),
    [],
  );
  assert.deepEqual(draft.recipe.packages, []);
  assert.ok(draft.remarks.some((remark) => /No model has read series 1 \(CT\): look at it yourself/.test(remark)));
});

test('the same seed writes the same text, another seed another', async () => {
  const { drafting } = build(
    [
      finding('effusion', 'left', 70, { severity: 'small' }),
      finding('lung-nodule', 'right', 20, { measurements: size(9) }),
    ],
    ['effusion', 'lung-nodule', 'liver-lesion'],
  );
  const all = async (seed: number) =>
    (await drafting.write(STUDY.id, { seed, retrieval: 'none' })).sentences.map((s) => s.text).join('\n');
  const first = await all(1);
  assert.equal(await all(1), first);
  const others = await Promise.all([2, 3, 4, 5].map(all));
  assert.ok(others.some((text) => text !== first));
});

test('no comparison without a prior, and one with its date where there is', async () => {
  const parts = build(
    [finding('lung-nodule', 'right', 20, { place: 'right upper lobe', measurements: size(16) })],
    ['lung-nodule', 'effusion'],
  );
  const before = await parts.drafting.write(STUDY.id, { seed: 1, retrieval: 'priors-and-similar' });
  assert.deepEqual(texts(before, 'comparison'), ['None available.']);
  assert.ok(before.sentences.filter((s) => s.section !== 'comparison').every((s) => !compares(s.text)));

  await importLines(parts, [
    {
      patientId: 'P1',
      birthDate: '1960-02-03',
      date: '2025-11-02',
      modality: 'CT',
      findings: 'There is a 12 mm nodule in the right upper lobe. Small left pleural effusion.',
    },
  ]);
  const after = await parts.drafting.write(STUDY.id, { seed: 1, retrieval: 'priors-and-similar' });
  assert.deepEqual(texts(after, 'comparison'), ['Report of 2025-11-02.']);
  const comparisons = after.sentences.filter((s) => s.kind === 'comparison');
  assert.deepEqual(
    comparisons.map((s) => s.text),
    [
      'The right pulmonary nodule measures 16 mm, larger than in the report of 2025-11-02 (12 mm).',
      'The left pleural effusion described in the report of 2025-11-02 is not found by the model.',
    ],
  );
  assert.ok(comparisons.every((s) => s.evidence.some((e) => e.kind === 'report' && e.relation === 'prior')));
});

test('a lesion of an organ without sides is named once, without one', async () => {
  const parts = build([], ['liver-lesion']);
  await importLines(parts, [
    {
      patientId: 'P1',
      birthDate: '1960-02-03',
      date: '2025-11-02',
      findings: 'There is a 24 mm lesion in the right lobe of the liver.',
      impression: '24 mm liver lesion.',
    },
  ]);
  const draft = await parts.drafting.write(STUDY.id, { seed: 1, retrieval: 'priors' });
  assert.deepEqual(
    draft.sentences.filter((s) => s.kind === 'comparison').map((s) => s.text),
    ['The focal liver lesion described in the report of 2025-11-02 is not found by the model.'],
  );
  assert.ok(
    draft.sentences.every((s) => s.kind !== 'normal' || s.findingKey !== 'liver-lesion'),
    'what a prior described is not said to be absent',
  );
});

test("another patient's report lends wording, never a finding, number or date", async () => {
  const parts = build([finding('lung-nodule', 'left', 70, { measurements: size(11) })], ['lung-nodule']);
  await importLines(parts, [
    {
      patientId: 'P2',
      birthDate: '1950-01-01',
      date: '2024-01-01',
      findings:
        'A pulmonary nodule measuring 33 mm is seen in the left upper lobe, larger than on 2023-01-01. Large right pneumothorax.',
    },
    {
      patientId: 'P3',
      birthDate: '1951-01-01',
      date: '2024-01-01',
      findings: 'A pulmonary nodule measuring 34 mm is seen in the left lung.',
    },
  ]);
  const draft = await parts.drafting.write(STUDY.id, { seed: 1, retrieval: 'priors-and-similar' });
  const text = draft.sentences.map((s) => s.text).join(' ');
  assert.doesNotMatch(text, /33|34|202[34]|pneumothorax|upper lobe|larger/);
  const sentence = draft.sentences.find((s) => s.kind === 'finding' && s.section === 'findings');
  assert.match(sentence?.text ?? '', /A pulmonary nodule measuring 11 mm is seen in the left lung\./);
  assert.ok(sentence?.evidence.some((e) => e.kind === 'report' && e.relation === 'similar'));
});

test('a side that its own region contradicts is left out and said', async () => {
  const { drafting } = build([finding('effusion', 'left', 10, { severity: 'small' })], ['effusion']);
  const draft = await drafting.write(STUDY.id, { seed: 1, retrieval: 'none' });
  assert.ok(draft.sentences.every((s) => !/\bleft\b/i.test(s.text)));
  assert.ok(draft.remarks.some((remark) => /contradicts/.test(remark)));
});

test('which eye it is the file says: a place in the photograph does not contradict it', async () => {
  const given = finding('diabetic-retinopathy', 'left', 10, { place: 'left eye', severity: 'mild non-proliferative' });
  const { drafting } = build([given], ['diabetic-retinopathy']);
  const draft = await drafting.write(STUDY.id, { seed: 1, retrieval: 'none' });
  for (const section of ['findings', 'impression'])
    assert.deepEqual(texts(draft, section), ['Diabetic retinopathy of the left eye, mild non-proliferative.']);
  assert.ok(draft.sentences.every(({ findingKey, side }) => findingKey === '' || side === 'left'));
  assert.ok(!draft.remarks.some((remark) => /contradicts/.test(remark)));
});

test("the network's sentence is taken only where it agrees with the finding", async () => {
  const given = finding('effusion', 'left', 70, { severity: 'small' });
  const good = await build([given], ['effusion'], 'Small effusion on the left.').drafting.write(STUDY.id, {
    seed: 1,
    retrieval: 'none',
  });
  assert.ok(texts(good, 'findings').includes('Small effusion on the left.'));
  for (const bad of [
    'Small effusion on the right.',
    'Small left effusion, increased.',
    'No left effusion.',
    'Left effusion of 40 mm.',
  ]) {
    const draft = await build([given], ['effusion'], bad).drafting.write(STUDY.id, { seed: 1, retrieval: 'none' });
    assert.ok(!texts(draft, 'findings').includes(bad), bad);
    assert.match(texts(draft, 'findings').join(' '), /left pleural effusion|effusion is present on the left/i);
  }
});

test('objections name what is wrong', () => {
  const spoken = { key: 'lung-nodule', side: 'right' as const, place: '', severity: '', measurements: size(12) };
  assert.equal(objection('12 mm nodule in the right lung.', spoken), null);
  assert.equal(objection('13 mm nodule in the right lung.', spoken), 'number');
  assert.equal(objection('12 mm nodule in the left lung.', spoken), 'side');
  assert.equal(objection('12 mm nodule in the lung.', spoken), 'side');
  assert.equal(objection('Unchanged 12 mm nodule in the right lung.', spoken), 'comparison');
  assert.equal(objection('No 12 mm nodule in the right lung.', spoken), 'negated');
  const placed = { ...spoken, place: 'right upper lobe' };
  assert.equal(objection('12 mm nodule in the right upper lobe.', placed), null);
  assert.equal(objection('12 mm nodule in the right lower lobe.', placed), 'place');
  assert.equal(objection('Right pneumothorax.', placed), 'finding');
});

test('removing the study leaves no draft', async () => {
  const parts = build([], ['effusion']);
  await parts.drafting.write(STUDY.id, { seed: 1, retrieval: 'none' });
  parts.removeStudy();
  assert.deepEqual(parts.drafting.drafts(STUDY.id), []);
});
