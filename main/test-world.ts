/**
 * For tests of the domains that come after studies, knowledge and drafting: those three in memory, on a real store in a
 * temporary folder. Nothing in the program imports this.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Draft,
  type DraftSentence,
  Fault,
  type Frame,
  type Overlay,
  type SeriesSummary,
  type StudySummary,
} from '../preload/contract/index.ts';
import type { Base, Drafting, Knowledge, Studies } from './domains.ts';
import type { Outside } from './outside.ts';
import { createJobs } from './process/index.ts';
import { openStore, type Writer } from './store/index.ts';

export interface World {
  readonly base: Base;
  readonly studies: StandInStudies;
  readonly drafting: Pick<Drafting, 'draft' | 'drafts'> & { put(draft: Draft): void };
  readonly knowledge: Pick<Knowledge, 'add'> & { readonly added: Parameters<Knowledge['add']>[0][]; failing: boolean };
  /** Moves the clock on. */
  pass(ms: number): void;
  /** The same store opened again, as after a restart. */
  reopen(): World;
  close(): Promise<void>;
}

export interface StandInStudies
  extends Pick<
    Studies,
    | 'study'
    | 'seriesOf'
    | 'overlays'
    | 'setStatus'
    | 'changed'
    | 'onRemove'
    | 'images'
    | 'scales'
    | 'classes'
    | 'handlers'
    | 'objects'
    | 'decoded'
  > {
  put(study: StudySummary, series: SeriesSummary[], overlays?: Overlay[]): void;
  remove(studyId: string): void;
  readonly status: ReadonlyMap<string, StudySummary['status']>;
}

export const aStudy = (
  id: string,
  patient: Partial<StudySummary['patient']> = {},
  rest: Partial<StudySummary> = {},
): StudySummary => ({
  id,
  uid: `2.25.${[...id].map((letter) => letter.charCodeAt(0)).join('')}`,
  patient: { name: 'Roe^Jane', id: 'MRN-4711', issuer: '', birthDate: '1961-02-03', sex: 'F', ...patient },
  date: '2026-11-02',
  time: '10:22:41',
  accession: 'ACC20261102',
  description: 'CT chest',
  modalities: ['CT'],
  bodyParts: ['CHEST'],
  seriesCount: 1,
  imageCount: 20,
  status: 'unread',
  importedAt: '2026-11-02T11:00:00.000Z',
  sourceMissing: false,
  hasDraft: false,
  ...rest,
});

export const aSeries = (id: string, studyId: string, rest: Partial<SeriesSummary> = {}): SeriesSummary => ({
  id,
  studyId,
  uid: `2.25.7.${[...id].map((letter) => letter.charCodeAt(0)).join('')}`,
  number: 3,
  modality: 'CT',
  description: 'axial',
  bodyPart: 'CHEST',
  frameCount: 20,
  kind: 'image',
  refused: null,
  sourceMissing: false,
  ...rest,
});

export const aSentence = (id: string, text: string, rest: Partial<DraftSentence> = {}): DraftSentence => ({
  id,
  section: 'findings',
  text,
  kind: 'finding',
  regions: [],
  score: null,
  evidence: [],
  findingKey: '',
  side: null,
  ...rest,
});

export const aDraft = (id: string, studyId: string, sentences: DraftSentence[], rest: Partial<Draft> = {}): Draft => ({
  id,
  studyId,
  createdAt: '2026-11-02T12:00:00.000Z',
  recipe: {
    seed: 1,
    drafter: 'sightline-drafter',
    drafterVersion: '1.0.0',
    retrieval: 'priors-and-similar',
    packages: [{ name: 'ct-organs', version: '1.0.0' }],
  },
  sentences,
  priorIds: [],
  remarks: [],
  ...rest,
});

const frames = (series: SeriesSummary): Frame[] =>
  Array.from({ length: series.frameCount }, (_, index) => ({
    index,
    instanceUid: `${series.uid}.${index + 1}`,
    frameNumber: 1,
    rows: 64,
    columns: 64,
    format: 'int16',
    byteOffset: index * 8192,
    byteLength: 8192,
    positionMm: [0, 0, index],
    rowDirection: [1, 0, 0],
    columnDirection: [0, 1, 0],
    calibration: { kind: 'known', spacingMm: [1, 1], source: 'Pixel Spacing' },
    slope: 1,
    intercept: 0,
    unit: 'HU',
    windows: [],
    range: null,
    inverted: false,
  }));

