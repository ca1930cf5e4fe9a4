import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { decode } from 'fast-png';
import { PROFILE } from '../../main/deidentification/index.ts';
import { type DataElements, part10 } from '../../main/dicom/write/index.ts';
import { createExports } from '../../main/exports/index.ts';
import { createRatings } from '../../main/ratings/index.ts';
import { createReports } from '../../main/reports/index.ts';
import { createSettings } from '../../main/settings/index.ts';
import { temporaryStudies } from '../../main/studies/test-base.ts';
import { aDraft, aSentence } from '../../main/test-world.ts';
import { type Draft, ExportPreview, type Region, type Report } from '../../preload/contract/index.ts';

const context = { signal: new AbortController().signal };
const CT = '1.2.840.10008.5.1.4.1.1.2';
const SECONDARY = '1.2.840.10008.5.1.4.1.1.7';
const COLUMNS = 16;

/** A family name that no list has, for each attribute another. */
const familyOf = (n: number): string =>
  `Quor${[n / 676, n / 26, n].map((part) => String.fromCharCode(97 + (Math.floor(part) % 26))).join('')}x`;

/** Attributes that the image itself needs, or that a file has but once. */
const NEEDED = new Set(
  '0020000D 0020000E 00080016 00080018 00080060 00100010 00100020 00100021 00100030 00200052 00281199'.split(' '),
);
const attributes = PROFILE.filter(
  ({ tag, keyword }) =>
    !tag.includes('X') &&
    !/^000[024]/u.test(tag) &&
    !NEEDED.has(tag) &&
    !/Sequence$|UID$|LUT|Data$|Overlay/u.test(keyword) &&
    !tag.startsWith('7FE0'),
);

const image = (series: string, instance: number, more: DataElements): DataElements => [
  ['00080060', 'CS', 'CT'],
  ['00100010', 'PN', 'Quorown^Berthilde'],
  ['0020000D', 'UI', '1.2.826.0.1.3680043.10.77.1'],
  ['0020000E', 'UI', `1.2.826.0.1.3680043.10.77.1.${series}`],
  ['00200013', 'IS', instance],
  ['00200032', 'DS', [0, 0, instance]],
  ['00200037', 'DS', [1, 0, 0, 0, 1, 0]],
  ['00280002', 'US', 1],
  ['00280004', 'CS', 'MONOCHROME2'],
  ['00280010', 'US', COLUMNS],
  ['00280011', 'US', COLUMNS],
  ['00280030', 'DS', [1, 1]],
  ['00280100', 'US', 16],
  ['00280101', 'US', 16],
  ['00280102', 'US', 15],
  ['00280103', 'US', 1],
  ['00281050', 'DS', 128],
  ['00281051', 'DS', 256],
  ['00281052', 'DS', 0],
  ['00281053', 'DS', 1],
  ['7FE00010', 'OW', new Uint8Array(Int16Array.from({ length: COLUMNS * COLUMNS }, (_, i) => i).buffer)],
  ...more,
];
const name = (n: number): string => `${familyOf(n)}^Ott`;

