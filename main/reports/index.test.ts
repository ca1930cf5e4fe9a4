import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test, { type TestContext } from 'node:test';
import { Fault, Report, type ReportEdit } from '../../preload/contract/index.ts';
import type { Reports, Settings, Studies } from '../domains.ts';
import { createSettings } from '../settings/index.ts';
import { aDraft, aSentence, aSeries, aStudy, createWorld, type World } from '../test-world.ts';
import { createReports } from './index.ts';

const context = { signal: new AbortController().signal };
interface Desk {
  readonly world: World;
  readonly reports: Reports;
  readonly settings: Settings;
}
const seed = (world: World): void => {
  world.studies.put(aStudy('s1'), [aSeries('ser1', 's1')]);
  world.studies.put(aStudy('s2', { name: 'Other^Person', id: '99' }), [aSeries('ser2', 's2')]);
};
const desk = (world: World): Desk => {
  const settings = createSettings(world.base);
  return {
    world,
    settings,
    reports: createReports(world.base, world.studies as unknown as Studies, world.knowledge, world.drafting, settings),
  };
};
const open = (t: TestContext): Desk => {
  const world = createWorld();
  t.after(() => world.close());
  seed(world);
  world.drafting.put(
    aDraft('d1', 's1', [
      aSentence('a', 'Nodule in the right upper lobe.', {
        regions: [{ kind: 'box', seriesId: 'ser1', instanceUid: 'x', frameIndex: 1, box: [1, 1, 5, 5] }],
      }),
      aSentence('b', 'No effusion.', { kind: 'normal' }),
      aSentence('c', 'Pulmonary nodule.', { section: 'impression' }),
    ]),
  );
  world.drafting.put(aDraft('d2', 's2', [aSentence('z', 'Normal.')]));
  return desk(world);
};
const again = ({ world }: Desk, t: TestContext): Desk => {
  const next = world.reopen();
  t.after(() => next.close());
  seed(next);
  return desk(next);
};
let op = 0;
const opId = (): string => `op-${++op}`;
const edit = async ({ reports }: Desk, report: Report, change: ReportEdit, id = opId()): Promise<Report> =>
  Report.parse(
    await reports.handlers.reports.edit(
      { reportId: report.id, opId: id, revision: report.revision, edit: change },
      context,
    ),
  );
const begin = async ({ reports }: Desk, draftId: string | null = 'd1', replace = false): Promise<Report> =>
  Report.parse(await reports.handlers.reports.begin({ studyId: 's1', draftId, replace }, context));
const sign = async ({ reports }: Desk, report: Report, acceptAll = true, id = opId()): Promise<Report> =>
  Report.parse(
    await reports.handlers.reports.sign(
      { reportId: report.id, opId: id, revision: report.revision, acceptAll },
      context,
    ),
  );
const refuses = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;
const byHand = ({ world }: Desk, sql: string): void => {
  const db = new DatabaseSync(join(world.base.store.folder, 'sightline.sqlite'));
  db.exec(sql);
  db.close();
};

test('begin answers what is there; another takes its place only when asked, and the old one is kept', async (t) => {
  const d = open(t);
  const first = await begin(d);
  assert.equal(d.world.studies.status.get('s1'), 'draft');
  const edited = await edit(d, first, { kind: 'accept', sentenceId: 'a' });
  assert.equal((await begin(d)).revision, edited.revision);
  const second = await begin(d, null, true);
  assert.notEqual(second.id, first.id);
  assert.deepEqual(second.sentences, []);
  assert.equal((await begin(d, null, true)).id, second.id, 'asked again after a lost answer');
  const kept = d.world.base.store.read.get<{ n: number }>('SELECT count(*) AS n FROM report WHERE study_id = ?', 's1');
  assert.equal(kept?.n, 2);
  await assert.rejects(edit(d, edited, { kind: 'accept', sentenceId: 'b' }), refuses('conflict'));
  await assert.rejects(begin(d, 'd2', true), refuses('invalid'));
  await assert.rejects(begin(d, 'nothing', true), refuses('not-found'));
});

test('an edit counts once, names its revision, and survives a restart with its undo', async (t) => {
  const d = open(t);
  const report = await begin(d);
  const change: ReportEdit = { kind: 'set-text', sentenceId: 'a', text: 'Nodule, 8 mm, right upper lobe.' };
  const edited = await edit(d, report, change, 'op-x');
  assert.equal(edited.revision, 1);
  assert.deepEqual(await edit(d, report, change, 'op-x'), edited, 'the same act again');
  await assert.rejects(edit(d, report, { kind: 'accept', sentenceId: 'b' }), refuses('conflict'));
  await assert.rejects(
    (async () =>
      d.reports.handlers.reports.sign({ reportId: report.id, opId: 'op-x', revision: 1, acceptAll: true }, context))(),
    (error: unknown) => error instanceof Fault && error.code !== 'internal',
  );
  const e = again(d, t);
  const there = e.reports.report('s1');
  assert.deepEqual(there, edited);
  assert.ok(there);
  const undone = await edit(e, there, { kind: 'undo' });
  assert.equal(undone.sentences[0]?.text, 'Nodule in the right upper lobe.');
  assert.equal(undone.canUndo, false);
  const redone = await edit(e, undone, { kind: 'redo' });
  assert.deepEqual(redone.sentences, edited.sentences);
  await assert.rejects(edit(e, redone, { kind: 'redo' }), refuses('refused'));
  assert.equal(e.reports.report('s1')?.revision, 3, 'what was refused left nothing');
});

