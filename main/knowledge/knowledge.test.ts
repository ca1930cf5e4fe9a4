import assert from 'node:assert/strict';
import { fstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { seeded } from '../../models/kit/random.ts';
import { STUDY, standins } from '../drafting/test-world.ts';
import { createKnowledge } from './index.ts';
import { dayOf, parseReports, sectionsOf } from './parse.ts';
import { createVectors } from './vectors.ts';

const context = { signal: new AbortController().signal };
const build = () => {
  const parts = standins([], []);
  const knowledge = createKnowledge(parts.base, parts.studies, parts.inference);
  const load = async (name: string, text: string) => {
    const path = join(parts.base.store.folder, name);
    writeFileSync(path, text);
    return parts.base.jobs.ended(knowledge.importPath(path).jobId);
  };
  return { ...parts, knowledge, load, calls: knowledge.handlers.knowledge };
};
const query = (text: string) => ({
  text,
  modality: null,
  bodyPart: null,
  from: null,
  to: null,
  limit: 10,
  excludeStudyId: null,
});

test('JSON lines: good lines go in, bad ones are told, the same again adds nothing', async () => {
  const { load, calls } = build();
  const lines = [
    '{"findings":"Right lower lobe pneumonia."}',
    'not json',
    '[1]',
    '{"findings":""}',
    '{"text":"Clear lungs.","mrn":7}',
  ].join('\n');
  assert.match((await load('a.jsonl', lines)).step, /^2 added, 0 already there, 3 refused \(line 2: not JSON\)/);
  assert.match((await load('b.jsonl', lines)).step, /^0 added, 2 already there/);
  assert.equal((await calls.count({}, context)).reports, 2);
});

test('CSV with quotes and another delimiter, and text with headings', async () => {
  const { load, calls } = build();
  await load(
    'a.csv',
    'Patient ID;Date of Birth;Study Date;Findings;Impression\nX1;19600203;2025-01-02;"A nodule;\nwith a line break";Nodule\n',
  );
  await load('b.txt', 'INDICATION: cough\nFINDINGS:\nFindings are unchanged. Clear lungs.\nIMPRESSION: Normal.');
  const { hits } = await calls.search(query('nodule'), context);
  assert.equal(hits.length, 1);
  assert.deepEqual(
    [hits[0]?.report.patientId, hits[0]?.report.birthDate, hits[0]?.report.date],
    ['X1', '1960-02-03', '2025-01-02'],
  );
  const [text] = (await calls.search(query('cough'), context)).hits;
  assert.deepEqual(
    [text?.report.indication, text?.report.findings, text?.report.impression],
    ['cough', 'Findings are unchanged. Clear lungs.', 'Normal.'],
  );
});

test('a file that cannot be read fails its import and nothing else', async () => {
  const { base, knowledge, calls, load } = build();
  for (const name of ['a.csv', 'b.jsonl', 'c.txt']) {
    const path = join(base.store.folder, name);
    mkdirSync(path);
    await assert.rejects(base.jobs.ended(knowledge.importPath(path).jobId), /Something went wrong/);
    await assert.rejects(base.jobs.ended(knowledge.importPath(join(path, name)).jobId), /Something went wrong/);
  }
  await load('d.jsonl', '{"findings":"Clear lungs."}');
  assert.equal((await calls.count({}, context)).reports, 1);
});

test('who stops reading in the middle leaves no file open', async () => {
  const { folder } = build().base.store;
  for (const [name, head, line] of [
    ['long.csv', 'findings\n', 'Clear lungs.\n'],
    ['long.jsonl', '', '{"findings":"Clear lungs."}\n'],
  ] as const) {
    const path = join(folder, name);
    writeFileSync(path, head + line.repeat(100_000));
    const { ino } = statSync(path);
    const descriptors = (): number[] =>
      Array.from({ length: 256 }, (_, fd) => fd).filter((fd) => {
        try {
          return fstatSync(fd).ino === ino;
        } catch {
          return false;
        }
      });
    for await (const { kind } of parseReports(path)) {
      assert.equal(kind, 'report');
      assert.equal(descriptors().length, 1);
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.deepEqual(descriptors(), [], name);
  }
});

test('what looks like an operator of the search engine is only words', async () => {
  const { load, calls } = build();
  await load('a.jsonl', '{"findings":"Effusion NEAR the base."}');
  for (const text of ['"', 'effusion" OR 1', 'NEAR(', 'effusion -base', '*', 'body:effusion', '(((']) {
    const { hits } = await calls.search(query(text), context);
    assert.equal(hits.length, /effusion|near/i.test(text) ? 1 : 0, text);
  }
});

test('priors: id and birth date agree; else the reader is asked; later and undated reports are none', async () => {
  const { load, knowledge } = build();
  const line = (patientId: string, birthDate: string, date: string, findings: string) =>
    JSON.stringify({ patientId, birthDate, date, findings });
  await load(
    'a.jsonl',
    [
      line('P1', '1960-02-03', '2025-01-01', 'certain'),
      line('P1', '1999-01-01', '2025-01-02', 'id only'),
      line('', '1960-02-03', '2025-01-03', 'birth only'),
      line('P9', '1960-02-03', '2025-01-04', 'another patient, same birthday'),
      line('P1', '1960-02-03', '2026-05-01', 'same day'),
      line('P1', '1960-02-03', '', 'undated'),
    ].join('\n'),
  );
  const priors = knowledge.priors(STUDY.id);
  assert.deepEqual(
    priors.map((p) => [p.report.findings, p.match]),
    [
      ['birth only', 'birth-date-only'],
      ['id only', 'id-only'],
      ['certain', 'certain'],
    ],
  );
  assert.ok(priors.every((p) => p.confirmed === null));
  const asked = priors.find((p) => p.match === 'id-only');
  await knowledge.handlers.studies.confirmPrior(
    { studyId: STUDY.id, knowledgeId: asked?.report.id ?? '', same: true },
    context,
  );
  assert.equal(knowledge.priors(STUDY.id).find((p) => p.match === 'id-only')?.confirmed, true);
});

test("similar cases leave out the study's own report and its patient's", async () => {
  const { load, knowledge } = build();
  await load(
    'a.jsonl',
    ['P1', 'P2']
      .map((patientId) => JSON.stringify({ patientId, birthDate: '1960-02-03', findings: `Effusion ${patientId}` }))
      .join('\n'),
  );
  await knowledge.add({
    patientName: 'Doe^Jane',
    patientId: 'P5',
    birthDate: null,
    date: null,
    modality: 'CT',
    bodyPart: '',
    indication: '',
    findings: 'Effusion own',
    impression: '',
    studyId: STUDY.id,
    source: 'signed',
  });
  const hits = await knowledge.similar(STUDY.id, 'effusion', 10, context.signal);
  assert.deepEqual(
    hits.map((hit) => hit.report.findings),
    ['Effusion P2'],
  );
});

test("removing the study removes the report signed for it, and its words from the file's free pages", async () => {
  const { knowledge, calls, base, removeStudy } = build();
  await knowledge.add({
    patientName: 'Doe^Jane',
    patientId: 'P1',
    birthDate: null,
    date: null,
    modality: 'CT',
    bodyPart: '',
    indication: '',
    findings: 'Zxqwvunique effusion',
    impression: '',
    studyId: STUDY.id,
    source: 'signed',
  });
  removeStudy();
  assert.equal((await calls.count({}, context)).reports, 0);
  assert.deepEqual(
    base.store.read.all(
      "SELECT term FROM (SELECT 1 AS term) WHERE EXISTS (SELECT 1 FROM knowledge_words WHERE knowledge_words MATCH 'zxqwvunique')",
    ),
    [],
  );
});

test('a signed report told again is one report; with its addendum it takes the place of the one before', async () => {
  const { knowledge, calls } = build();
  const signed = {
    patientId: 'P1',
    patientName: 'Roe^Jane',
    birthDate: null,
    date: '2026-01-02',
    modality: 'CT',
    bodyPart: 'CHEST',
    indication: '',
    findings: 'Nodule in the right upper lobe.',
    impression: 'Nodule.',
    studyId: STUDY.id,
    source: 'signed here',
  };
  const first = await knowledge.add(signed);
  assert.equal(await knowledge.add(signed), first);
  await knowledge.add({ ...signed, impression: 'Nodule. Addendum: seen with the team.' });
  assert.equal((await calls.count({}, context)).reports, 1);
  const { hits } = await calls.search(query('nodule'), context);
  assert.deepEqual(
    hits.map((hit) => hit.report.impression),
    ['Nodule. Addendum: seen with the team.'],
  );
  await knowledge.close();
});

test('vectors: the int8 scan with float rescoring finds what the float scan finds', () => {
  const dims = 64;
  const random = seeded('vectors');
  const unit = (): Float32Array => {
    const v = Float32Array.from({ length: dims }, () => random.normal());
    const length = Math.hypot(...v);
    return v.map((x) => x / length);
  };
  const stored = new Map(Array.from({ length: 3000 }, (_, row) => [row, unit()] as const));
  const index = createVectors(dims);
  for (const [row, vector] of stored) index.put(row, vector);
  for (let row = 0; row < 100; row++) {
    index.remove(row);
    stored.delete(row);
  }
  let agreed = 0;
  for (let n = 0; n < 50; n++) {
    const q = unit();
    const dot = (v: Float32Array): number => v.reduce((sum, x, i) => sum + x * (q[i] ?? 0), 0);
    const exact = [...stored]
      .map(([row, v]) => ({ row, s: dot(v) }))
      .sort((a, b) => b.s - a.s)
      .slice(0, 10)
      .map(({ row }) => row);
    const found = index.nearest(q, 10, null, (row) => stored.get(row)).map(({ row }) => row);
    agreed += exact.filter((row) => found.includes(row)).length;
  }
  assert.equal(index.count, 2900);
  assert.ok(agreed / 500 > 0.99, `recall@10 ${agreed / 500}`);
});

test('dates are days of the calendar', () => {
  assert.deepEqual(['20250102', '2025-01-02', '2025-01-02T10:00:00', '2025-02-30', '2.1.2025', ''].map(dayOf), [
    '2025-01-02',
    '2025-01-02',
    '2025-01-02',
    null,
    null,
    null,
  ]);
});

test('a text without headings is all findings', () => {
  assert.deepEqual(sectionsOf('Clear lungs.\nNormal heart.'), {
    indication: '',
    findings: 'Clear lungs.\nNormal heart.',
    impression: '',
  });
});