test('names in every attribute of the profile, nested and private, do not leave; pixels only where free of text', async (t) => {
  const world = temporaryStudies();
  t.after(async () => {
    await world.studies.close();
    world.base.store.close();
    rmSync(world.folder, { recursive: true, force: true });
  });
  const files = join(world.folder, 'Quorown_Berthilde');
  mkdirSync(files);
  const count = attributes.length;
  const write = (file: string, sopClass: string, uid: string, elements: DataElements): void =>
    writeFileSync(join(files, file), part10(sopClass, uid, elements));
  write(
    'top.dcm',
    CT,
    '1.2.826.0.1.3680043.10.77.9.1',
    image('1', 1, [...attributes.map(({ tag }, n) => [tag, 'LO', name(n)] as const), ['00280301', 'CS', 'NO']]),
  );
  write(
    'nested.dcm',
    CT,
    '1.2.826.0.1.3680043.10.77.9.2',
    image('2', 1, [
      [
        '00400275',
        'SQ',
        [[['00081115', 'SQ', [attributes.map(({ tag }, n) => [tag, 'LO', name(count + n)] as const)]]]],
      ],
      ['00090010', 'LO', 'SOMEONE 1.0'],
      ['00091001', 'LO', name(2 * count)],
      ['00091002', 'UN', new TextEncoder().encode(name(2 * count + 1))],
    ]),
  );
  write('burned.dcm', CT, '1.2.826.0.1.3680043.10.77.9.3', image('3', 1, [['00280301', 'CS', 'YES']]));
  write('captured.dcm', SECONDARY, '1.2.826.0.1.3680043.10.77.9.4', image('4', 1, [['00280301', 'CS', 'NO']]));
  await world.import(files);
  const [studyId = ''] = world.base.store.read.all<{ id: string }>('SELECT id FROM studies').map((row) => row.id);
  const { series } = world.studies.study(studyId);
  assert.equal(series.length, 4);

  const regions: Region[] = await Promise.all(
    series.map(async ({ id }) => {
      const { frames } = await world.studies.images(id);
      return { kind: 'box', seriesId: id, frameIndex: 0, instanceUid: frames[0]?.instanceUid ?? '', box: [2, 3, 8, 9] };
    }),
  );
  const total = 2 * count + 2;
  const draft: Draft = aDraft('draft', studyId, [
    ...Array.from({ length: total }, (_, n) =>
      aSentence(`x${n}`, `Nodule as seen by ${n % 2 ? familyOf(n) : `${familyOf(n)}, Ott`}.`),
    ),
    aSentence('r', 'Berthilde has a nodule of 8 mm.', { regions }),
  ]);
  const drafting = { draft: () => draft, drafts: () => [draft] };
  const settings = createSettings(world.base);
  await settings.handlers.settings.setReader({ name: 'Ada Reader' }, context);
  const reports = createReports(world.base, world.studies, { add: async () => '' }, drafting, settings);
  const ratings = createRatings(world.base, world.studies, drafting, settings);
  const exports = createExports(world.base, world.studies, drafting, reports, ratings);
  const report = (await reports.handlers.reports.begin(
    { studyId, draftId: 'draft', replace: false },
    context,
  )) as Report;
  await reports.handlers.reports.sign({ reportId: report.id, opId: 'sign', revision: 0, acceptAll: true }, context);

  const options = { format: 'sft' as const, studyIds: [], includePixels: true };
  const shown = ExportPreview.parse(await exports.handlers.exports.preview(options, context));
  const { jobId } = await exports.handlers.exports.run({ ...options, opId: 'run' }, context);
  const { resultId } = await world.base.jobs.ended(jobId);
  const get = async (path: string) =>
    exports.media(new Request('http://x/'), ['export', resultId ?? '', ...path.split('/')]);
  const raw = (await (await get('preferences.jsonl'))?.text()) ?? '';
  const line = JSON.parse(raw) as {
    completion: string;
    images: string[];
    provenance: { regions: { completion: unknown[] } };
  };
  const left = Array.from({ length: total }, (_, n) => n).filter((n) =>
    raw.toLowerCase().includes(familyOf(n).toLowerCase()),
  );
  assert.deepEqual(
    left.map((n) => attributes[n % count]?.keyword),
    [],
  );
  assert.ok(count > 300, `${count} attributes`);
  assert.equal(raw.includes('Quor') || raw.includes('Berthilde') || raw.includes('1.2.826'), false);
  assert.match(line.completion, /\[name\] has a nodule of 8 mm\./u);

  // Two of four: Burned In Annotation NO, and a computed image that says nothing.
  assert.equal(line.images.length, 2);
  assert.equal(line.provenance.regions.completion.length, 4);
  assert.deepEqual(shown.files.length, 3);
  const said = JSON.stringify(shown.leftOut);
  assert.match(said, /Burned In Annotation says/u);
  assert.match(said, /secondary captures/u);
  for (const path of line.images) {
    const bytes = new Uint8Array((await (await get(path))?.arrayBuffer()) ?? new ArrayBuffer(0));
    const png = decode(bytes);
    assert.deepEqual([png.width, png.height, png.channels, png.depth], [COLUMNS, COLUMNS, 1, 8]);
    // Window 128/256 is the identity on 0 to 255. PS3.3 C.11.2.1.2.1
    assert.deepEqual([png.data[0], png.data[100], png.data[255]], [0, 100, 255]);
    const chunks: string[] = [];
    const view = new DataView(bytes.buffer);
    for (let at = 8; at < bytes.length; at += 12 + view.getUint32(at))
      chunks.push(String.fromCharCode(...bytes.subarray(at + 4, at + 8)));
    assert.deepEqual([...new Set(chunks)], ['IHDR', 'IDAT', 'IEND'], 'nothing but pixels');
  }
});
