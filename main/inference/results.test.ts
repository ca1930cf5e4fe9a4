import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Manifest } from '../../models/kit/manifest.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import type { AnswerContext } from '../../models/tasks/answer.ts';
import type { DetectionAnswer } from '../../models/tasks/detection/index.ts';
import type { SegmentationAnswer } from '../../models/tasks/segmentation/index.ts';
import type { Frame, SeriesImages } from '../../preload/contract/index.ts';
import { writePhantom } from '../dicom/write/index.ts';
import { temporaryStudies } from '../studies/test-base.ts';
import { ANSWER_FILE } from './messages.ts';
import { readResults, stableId, takeIn } from './results.ts';
import { type TinyNetwork, writePackage } from './test-packages.ts';

const root = mkdtempSync(join(tmpdir(), 'sightline-results-'));
after(() => rmSync(root, { recursive: true, force: true }));

const frame = (index: number, columns: number, rows: number): Frame => ({
  index,
  instanceUid: `1.2.${index}`,
  frameNumber: 1,
  rows,
  columns,
  format: 'int16',
  byteOffset: 0,
  byteLength: rows * columns * 2,
  positionMm: null,
  rowDirection: null,
  columnDirection: null,
  calibration: { kind: 'unknown', reason: '' },
  slope: 1,
  intercept: 0,
  unit: '',
  windows: [],
  range: null,
  inverted: false,
});
const common = { seriesId: 'series', frameOfReferenceUid: null, lossy: null, remark: '', pixelTag: 'tag' };
const volume: SeriesImages = {
  ...common,
  frames: [0, 1, 2].map((n) => frame(n, 4, 5)),
  volume: {
    kind: 'volume',
    dims: [4, 5, 3],
    affineVoxelToPatient: [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 5, 0],
    format: 'int16',
    slope: 1,
    intercept: 0,
  },
};
const film: SeriesImages = { ...common, frames: [frame(0, 30, 20)], volume: { kind: 'none', reason: '' } };

const contextOf = (network: TinyNetwork, images: SeriesImages): AnswerContext => {
  const own = writePackage(root, `of-${network}`, network);
  const manifest = Manifest.parse(JSON.parse(readFileSync(join(own, 'manifest.json'), 'utf8')));
  return {
    manifest,
    images,
    studyId: 'study',
    maker: { kind: 'model', package: manifest.name, version: manifest.version, jobId: 'job' },
    createdAt: '2026-01-01T00:00:00.000Z',
    idOf: (name) => stableId('series', manifest.name, name),
  };
};
const file = (folder: string, name: string, bytes: Uint8Array) => {
  writeFileSync(join(folder, name), bytes);
  return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
};
const said = { key: 'lung-nodule', side: null, place: '', severity: '' as const, measurements: [], score: 0.5 };

/** A right answer about the volume: a nodule (value 4) of two voxels and body (value 2) of one. */
const segmentation = (folder: string): SegmentationAnswer => {
  const bytes = new Uint8Array(60);
  bytes[21] = bytes[22] = 4;
  bytes[0] = 2;
  return {
    kind: 'segmentation',
    dims: [4, 5, 3],
    labels: file(folder, 'labels.u8', bytes),
    counted: [
      { value: 2, voxels: 1, bounds: [0, 0, 0, 1, 1, 1] },
      { value: 4, voxels: 2, bounds: [1, 0, 1, 3, 1, 2] },
    ],
    findings: [{ ...said, parts: [{ bounds: [1, 0, 1, 3, 1, 2], frameIndex: 1 }] }],
    remarks: [],
  };
};
const detection = (folder: string): DetectionAnswer => ({
  kind: 'detection',
  findings: [{ ...said, frameIndex: 0, boxes: [[3, 4, 10, 12]] }],
  heatMaps: [
    { key: 'lung-nodule', frameIndex: 0, columns: 3, rows: 2, file: file(folder, 'heat-0.u8', new Uint8Array(6)) },
  ],
  organs: file(folder, 'organs.u8', new Uint8Array(600).fill(2)),
  remarks: [],
  unanswered: ['lung-nodule'],
});
const readAs = async (network: TinyNetwork, images: SeriesImages, answer: (folder: string) => unknown) => {
  const folder = mkdtempSync(join(root, 'job-'));
  writeFileSync(join(folder, ANSWER_FILE), JSON.stringify(answer(folder)));
  return readResults(folder, contextOf(network, images));
};