/** Studies in memory; handlers only list. */
const createStandInStudies = (base: Base): StandInStudies => {
  const studies = new Map<string, { study: StudySummary; series: SeriesSummary[]; overlays: Overlay[] }>();
  const status = new Map<string, StudySummary['status']>();
  const listeners: ((writer: Writer, studyId: string) => readonly string[])[] = [];
  const find = (studyId: string) => {
    const found = studies.get(studyId);
    if (!found) throw new Fault('not-found', 'There is no such study.', { studyId });
    return found;
  };
  const seriesOf = (seriesId: string): SeriesSummary => {
    const found = [...studies.values()].flatMap((one) => one.series).find((one) => one.id === seriesId);
    if (!found) throw new Fault('not-found', 'There is no such series.', { seriesId });
    return found;
  };
  const list: Studies['handlers']['studies']['list'] = ({ limit, offset }) => {
    const all = [...studies.values()].map((one) => one.study);
    return { studies: all.slice(offset, offset + limit), total: all.length };
  };
  return {
    status,
    put: (study, series, overlays = []) => studies.set(study.id, { study, series, overlays }),
    remove: (studyId) => {
      base.store.transaction((writer) => {
        for (const listener of listeners) listener(writer, studyId);
      });
      studies.delete(studyId);
    },
    study: (studyId) => {
      const { study, series } = find(studyId);
      return { study: { ...study, status: status.get(studyId) ?? study.status }, series };
    },
    seriesOf,
    overlays: (studyId) => find(studyId).overlays,
    scales: async (seriesId) => ({ seriesId, ultrasound: {}, suv: null, trouble: '' }),
    classes: (seriesId) =>
      new Map(frames(seriesOf(seriesId)).map((frame) => [frame.instanceUid, '1.2.840.10008.5.1.4.1.1.2'])),
    images: async (seriesId) => {
      const series = seriesOf(seriesId);
      return {
        seriesId,
        frames: frames(series),
        volume: { kind: 'none', reason: 'a stand-in' },
        frameOfReferenceUid: null,
        lossy: null,
        remark: '',
        pixelTag: 'stand-in',
      };
    },
    objects: async () => [],
    decoded: async () => {
      throw new Fault('refused', 'A stand-in has no pixels.');
    },
    setStatus: (_writer, studyId, next) => {
      find(studyId);
      status.set(studyId, next);
    },
    changed: () => {},
    onRemove: (listener) => listeners.push(listener),
    handlers: { studies: { list } } as StandInStudies['handlers'],
  };
};

const build = (
  folder: string,
  clock: { ms: number },
  drafts: Map<string, Draft>,
  random: (count: number) => Uint8Array,
): World => {
  const outside: Outside = {
    shell: 'cli',
    storeFolder: folder,
    modelFolders: [],
    roots: {},
    pickFolder: null,
    now: () => new Date(clock.ms),
    randomBytes: random,
    spawn: () => {
      throw new Error('no process here');
    },
    log: { info: () => {}, warn: () => {}, error: () => {} },
  };
  const store = openStore(folder);
  const newId = (): string => Buffer.from(outside.randomBytes(16)).toString('base64url');
  const jobs = createJobs({ newId, now: outside.now, log: outside.log });
  const base: Base = { outside, store, jobs, newId };
  const added: Parameters<Knowledge['add']>[0][] = [];
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await jobs.close();
    store.close();
  };
  const world: World = {
    base,
    studies: createStandInStudies(base),
    drafting: {
      put: (draft) => drafts.set(draft.id, draft),
      draft: (draftId) => drafts.get(draftId) ?? null,
      drafts: (studyId) => [...drafts.values()].filter((one) => one.studyId === studyId),
    },
    knowledge: {
      added,
      failing: false,
      add: async (report) => {
        if (world.knowledge.failing) throw new Error('no encoder');
        added.push(report);
        return newId();
      },
    },
    pass: (ms) => {
      clock.ms += ms;
    },
    reopen: () => {
      if (!closed) store.close();
      closed = true;
      return build(folder, clock, drafts, random);
    },
    close: async () => {
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return world;
};

/** Bytes that look random, the same in each run. Numerical Recipes' generator, modulo 2^32. */
const sameEachRun = (): ((count: number) => Uint8Array) => {
  let state = 42;
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
      return state >>> 24;
    });
};

const MORNING_MS = Date.UTC(2026, 10, 3, 8);

export const createWorld = (): World =>
  build(mkdtempSync(join(tmpdir(), 'sightline-')), { ms: MORNING_MS }, new Map(), sameEachRun());

/** A folder that another process may have used before: ids must be others than its. */
export const openWorld = (folder: string): World =>
  build(folder, { ms: MORNING_MS }, new Map(), (count) => new Uint8Array(randomBytes(count)));
