import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import {
  ExportPreview,
  Fault,
  type PreferenceOptions,
  type Report,
  type ReportEdit,
} from '../../preload/contract/index.ts';
import type { Exports, Ratings, Reports, Settings, Studies } from '../domains.ts';
import { createKeyImages } from '../key-images/index.ts';
import { createPresentations } from '../presentations/index.ts';
import { createRatings } from '../ratings/index.ts';
import { createReports } from '../reports/index.ts';
import { createSettings } from '../settings/index.ts';
import { aDraft, aSentence, aSeries, aStudy, createWorld, type World } from '../test-world.ts';
import { editDistance } from './distance.ts';
import { formats } from './formats/index.ts';
import { createExports } from './index.ts';

const context = { signal: new AbortController().signal };
interface Desk {
  readonly world: World;
  readonly settings: Settings;
  readonly reports: Reports;
  readonly ratings: Ratings;
  readonly exports: Exports;
}
const seed = (world: World): void => {
  world.studies.put(aStudy('s1'), [aSeries('ser1', 's1')]);
  world.studies.put(aStudy('s2', { name: 'Kowalski^Anna', id: 'K-99812' }), [aSeries('ser2', 's2')]);
  world.studies.put(aStudy('s3', { name: 'Third^Person', id: 'T-1' }), []);
};
const desk = (world: World): Desk => {
  const settings = createSettings(world.base);
  const studies = world.studies as unknown as Studies;
  const reports = createReports(world.base, studies, world.knowledge, world.drafting, settings);
  const ratings = createRatings(world.base, world.studies, world.drafting, settings);
  const exports = createExports(world.base, world.studies, world.drafting, reports, ratings);
  return { world, settings, reports, ratings, exports };
};
const open = (t: TestContext): Desk => {
  const world = createWorld();
  t.after(() => world.close());
  seed(world);
  const region = {
    kind: 'box' as const,
    seriesId: 'ser1',
    instanceUid: '1.2.840.99.1.2',
    frameIndex: 4,
    box: [1, 2, 30, 40] as [number, number, number, number],
  };
  world.drafting.put(
    aDraft('d1', 's1', [
      aSentence('a', 'Nodule of 8 mm in the right upper lobe.', {
        regions: [region],
        findingKey: 'lung-nodule',
        side: 'right',
      }),
      aSentence('b', 'No effusion.', { kind: 'normal', findingKey: 'effusion' }),
      aSentence('c', 'Unchanged since 12.03.2024.', { section: 'comparison', kind: 'comparison' }),
      aSentence('i', 'Cough. Jane Roe, born 1961-02-03.', { section: 'indication', kind: 'other' }),
    ]),
  );
  world.drafting.put(
    aDraft('d2', 's1', [aSentence('a2', 'Mass in the left lung.')], { createdAt: '2026-11-02T13:00:00.000Z' }),
  );
  world.drafting.put(aDraft('d3', 's2', [aSentence('x', 'Normal chest.')]));
  return desk(world);
};
let op = 0;
const opId = (): string => `op-${++op}`;
const signAs = async (d: Desk, studyId: string, draftId: string, edits: readonly ReportEdit[]): Promise<void> => {
  await d.settings.handlers.settings.setReader({ name: 'Dr. Ada Reader' }, context);
  let report = (await d.reports.handlers.reports.begin({ studyId, draftId, replace: false }, context)) as Report;
  for (const edit of edits)
    report = (await d.reports.handlers.reports.edit(
      { reportId: report.id, opId: opId(), revision: report.revision, edit },
      context,
    )) as Report;
  await d.reports.handlers.reports.sign(
    { reportId: report.id, opId: opId(), revision: report.revision, acceptAll: true },
    context,
  );
};
const edited: readonly ReportEdit[] = [
  {
    kind: 'set-text',
    sentenceId: 'a',
    text: 'Nodule of 9 mm in the right upper lobe, told to Dr. Smith on 2026-11-02.',
  },
  { kind: 'delete', sentenceId: 'c' },
];
const all = (format: PreferenceOptions['format']): PreferenceOptions => ({
  format,
  studyIds: [],
  includePixels: false,
});
const preview = async (d: Desk, options: PreferenceOptions): Promise<ExportPreview> =>
  ExportPreview.parse(await d.exports.handlers.exports.preview(options, context));
interface Written {
  readonly id: string;
  readonly lines: Record<string, unknown>[];
  readonly raw: string;
}
const run = async (d: Desk, options: PreferenceOptions, id = opId()): Promise<Written> => {
  const { jobId } = await d.exports.handlers.exports.run({ ...options, opId: id }, context);
  const job = await d.world.base.jobs.ended(jobId);
  const exportId = job.resultId ?? '';
  const raw =
    (await (await d.exports.media(new Request('http://x/'), ['export', exportId, 'preferences.jsonl']))?.text()) ?? '';
  return {
    id: exportId,
    raw,
    lines: raw
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  };
};