test('a right answer about a volume becomes one labelmap and its findings', async () => {
  const { overlays, findings } = await readAs('segment', volume, segmentation);
  const [labelmap] = overlays;
  assert.ok(labelmap?.overlay.kind === 'labelmap');
  assert.deepEqual(labelmap.overlay.labels.find((own) => own.value === 4)?.volumeMl, 0.04);
  assert.deepEqual(labelmap.overlay.labels.find((own) => own.value === 3)?.voxels, 0);
  const [region] = findings[0]?.regions ?? [];
  assert.ok(region?.kind === 'label' && region.instanceUid === '1.2.1' && region.overlayId === labelmap.overlay.id);
});

test('a right answer about a film becomes boxes, heat map and organs', async () => {
  const { overlays, findings } = await readAs('detect', film, detection);
  assert.deepEqual(
    overlays.map(({ overlay }) => overlay.kind),
    ['boxes', 'heatmap', 'labelmap'],
  );
  assert.deepEqual(findings[0]?.regions[0], {
    kind: 'box',
    seriesId: 'series',
    instanceUid: '1.2.0',
    frameIndex: 0,
    box: [3, 4, 10, 12],
  });
});

const WRONG: readonly (readonly [string, (folder: string) => unknown, RegExp])[] = [
  ['another shape', (f) => ({ ...segmentation(f), dims: [5, 4, 3] }), /another shape/],
  ['fewer bytes', (f) => ({ ...segmentation(f), labels: file(f, 'labels.u8', new Uint8Array(59)) }), /another size/],
  [
    'another hash',
    (f) => ({ ...segmentation(f), labels: { ...segmentation(f).labels, sha256: 'a'.repeat(64) } }),
    /another hash/,
  ],
  [
    'a value of no label',
    (f) => ({ ...segmentation(f), labels: file(f, 'labels.u8', new Uint8Array(60).fill(77)) }),
    /77 is no label/,
  ],
  [
    'a file outside its folder',
    (f) => ({ ...segmentation(f), labels: { ...segmentation(f).labels, name: '../labels.u8' } }),
    /form/,
  ],
  [
    "counts that are not the file's",
    (f) => ({ ...segmentation(f), counted: [{ value: 4, voxels: 3, bounds: [0, 0, 0, 1, 1, 1] }] }),
    /number of voxels/,
  ],
  [
    'a finding outside the series',
    (f) => ({ ...segmentation(f), findings: [{ ...said, parts: [{ bounds: [1, 0, 1, 9, 1, 2], frameIndex: 1 }] }] }),
    /outside the series/,
  ],
  [
    'a slice that is not there',
    (f) => ({ ...segmentation(f), findings: [{ ...said, parts: [{ bounds: [1, 0, 1, 3, 1, 2], frameIndex: 3 }] }] }),
    /outside the series/,
  ],
  [
    'a finding that the manifest does not name',
    (f) => ({
      ...segmentation(f),
      findings: [{ ...said, key: 'aneurysm', parts: [{ bounds: [1, 0, 1, 3, 1, 2], frameIndex: 1 }] }],
    }),
    /aneurysm/,
  ],
  [
    'an organ as a finding',
    (f) => ({
      ...segmentation(f),
      findings: [{ ...said, key: 'spine', parts: [{ bounds: [1, 0, 1, 3, 1, 2], frameIndex: 1 }] }],
    }),
    /organ/,
  ],
  [
    'a number that is not finite',
    (f) => ({
      ...segmentation(f),
      findings: [{ ...said, score: null, parts: [{ bounds: [1, 0, 1, 3, 1, 2], frameIndex: 1 }] }],
    }),
    /form/,
  ],
  ['an answer of another task', (f) => detection(f), /form/],
];
for (const [what, answer, why] of WRONG)
  test(`not taken: ${what}`, async () => {
    await assert.rejects(readAs('segment', volume, answer), why);
  });