test('a region must lie on an image of this study', async (t) => {
  const d = open(t);
  const report = await begin(d);
  const uid = aSeries('ser1', 's1').uid;
  const at = (seriesId: string, frameIndex: number, box: [number, number, number, number]): ReportEdit => ({
    kind: 'add',
    sentence: {
      id: opId(),
      section: 'findings',
      text: 'Fracture.',
      findingKey: 'fracture',
      side: 'left',
      kind: 'finding',
      regions: [{ kind: 'box', seriesId, frameIndex, instanceUid: `${uid}.${frameIndex + 1}`, box }],
    },
    beforeId: null,
  });
  await assert.rejects(edit(d, report, at('ser2', 0, [0, 0, 5, 5])), refuses('invalid'));
  await assert.rejects(edit(d, report, at('ser1', 20, [0, 0, 5, 5])), refuses('invalid'));
  await assert.rejects(edit(d, report, at('ser1', 1, [60, 0, 70, 5])), refuses('invalid'));
  const added = await edit(d, report, at('ser1', 1, [10, 0, 20, 5]));
  assert.equal(added.sentences.find((one) => one.text === 'Fracture.')?.decision, 'added');
});

test('signing: name, decisions and words are needed; then only addenda, chained', async (t) => {
  const d = open(t);
  let report = await begin(d);
  await assert.rejects(sign(d, report), refuses('refused'), 'no name');
  await d.settings.handlers.settings.setReader({ name: '  Dr. Ada  Reader ' }, context);
  await assert.rejects(sign(d, report, false), /3 sentences are undecided/u);
  report = await edit(d, report, { kind: 'accept-all' });
  assert.equal(d.world.studies.status.get('s1'), 'preliminary');
  const emptied = await edit(d, report, { kind: 'set-text', sentenceId: 'b', text: ' ' });
  await assert.rejects(sign(d, emptied, false), /empty/u);
  report = await edit(d, emptied, { kind: 'undo' });
  const signed = await sign(d, report, false, 'op-sign');
  assert.equal(signed.state, 'final');
  assert.equal(signed.altered, false);
  assert.equal(signed.signature?.signedBy, 'Dr. Ada Reader');
  assert.equal(d.world.studies.status.get('s1'), 'final');
  assert.deepEqual(await sign(d, report, false, 'op-sign'), signed, 'the same act again');
  await assert.rejects(sign(d, signed), refuses('refused'));
  await assert.rejects(edit(d, signed, { kind: 'undo' }), refuses('refused'));
  await assert.rejects(begin(d, null, true), refuses('refused'));

  const { addendum } = d.reports.handlers.reports;
  const one = Report.parse(await addendum({ reportId: signed.id, opId: 'op-add', text: 'Seen with Dr. B.' }, context));
  const same = Report.parse(await addendum({ reportId: signed.id, opId: 'op-add', text: 'Seen with Dr. B.' }, context));
  assert.deepEqual(same, one);
  const two = Report.parse(await addendum({ reportId: signed.id, opId: opId(), text: 'Phoned.' }, context));
  assert.equal(two.addenda[0]?.signature.previousHash, signed.signature?.hash);
  assert.equal(two.addenda[1]?.signature.previousHash, two.addenda[0]?.signature.hash);
  assert.equal(two.altered, false);
  assert.equal(again(d, t).reports.report('s1')?.altered, false);
});

test('an empty report is not signed, with or without acceptAll', async (t) => {
  const d = open(t);
  await d.settings.handlers.settings.setReader({ name: 'A' }, context);
  const report = await begin(d, null);
  await assert.rejects(sign(d, report), /no sentence/u);
});

