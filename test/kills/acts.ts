/** What the process that is killed does, over and over; each act says 'try n' before it and 'ack n' after its answer. */
import { mkdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { part10 } from '../../main/dicom/write/index.ts';
import type { Studies } from '../../main/domains.ts';
import { createExports } from '../../main/exports/index.ts';
import { createKeyImages } from '../../main/key-images/index.ts';
import { createMeasurements } from '../../main/measurements/index.ts';
import { createRatings } from '../../main/ratings/index.ts';
import { createReports } from '../../main/reports/index.ts';
import { createSettings } from '../../main/settings/index.ts';
import type { Store } from '../../main/store/index.ts';
import { openStore } from '../../main/store/index.ts';
import { migrations } from '../../main/store/migrations/index.ts';
import { aDraft, aSentence, aSeries, aStudy, openWorld, type World } from '../../main/test-world.ts';
import type { MeasurementDraft, Report } from '../../preload/contract/index.ts';
import { drawing } from './draw.ts';

export const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};
const context = { signal: new AbortController().signal };
const sleepMs = (ms: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
};

/** Lingers before each commit and says so, so that many kills fall inside a transaction. */
const lingering = (store: Store): Store => ({
  ...store,
  transaction: (work) =>
    store.transaction((writer) => {
      const made = work(writer);
      say('inside');
      sleepMs(Math.floor(Math.random() * 12));
      return made;
    }),
});

/** Acts on one study before the next is taken: a log grows with each edit. */
const ACTS_PER_STUDY = 60;
export const studyOf = (n: number): string => `s${Math.floor(n / ACTS_PER_STUDY)}`;
const seed = (world: World, studyId: string): void => {
  world.studies.put(aStudy(studyId), [aSeries(`ser-${studyId}`, studyId)]);
  world.drafting.put(
    aDraft(`d-${studyId}`, studyId, [
      aSentence('a', 'Nodule in the right upper lobe.'),
      aSentence('b', 'No effusion.'),
    ]),
  );
};

export interface Desk {
  readonly world: World;
  readonly reports: ReturnType<typeof createReports>;
  readonly ratings: ReturnType<typeof createRatings>;
  readonly exports: ReturnType<typeof createExports>;
  readonly measurements: ReturnType<typeof createMeasurements>;
  readonly keyImages: ReturnType<typeof createKeyImages>;
  /** Makes the study known to the stand-ins. */
  know(studyId: string): void;
}
export const openDesk = async (folder: string, linger: boolean): Promise<Desk> => {
  const opened = openWorld(folder);
  const world: World = linger ? { ...opened, base: { ...opened.base, store: lingering(opened.base.store) } } : opened;
  const settings = createSettings(world.base);
  const studies = world.studies as unknown as Studies;
  const reports = createReports(world.base, studies, world.knowledge, world.drafting, settings);
  const ratings = createRatings(world.base, world.studies, world.drafting, settings);
  const exports = createExports(world.base, world.studies, world.drafting, reports, ratings);
  const measurements = createMeasurements(world.base, world.studies, settings);
  const keyImages = createKeyImages(world.base, world.studies, settings);
  await settings.handlers.settings.setReader({ name: 'Ada Reader' }, context);
  return { world, reports, ratings, exports, measurements, keyImages, know: (studyId) => seed(world, studyId) };
};
const begin = async (desk: Desk, studyId: string): Promise<Report> =>
  (await desk.reports.handlers.reports.begin({ studyId, draftId: `d-${studyId}`, replace: false }, context)) as Report;

type Act = (folder: string, from: number) => Promise<void>;

const forever = async (from: number, act: (n: number) => Promise<void>): Promise<void> => {
  for (let n = from; ; n += 1) {
    say(`try ${n}`);
    await act(n);
    say(`ack ${n}`);
  }
};

/** Adds, changes, scores and verdicts in turn; the first is the one that may have been done already. */
const edit: Act = async (folder, from) => {
  const desk = await openDesk(folder, true);
  await forever(from, async (n) => {
    const studyId = studyOf(n);
    desk.know(studyId);
    const { id: reportId, revision } = await begin(desk, studyId);
    const opId = `op${n}`;
    const draftId = `d-${studyId}`;
    const change = (of: Parameters<typeof desk.reports.handlers.reports.edit>[0]['edit']) =>
      desk.reports.handlers.reports.edit({ reportId, opId, revision, edit: of }, context);
    if (n % 4 === 0)
      await change({
        kind: 'add',
        sentence: {
          id: `n${n}`,
          section: 'findings',
          text: `Added ${n}.`,
          regions: [],
          findingKey: '',
          side: null,
          kind: 'finding',
        },
        beforeId: null,
      });
    else if (n % 4 === 1) await change({ kind: 'set-text', sentenceId: 'a', text: `Changed ${n}.` });
    else if (n % 4 === 2)
      await desk.ratings.handlers.ratings.rateDraft(
        { draftId, opId, score: 1 + (n % 5), comment: `Rated ${n}` },
        context,
      );
    else
      await desk.ratings.handlers.ratings.rateSentence(
        { draftId, opId, rating: { sentenceId: 'b', verdict: 'right', category: null, significant: null } },
        context,
      );
  });
};

const sign: Act = async (folder, from) => {
  const desk = await openDesk(folder, true);
  await forever(from, async (n) => {
    const studyId = `g${Math.floor(n / 2)}`;
    desk.know(studyId);
    const { id: reportId, revision } = await begin(desk, studyId);
    if (n % 2 === 0)
      await desk.reports.handlers.reports.sign({ reportId, opId: `op${n}`, revision, acceptAll: true }, context);
    else await desk.reports.handlers.reports.addendum({ reportId, opId: `op${n}`, text: `Addendum ${n}.` }, context);
  });
};