const provenanceOf = (line: Record<string, unknown> | undefined): Record<string, unknown> =>
  (line?.provenance ?? {}) as Record<string, unknown>;

test('notes of key images and labels of presentations never leave', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', edited);
  const keys = createKeyImages(d.world.base, d.world.studies, d.settings);
  const presentations = createPresentations(d.world.base, d.world.studies, d.settings);
  const instanceUid = `${aSeries('ser1', 's1').uid}.5`;
  const image = { seriesId: 'ser1', instanceUid, frameNumber: 1 };
  await keys.handlers.keyImages.put({ opId: opId(), revision: 0, image, note: 'Planted note of Jane Roe' }, context);
  await presentations.handlers.presentations.put(
    {
      opId: opId(),
      id: 'planted',
      seriesId: 'ser1',
      presentation: {
        label: 'Planted label of Jane Roe',
        description: 'Planted description',
        images: [{ instanceUid, frameNumbers: [] }],
        rescale: { slope: 1, intercept: 0, type: 'HU' },
        windows: [],
        inverted: false,
        quarterTurns: 0,
        flipped: false,
        areas: [],
        shutter: null,
        graphics: [],
      },
    },
    context,
  );
  for (const format of ['dpo', 'kto', 'stepwise', 'sft'] as const) {
    const { raw } = await run(d, all(format)).catch(() => ({ raw: '' }));
    if (format === 'sft') assert.ok(raw.includes('Nodule of 9 mm'), 'there is something to export');
    assert.doesNotMatch(raw, /Planted|Roe/);
  }
});

test('every format folder is in the list', () => {
  const folders = readdirSync(new URL('./formats/', import.meta.url), { withFileTypes: true })
    .filter((one) => one.isDirectory())
    .map((one) => one.name);
  assert.deepEqual(folders.sort(), Object.keys(formats).sort());
  for (const [name, format] of Object.entries(formats)) assert.equal(format.name, name);
});

test('an edited draft makes a pair: signed before drafted, without identity, the same study context', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', edited);
  const { lines, raw } = await run(d, all('dpo'));
  assert.equal(lines.length, 1);
  const [line] = lines;
  assert.equal(
    line?.chosen,
    'FINDINGS: Nodule of 9 mm in the right upper lobe, told to [name] on [date]. No effusion.',
  );
  assert.equal(
    line?.rejected,
    'COMPARISON: Unchanged since [date].\nFINDINGS: Nodule of 8 mm in the right upper lobe. No effusion.',
  );
  assert.match(
    String(line?.prompt),
    /Modality: CT\nBody part: CHEST\nIndication: Cough\. \[name\], born \[date\]\.\n/u,
  );
  assert.match(
    String(line?.prompt),
    /Findings marked by models:\n- lung-nodule, right\nReport:/u,
    'what is normal is not marked',
  );
  const provenance = line?.provenance as Record<string, Record<string, unknown>>;
  assert.deepEqual(provenance.lengths?.chosen, { characters: 88, words: 17 });
  assert.deepEqual(provenance.editDistance, editDistance(String(line?.rejected), String(line?.chosen)));
  const [{ image, box } = {}] = (provenance.regions?.chosen ?? []) as { image?: string; box?: number[] }[];
  assert.match(String(image), /^images\/[a-z]{20}\.png$/u);
  assert.deepEqual(box, [1, 2, 30, 40]);
  for (const secret of [
    'Roe',
    'Jane',
    '1961',
    '2026',
    'Smith',
    'Ada',
    'MRN',
    '4711',
    's1',
    'ser1',
    'd1',
    '1.2.840',
    'rater-',
  ])
    assert.equal(raw.includes(secret), false, secret);
});

test('a draft signed as it was is an unpaired accept, and no pair', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', []);
  await assert.rejects(run(d, all('dpo')), Fault);
  assert.match(JSON.stringify((await preview(d, all('dpo'))).leftOut), /signed as drafted/u);
  const { lines } = await run(d, all('kto'));
  assert.deepEqual(
    lines.map((line) => line.label),
    [true],
  );
  assert.equal(provenanceOf(lines[0]).origin, 'accept');
});