const WRONG_FILM: readonly (readonly [string, (folder: string) => unknown, RegExp])[] = [
  [
    'a box beyond the frame',
    (f) => ({ ...detection(f), findings: [{ ...said, frameIndex: 0, boxes: [[3, 4, 31, 12]] }] }),
    /outside its frame/,
  ],
  [
    'an empty box',
    (f) => ({ ...detection(f), findings: [{ ...said, frameIndex: 0, boxes: [[3, 4, 3, 12]] }] }),
    /outside its frame/,
  ],
  [
    'a frame that is not there',
    (f) => ({ ...detection(f), findings: [{ ...said, frameIndex: 4, boxes: [] }] }),
    /no frame/,
  ],
  [
    'a heat map of another size',
    (f) => ({ ...detection(f), heatMaps: [{ ...detection(f).heatMaps[0], columns: 4 }] }),
    /another size/,
  ],
  [
    'organs of another value',
    (f) => ({ ...detection(f), organs: file(f, 'organs.u8', new Uint8Array(600).fill(200)) }),
    /200 is no label/,
  ],
];
for (const [what, answer, why] of WRONG_FILM)
  test(`not taken: ${what}`, async () => {
    await assert.rejects(readAs('detect', film, answer), why);
  });

test('heat maps are listed as findings are, the surest first, however they were answered', async () => {
  const bench = temporaryStudies();
  try {
    const place = bench.place();
    const who = { name: 'Phantom^Order', id: 'order', birthDate: '1950-01-01', studyDate: '2026-01-02' };
    const more = { studyTime: '10:00:00', description: 'CHEST', accession: '', key: 'order' };
    await writePhantom(phantom('xray 96x96 nodule', { seed: 4 }), { ...who, ...more }, place);
    await bench.import(place);
    const [{ study, series } = { study: null, series: [] }] = bench.list();
    const [one] = series;
    assert.ok(study && one);
    const shipped = join(import.meta.dirname, '../../models/packages/cxr-findings/manifest.json');
    const manifest = Manifest.parse(JSON.parse(readFileSync(shipped, 'utf8')));
    const context: AnswerContext = {
      manifest,
      images: await bench.studies.images(one.id),
      studyId: study.id,
      maker: { kind: 'model', package: manifest.name, version: manifest.version, jobId: 'job' },
      createdAt: '2026-01-01T00:00:00.000Z',
      idOf: (name) => stableId(one.id, manifest.name, name),
    };
    const scores = { 'lung-nodule': 0.3, effusion: 0.9, consolidation: 0.5, pneumothorax: 0.7, cardiomegaly: 0.6 };
    const folder = mkdtempSync(join(root, 'job-'));
    const answer: DetectionAnswer = {
      kind: 'detection',
      findings: Object.entries(scores).map(([key, score]) => ({
        ...said,
        key,
        score,
        frameIndex: 0,
        boxes: [[3, 4, 10, 12]],
      })),
      heatMaps: Object.keys(scores).map((key) => ({
        key,
        frameIndex: 0,
        columns: 3,
        rows: 2,
        file: file(folder, `${key}.u8`, new Uint8Array(6)),
      })),
      organs: null,
      remarks: [],
      unanswered: [],
    };
    writeFileSync(join(folder, ANSWER_FILE), JSON.stringify(answer));
    const run = { seriesId: one.id, package: manifest.name, version: manifest.version, studyId: study.id };
    const rest = { pixelTag: context.images.pixelTag, jobId: 'job', provider: 'cpu' };
    await takeIn(bench.base, bench.studies, { ...run, ...rest }, await readResults(folder, context));
    assert.deepEqual(
      bench.studies.overlays(study.id).flatMap((own) => (own.kind === 'heatmap' ? [own.label] : [])),
      ['Pleural effusion', 'Pneumothorax', 'Cardiomegaly', 'Consolidation', 'Lung nodule'],
    );
  } finally {
    await bench.close();
    bench.remove();
  }
});