const exporting: Act = async (folder, from) => {
  const desk = await openDesk(folder, true);
  desk.know('s0');
  const report = await begin(desk, 's0');
  if (report.state !== 'final')
    await desk.reports.handlers.reports.sign(
      { reportId: report.id, opId: 'sign', revision: report.revision, acceptAll: true },
      context,
    );
  await forever(from, async (n) => {
    const { jobId } = await desk.exports.handlers.exports.run(
      { format: 'sft', studyIds: [], includePixels: false, opId: `op${n}` },
      context,
    );
    await desk.world.base.jobs.ended(jobId);
  });
};

/** Four acts on each measurement. */
export const measurementOf = (n: number): string => `m${Math.floor(n / 4)}`;
export const lengthAt = (n: number): MeasurementDraft => ({
  id: measurementOf(n),
  seriesId: `ser-${studyOf(n)}`,
  kind: 'length',
  place: {
    kind: 'image',
    instanceUid: `${aSeries(`ser-${studyOf(n)}`, '').uid}.1`,
    frameNumber: 1,
    points: [
      [n % 50, 1],
      [n % 50, 9],
    ],
    labelAt: null,
  },
  name: `Drawn ${n}`,
  text: '',
  visible: true,
});
const measuring: Act = async (folder, from) => {
  const desk = await openDesk(folder, true);
  const { put, remove } = desk.measurements.handlers.measurements;
  await forever(from, async (n) => {
    desk.know(studyOf(n));
    const opId = `op${n}`;
    const revision = n % 4;
    // 0 drawn, 1 moved, 2 removed, 3 brought back.
    if (revision === 2) await remove({ opId, measurementId: measurementOf(n), revision }, context);
    else await put({ opId, revision, measurement: lengthAt(n) }, context);
  });
};

/** Four acts on each image of a study in turn. */
export const markedImageOf = (n: number) => ({
  seriesId: `ser-${studyOf(n)}`,
  instanceUid: `${aSeries(`ser-${studyOf(n)}`, '').uid}.${Math.floor((n % ACTS_PER_STUDY) / 4) + 1}`,
  frameNumber: 1,
});
const marking: Act = async (folder, from) => {
  const desk = await openDesk(folder, true);
  const { put, remove } = desk.keyImages.handlers.keyImages;
  await forever(from, async (n) => {
    desk.know(studyOf(n));
    const opId = `op${n}`;
    const revision = n % 4;
    const image = markedImageOf(n);
    // 0 marked, 1 its note changed, 2 let go, 3 marked again.
    if (revision === 2) await remove({ opId, image, revision }, context);
    else await put({ opId, image, revision, note: `Note ${n}` }, context);
  });
};

export const FILES_PER_IMPORT = 5;
const writeSeries = (folder: string, n: number): void => {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < FILES_PER_IMPORT; i += 1)
    writeFileSync(
      join(folder, `${i}.dcm`),
      part10('1.2.840.10008.5.1.4.1.1.2', `2.25.9.${n}.1.${i + 1}`, [
        ['00080060', 'CS', 'CT'],
        ['00100010', 'PN', `Import^Number${n}`],
        ['00100020', 'LO', `I${n}`],
        ['0020000D', 'UI', `2.25.9.${n}`],
        ['0020000E', 'UI', `2.25.9.${n}.1`],
        ['00200013', 'IS', i + 1],
        ['00280002', 'US', 1],
        ['00280004', 'CS', 'MONOCHROME2'],
        ['00280010', 'US', 8],
        ['00280011', 'US', 8],
        ['00280100', 'US', 16],
        ['00280101', 'US', 16],
        ['00280102', 'US', 15],
        ['00280103', 'US', 0],
        ['7FE00010', 'OW', new Uint8Array(128).fill(n & 255)],
      ]),
    );
};
/** In place and copied in turn. */
const importing: Act = async (folder, from) => {
  // Only this act needs what reads files.
  const { temporaryStudies } = await import('../../main/studies/test-base.ts');
  const world = temporaryStudies({ folder });
  await forever(from, async (n) => {
    const source = join(folder, 'in', String(n));
    writeSeries(source, n);
    // A loaded machine may give up on a file in time: the import is answered for when all of it is in.
    for (let tries = 1; ; tries += 1) {
      const { files } = await world.import(source, n % 2 === 1);
      const odd = files.filter((one) => one.outcome !== 'imported' && one.outcome !== 'already-there');
      if (odd.length === 0) return;
      if (tries === 8) throw new Error(`import ${n}: ${JSON.stringify(odd)}`);
    }
  });
};

const draw: Act = async (folder, from) => {
  const desk = await openDesk(folder, true);
  await forever(from, drawing(desk.world));
};

/** Opens an older store; lingers inside each migration. */
const migrate: Act = async (folder) => {
  for (const migration of migrations) {
    const up = migration.up;
    Object.assign(migration, {
      up: (db: Parameters<typeof up>[0]) => {
        up(db);
        say('inside');
        sleepMs(Math.floor(Math.random() * 20));
      },
    });
  }
  say('try 0');
  openStore(join(folder, 'store')).close();
  say('ack 0');
  // Waits to be killed.
  await new Promise((resolve) => setTimeout(resolve, 60_000));
};

export const acts = {
  edit,
  sign,
  measure: measuring,
  mark: marking,
  export: exporting,
  import: importing,
  draw,
  migrate,
} as const satisfies Record<string, Act>;
export type ActName = keyof typeof acts;
