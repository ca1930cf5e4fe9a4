/** For tests beside this file: studies and inference as the drafter sees them, with findings given instead of inferred. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding, SeriesImages, StudySummary } from '../../preload/contract/index.ts';
import type { Base, Inference, Studies } from '../domains.ts';
import { createJobs } from '../process/index.ts';
import { openStore } from '../store/index.ts';

export const STUDY: StudySummary = {
  id: 'study-1',
  uid: '2.25.1',
  patient: { name: 'Doe^Jane', id: 'P1', issuer: '', birthDate: '1960-02-03', sex: 'F' },
  date: '2026-05-01',
  time: null,
  accession: '',
  description: 'CT chest',
  modalities: ['CT'],
  bodyParts: ['CHEST'],
  seriesCount: 1,
  imageCount: 10,
  status: 'unread',
  importedAt: '2026-05-02T00:00:00.000Z',
  sourceMissing: false,
  hasDraft: false,
};

export const IMAGES: SeriesImages = {
  seriesId: 'series-1',
  frames: Array.from({ length: 10 }, (_, index) => ({
    index,
    instanceUid: `2.25.1.${index}`,
    frameNumber: 1,
    rows: 100,
    columns: 100,
    format: 'int16' as const,
    byteOffset: index * 20_000,
    byteLength: 20_000,
    positionMm: [-50, -50, index * 2] as const,
    rowDirection: [1, 0, 0] as const,
    columnDirection: [0, 1, 0] as const,
    calibration: { kind: 'known' as const, spacingMm: [1, 1] as const, source: 'Pixel Spacing' },
    slope: 1,
    intercept: 0,
    unit: 'HU',
    windows: [],
    range: null,
    inverted: false,
  })),
  volume: {
    kind: 'volume',
    dims: [100, 100, 10],
    affineVoxelToPatient: [1, 0, 0, -50, 0, 1, 0, -50, 0, 0, 2, 0],
    format: 'int16',
    slope: 1,
    intercept: 0,
  },
  frameOfReferenceUid: null,
  lossy: null,
  remark: '',
  pixelTag: 'tag',
};

/** A finding with a box at the given column, so that its side can agree or not. */
export const finding = (key: string, side: Finding['side'], x: number, over: Partial<Finding> = {}): Finding => ({
  id: `finding-${key}-${side}-${x}`,
  studyId: STUDY.id,
  seriesId: 'series-1',
  key,
  name: key,
  code: null,
  side,
  place: '',
  severity: '',
  measurements: [],
  score: 0.9,
  regions: [{ kind: 'box', seriesId: 'series-1', instanceUid: '2.25.1.4', frameIndex: 4, box: [x, 40, x + 10, 50] }],
  maker: { kind: 'model', package: 'test', version: '1', jobId: 'job' },
  ...over,
});

export interface Standins {
  readonly base: Base;
  readonly studies: Studies;
  readonly inference: Inference;
  removeStudy(): void;
}

export const standins = (
  findings: readonly Finding[],
  labels: readonly string[],
  generated: string | null = null,
  unanswered: readonly string[] = [],
  hasRun = true,
): Standins => {
  const store = openStore(mkdtempSync(join(tmpdir(), 'sightline-drafting-')));
  let n = 0;
  const newId = (): string => `id${++n}`;
  const log = {
    info: () => {},
    warn: () => {},
    error: (message: string, error: unknown) => console.error(message, error),
  };
  const jobs = createJobs({ newId, now: () => new Date('2026-06-01T00:00:00Z'), log });
  const outside = { log, now: () => new Date('2026-06-01T00:00:00Z') } as unknown as Base['outside'];
  const removals: Parameters<Studies['onRemove']>[0][] = [];
  const series = {
    id: 'series-1',
    studyId: STUDY.id,
    uid: '2.25.11',
    number: 1,
    modality: 'CT',
    description: '',
    bodyPart: 'CHEST',
    frameCount: 10,
    kind: 'image' as const,
    refused: null,
    sourceMissing: false,
  };
  const studies = {
    study: () => ({ study: STUDY, series: [series] }),
    images: async () => IMAGES,
    overlays: () => [],
    changed: () => {},
    onRemove: (listener: (typeof removals)[number]) => removals.push(listener),
  } as unknown as Studies;
  const packages = [
    {
      name: 'test',
      version: '1',
      title: 'Test',
      task: 'segmentation' as const,
      modalities: ['CT'],
      licence: 'Apache-2.0',
      intendedUse: '',
      clinicalUse: false as const,
      trainedOn: [],
      phantomsOnly: false,
      figures: [],
      labels: labels.map((key) => ({ key, name: key, code: null })),
      card: '',
      bytes: 1,
      refused: null,
    },
  ];
  const inference = {
    runStudy: async () => ({ ran: [], remarks: [] }),
    findings: () => [...findings],
    unanswered: () => [{ seriesId: 'series-1', package: 'test', keys: [...unanswered] }],
    embed: async () => null,
    generate: async () =>
      generated === null ? null : { sentence: { text: generated, score: -0.1 }, package: 'words', version: '1' },
    handlers: {
      inference: {
        packages: () => ({ packages }),
        suitable: () => ({ packages: [{ name: 'test', title: 'Test', byItself: true, hasRun }] }),
      },
    },
  } as unknown as Inference;
  return {
    base: { outside, store, jobs, newId },
    studies,
    inference,
    removeStudy: () =>
      store.transaction((writer) => {
        for (const listener of removals) listener(writer, STUDY.id);
      }),
  };
};