test('choices make pairs and labels; tie and both bad make no pair', async (t) => {
  for (const [choice, pairs, labels] of [
    ['left', 1, [true, false]],
    ['right', 1, [false, true]],
    ['tie', 0, []],
    ['both-bad', 0, [false, false]],
  ] as const) {
    const d = open(t);
    const { comparison } = await d.ratings.handlers.ratings.compare({ studyId: 's1' }, context);
    assert.ok(comparison);
    await d.ratings.handlers.ratings.choose({ comparisonId: comparison.id, opId: opId(), choice }, context);
    assert.equal((await preview(d, all('dpo'))).lines, pairs, choice);
    const kto = labels.length > 0 ? (await run(d, all('kto'))).lines : [];
    assert.deepEqual(
      kto.map((line) => line.label),
      labels,
      choice,
    );
    if (pairs === 1) {
      const [line] = (await run(d, all('dpo'))).lines;
      const chosen = choice === 'left' ? comparison.left : comparison.right;
      assert.ok(String(line?.chosen).includes(chosen.id === 'd1' ? 'Nodule of 8 mm' : 'Mass'), choice);
    }
  }
});

test('ratings make labels by text and by step; unsure and unrated sentences are left out', async (t) => {
  const d = open(t);
  const { rateDraft, rateSentence } = d.ratings.handlers.ratings;
  await rateDraft(
    { draftId: 'd1', opId: opId(), score: 2, comment: 'As Dr. Smith said on 3 May 2026, wrong side' },
    context,
  );
  const rate = async (sentenceId: string, verdict: 'right' | 'wrong' | 'unsure') =>
    rateSentence(
      {
        draftId: 'd1',
        opId: opId(),
        rating: {
          sentenceId,
          verdict,
          category: verdict === 'wrong' ? 'wrong-location' : null,
          significant: verdict === 'wrong' ? true : null,
        },
      },
      context,
    );
  await rate('a', 'wrong');
  await rate('b', 'right');
  await rate('c', 'unsure');
  const [kto] = (await run(d, all('kto'))).lines;
  assert.equal(kto?.label, false);
  assert.equal(provenanceOf(kto).comment, 'As [name] said on [date], wrong side');
  const [line] = (await run(d, all('stepwise'))).lines;
  assert.deepEqual(line?.completions, ['Nodule of 8 mm in the right upper lobe.', 'No effusion.']);
  assert.deepEqual(line?.labels, [false, true]);
  assert.deepEqual(provenanceOf(line).steps, [
    { sentence: 1, category: 'wrong-location', significant: true },
    { sentence: 2, category: null, significant: null },
  ]);
});

test('what was kept and what was changed labels the steps of a signed draft', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', edited);
  const [line] = (await run(d, all('stepwise'))).lines;
  assert.deepEqual(line?.labels, [false, false, true]);
  assert.equal(provenanceOf(line).origin, 'decisions');
  const [sft] = (await run(d, all('sft'))).lines;
  assert.match(String(sft?.completion), /Nodule of 9 mm/u);
});

test('every line of a file has the same columns, so that table readers find one schema', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', edited);
  await signAs(d, 's2', 'd3', []);
  await d.ratings.handlers.ratings.rateDraft({ draftId: 'd3', opId: opId(), score: 5, comment: '' }, context);
  await d.ratings.handlers.ratings.rateSentence(
    { draftId: 'd1', opId: opId(), rating: { sentenceId: 'a', verdict: 'right', category: null, significant: null } },
    context,
  );
  const { comparison } = await d.ratings.handlers.ratings.compare({ studyId: 's1' }, context);
  await d.ratings.handlers.ratings.choose(
    { comparisonId: comparison?.id ?? '', opId: opId(), choice: 'left' },
    context,
  );
  const shape = (value: unknown): unknown => {
    if (value === null || Array.isArray(value) || typeof value !== 'object')
      return Array.isArray(value) ? 'list' : typeof value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shape(inner)]));
  };
  for (const format of ['dpo', 'kto', 'stepwise', 'sft'] as const) {
    const { lines } = await run(d, all(format));
    assert.ok(lines.length > 1, format);
    const [first, ...rest] = lines.map(({ provenance, ...columns }) => {
      const { editDistance: _may, score: _be, regions: _null, ...fixed } = provenance as Record<string, unknown>;
      return JSON.stringify(shape({ ...columns, fixed }));
    });
    for (const one of rest) assert.equal(one, first, format);
  }
});

test('keys are another in each export, and a rater is one within it', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', edited);
  const { comparison } = await d.ratings.handlers.ratings.compare({ studyId: 's1' }, context);
  await d.ratings.handlers.ratings.choose(
    { comparisonId: comparison?.id ?? '', opId: opId(), choice: 'left' },
    context,
  );
  const first = await run(d, all('dpo'));
  const second = await run(d, all('dpo'));
  const key = ({ lines }: Written, name: string): unknown[] => lines.map((line) => provenanceOf(line)[name]);
  assert.equal(new Set(key(first, 'study')).size, 1);
  assert.notDeepEqual(key(first, 'study'), key(second, 'study'));
  assert.equal(key(first, 'rater').filter(Boolean).length, 1);
  assert.notDeepEqual(key(first, 'rater'), key(second, 'rater'));
});