test('a row changed by hand shows as altered', async (t) => {
  const hands = [
    "UPDATE report SET signed = replace(signed, 'right upper', 'left upper')",
    "UPDATE report SET signed_by = 'Someone Else'",
    "UPDATE report SET signed_at = '2020-01-01T00:00:00.000Z'",
    "UPDATE report SET hash = 'abc'",
    'UPDATE report SET hash = NULL',
    'UPDATE report SET signed = NULL',
    "UPDATE report SET signed = '{broken'",
    "UPDATE report SET start = replace(start, 'effusion', 'oedema')",
    "UPDATE report SET state = 'preliminary'",
    "UPDATE report_edit SET edit = replace(edit, '8 mm', '9 mm')",
    'DELETE FROM report_edit',
    "UPDATE report_addendum SET text = 'x' WHERE position = 1",
    'DELETE FROM report_addendum WHERE position = 1',
    'DELETE FROM report_addendum WHERE position = 2',
    "UPDATE report_addendum SET signed_by = 'x' WHERE position = 2",
    "UPDATE report SET study_id = 's2'",
  ];
  for (const hand of hands) {
    const d = open(t);
    await d.settings.handlers.settings.setReader({ name: 'Dr. Ada Reader' }, context);
    const edited = await edit(d, await begin(d), { kind: 'set-text', sentenceId: 'a', text: 'Nodule, 8 mm.' });
    const signed = await sign(d, edited);
    const { addendum } = d.reports.handlers.reports;
    await addendum({ reportId: signed.id, opId: opId(), text: 'One.' }, context);
    await addendum({ reportId: signed.id, opId: opId(), text: 'Two.' }, context);
    const studyId = hand.includes('study_id') ? 's2' : 's1';
    assert.equal(d.reports.report('s1')?.altered, false);
    byHand(d, hand);
    const report = d.reports.report(studyId);
    assert.equal(report?.altered, true, hand);
    assert.match(d.reports.plainText(signed.id), /ALTERED/u, hand);
    await assert.rejects(
      (async () => addendum({ reportId: signed.id, opId: opId(), text: 'Three.' }, context))(),
      refuses('refused'),
      hand,
    );
    await assert.rejects(
      edit(d, { ...signed, revision: report?.revision ?? 0 }, { kind: 'undo' }),
      refuses('refused'),
      hand,
    );
  }
});

test('the JSON form carries what the hash was taken over', async (t) => {
  const d = open(t);
  await d.settings.handlers.settings.setReader({ name: 'Dr. Ada Reader' }, context);
  const signed = await sign(d, await begin(d));
  const answer = await d.reports.media(new Request('http://x/'), ['report', `${signed.id}.json`]);
  const file = (await answer?.json()) as { signedText: string; report: Report };
  assert.equal(createHash('sha256').update(file.signedText).digest('hex'), signed.signature?.hash);
  assert.deepEqual(Report.parse(file.report), signed);
  assert.match(file.signedText, /Nodule in the right upper lobe/u);
  assert.equal((await d.reports.media(new Request('http://x/'), ['report', 'nothing.pdf']))?.status, 404);
  assert.equal((await d.reports.media(new Request('http://x/'), ['report', '../x.pdf']))?.status, 404);
  assert.equal(d.reports.media(new Request('http://x/'), ['export', 'x']), null);
});

test('plain text says whose it is and whether it is signed', async (t) => {
  const d = open(t);
  await d.settings.handlers.settings.setReader({ name: 'Dr. Ada Reader' }, context);
  const report = await begin(d);
  const draft = d.reports.plainText(report.id);
  assert.match(draft, /^DRAFT — NOT SIGNED/u);
  assert.match(draft, /Patient: Roe, Jane · born 1961-02-03 · female · ID MRN-4711/u);
  const deleted = await edit(d, report, { kind: 'delete', sentenceId: 'b' });
  const signed = await sign(d, deleted);
  const text = d.reports.plainText(signed.id);
  assert.match(
    text,
    /FINDINGS\nNodule in the right upper lobe\.\n\nIMPRESSION\nPulmonary nodule\.\n\nSigned by Dr\. Ada Reader/u,
  );
  assert.doesNotMatch(text, /NOT SIGNED|effusion/u);
});

test('a signed report becomes knowledge, also after a failure and a restart', async (t) => {
  const d = open(t);
  await d.settings.handlers.settings.setReader({ name: 'Dr. Ada Reader' }, context);
  d.world.knowledge.failing = true;
  await sign(d, await begin(d));
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(d.world.knowledge.added.length, 0);
  const e = again(d, t);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(
    e.world.knowledge.added.map((one) => [one.studyId, one.findings, one.impression, one.patientName]),
    [['s1', 'Nodule in the right upper lobe. No effusion.', 'Pulmonary nodule.', 'Roe^Jane']],
  );
  const f = again(e, t);
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(f.world.knowledge.added.length, 0, 'told once');
});

test('a removed study leaves nothing of its report', async (t) => {
  const d = open(t);
  await d.settings.handlers.settings.setReader({ name: 'Dr. Ada Reader' }, context);
  const edited = await edit(d, await begin(d), { kind: 'set-text', sentenceId: 'a', text: 'Roe, Jane has a nodule.' });
  await sign(d, edited);
  d.world.studies.remove('s1');
  assert.equal(d.reports.report('s1'), null);
  byHand(d, 'PRAGMA wal_checkpoint(TRUNCATE)');
  const { folder } = d.world.base.store;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((one) => one.includes('sqlite')))
    assert.equal(readFileSync(join(folder, name)).includes('Jane'), false, name);
});

test('the window is told of a change to its study', async (t) => {
  const d = open(t);
  const heard: unknown[] = [];
  const stop = new AbortController();
  d.reports.handlers.reports.changed({ studyId: 's1' }, (value) => heard.push(value), stop.signal);
  const report = await begin(d);
  await edit(d, report, { kind: 'accept', sentenceId: 'a' });
  stop.abort();
  assert.deepEqual(heard, [
    { reportId: report.id, revision: 0 },
    { reportId: report.id, revision: 1 },
  ]);
});