test('the dry run tells what would be written, and writes nothing', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', edited);
  const shown = await preview(d, all('dpo'));
  const folder = join(d.world.base.store.folder, 'exports');
  assert.equal(existsSync(folder), false);
  const { raw } = await run(d, all('dpo'));
  assert.equal(shown.lines, 1);
  assert.equal(shown.bytes, Buffer.byteLength(raw));
  const blank = (text: string): string => text.replace(/\b[a-z]{20}\b/gu, '*');
  assert.deepEqual(shown.sample.map(blank), raw.trim().split('\n').map(blank));
  assert.ok((shown.replaced.name ?? 0) >= 2 && (shown.replaced.date ?? 0) >= 3, JSON.stringify(shown.replaced));
  assert.deepEqual(shown.leftOut.map((one) => one.studyId).sort(), ['s2', 's3']);
});

test('unsigned and altered reports stay out, and it is said', async (t) => {
  const d = open(t);
  await d.reports.handlers.reports.begin({ studyId: 's1', draftId: 'd1', replace: false }, context);
  await signAs(d, 's2', 'd3', []);
  d.world.base.store.transaction((writer) =>
    writer.run("UPDATE report SET signed = replace(signed, 'Normal', 'Abnormal') WHERE study_id = 's2'"),
  );
  const { leftOut, lines } = await preview(d, all('sft'));
  assert.equal(lines, 0);
  assert.match(leftOut.find((one) => one.studyId === 's1')?.reason ?? '', /not signed/u);
  assert.match(leftOut.find((one) => one.studyId === 's2')?.reason ?? '', /changed after it was signed/u);
  await assert.rejects(preview(d, { ...all('sft'), studyIds: ['nothing'] }), Fault);
});

test('the same run again is the same export, also after a restart; what a crash left is swept', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', edited);
  const first = await run(d, all('dpo'), 'op-run');
  assert.equal((await run(d, all('dpo'), 'op-run')).id, first.id);
  const folder = join(d.world.base.store.folder, 'exports');
  for (const name of ['.making-x', 'orphan']) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'preferences.jsonl'), '{}');
  }
  const world = d.world.reopen();
  t.after(() => world.close());
  seed(world);
  const e = desk(world);
  assert.equal((await run(e, all('dpo'), 'op-run')).id, first.id);
  assert.deepEqual(readdirSync(folder), [first.id]);
  const { exports: listed } = await e.exports.handlers.exports.list({}, context);
  assert.deepEqual(
    listed.map((one) => [one.id, one.lines, one.files]),
    [[first.id, 1, ['preferences.jsonl']]],
  );
});

test('files are given by the list only, and go with a study that is in them', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', edited);
  const { id } = await run(d, all('dpo'));
  const get = async (...segments: string[]) =>
    (await d.exports.media(new Request('http://x/'), ['export', ...segments]))?.status;
  assert.equal(await get(id, 'preferences.jsonl'), 200);
  assert.equal(await get(id, 'images', 'other.png'), 404);
  assert.equal(await get(id, '..', id, 'preferences.jsonl'), 404);
  assert.equal(await get('nothing', 'preferences.jsonl'), 404);
  d.world.studies.remove('s1');
  assert.equal(await get(id, 'preferences.jsonl'), 404);
});

test('pixels stay where headers are not known to be free of text', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', edited);
  const { files, leftOut } = await preview(d, { ...all('dpo'), includePixels: true });
  assert.deepEqual(
    files.map((one) => one.path),
    ['preferences.jsonl'],
  );
  assert.match(JSON.stringify(leftOut), /pixels of a series left out/u);
});

test('the command line writes where it is told', async (t) => {
  const d = open(t);
  await signAs(d, 's1', 'd1', edited);
  const out = join(d.world.base.store.folder, 'out.jsonl');
  assert.deepEqual(await d.exports.write(all('dpo'), out), { lines: 1, files: [out] });
  assert.equal(readFileSync(out, 'utf8').trim().split('\n').length, 1);
});

test('edit distance', () => {
  assert.deepEqual(editDistance('kitten', 'sitting'), { characters: 3, words: 1 });
  assert.deepEqual(editDistance('', 'a b'), { characters: 3, words: 2 });
  assert.deepEqual(editDistance('a b c', 'a c'), { characters: 2, words: 1 });
  assert.deepEqual(editDistance('same', 'same'), { characters: 0, words: 0 });
});
