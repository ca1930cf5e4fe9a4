import type { Handlers, Workstation } from '../preload/contract/index.ts';
import type {
  Base,
  Drafting,
  Exports,
  Inference,
  Jobs,
  KeyImages,
  Knowledge,
  Measurements,
  Presentations,
  Ratings,
  Reports,
  Segmentations,
  Settings,
  Studies,
} from './domains.ts';
import { createDrafting } from './drafting/index.ts';
import { createExports } from './exports/index.ts';
import { createInference } from './inference/index.ts';
import { createKeyImages } from './key-images/index.ts';
import { createKnowledge } from './knowledge/index.ts';
import { createMeasurements } from './measurements/index.ts';
import { createMedia } from './media.ts';
import type { Outside } from './outside.ts';
import { createPresentations } from './presentations/index.ts';
import { createJobs } from './process/index.ts';
import { lockStore } from './process/store-lock.ts';
import { createRatings } from './ratings/index.ts';
import { createReports } from './reports/index.ts';
import { createSegmentations } from './segmentations/index.ts';
import { createSettings } from './settings/index.ts';
import { openStore } from './store/index.ts';
import { createStudies } from './studies/index.ts';

/** What the shells and the command line get at besides the contract. */
export interface Domains {
  readonly jobs: Jobs;
  readonly settings: Settings;
  readonly studies: Studies;
  readonly segmentations: Segmentations;
  readonly measurements: Measurements;
  readonly keyImages: KeyImages;
  readonly presentations: Presentations;
  readonly inference: Inference;
  readonly knowledge: Knowledge;
  readonly drafting: Drafting;
  readonly reports: Reports;
  readonly ratings: Ratings;
  readonly exports: Exports;
}

export interface Backend {
  readonly handlers: Handlers<Workstation>;
  /** Answers every address below MEDIA_BASE, also what is not there. */
  media(request: Request): Promise<Response>;
  readonly domains: Domains;
  close(): Promise<void>;
}

/** The whole workstation without a window. Refuses where another process holds the store. */
export const createBackend = (outside: Outside): Backend => {
  const unlock = lockStore(outside.storeFolder, outside.shell);
  try {
    const store = openStore(outside.storeFolder);
    const newId = (): string => Buffer.from(outside.randomBytes(16)).toString('base64url');
    const jobs = createJobs({ newId, now: outside.now, log: outside.log });
    const base: Base = { outside, store, jobs, newId };

    const settings = createSettings(base);
    const studies = createStudies(base);
    const segmentations = createSegmentations(base, studies, settings);
    const measurements = createMeasurements(base, studies, settings);
    const keyImages = createKeyImages(base, studies, settings);
    const presentations = createPresentations(base, studies, settings);
    const inference = createInference(base, studies);
    const knowledge = createKnowledge(base, studies, inference);
    const drafting = createDrafting(base, studies, inference, knowledge);
    const reports = createReports(base, studies, knowledge, drafting, settings);
    const ratings = createRatings(base, studies, drafting, settings);
    const exports = createExports(base, studies, drafting, reports, ratings);

    return {
      handlers: {
        ...jobs.handlers,
        ...settings.handlers,
        ...studies.handlers,
        studies: {
          ...studies.handlers.studies,
          ...knowledge.handlers.studies,
          overlays: async (params, context) => {
            await segmentations.measured(params.studyId);
            return studies.handlers.studies.overlays(params, context);
          },
        },
        segmentations: segmentations.handlers.segmentations,
        measurements: measurements.handlers.measurements,
        keyImages: keyImages.handlers.keyImages,
        presentations: presentations.handlers.presentations,
        inference: inference.handlers.inference,
        knowledge: knowledge.handlers.knowledge,
        drafting: drafting.handlers.drafting,
        reports: reports.handlers.reports,
        ratings: ratings.handlers.ratings,
        exports: exports.handlers.exports,
      },
      media: createMedia(
        [
          segmentations.media,
          studies.media,
          reports.media,
          measurements.media,
          keyImages.media,
          presentations.media,
          exports.media,
        ],
        outside.log,
      ),
      domains: {
        jobs,
        settings,
        studies,
        segmentations,
        measurements,
        keyImages,
        presentations,
        inference,
        knowledge,
        drafting,
        reports,
        ratings,
        exports,
      },
      close: async () => {
        await jobs.close();
        // What a domain put off at its start (reports not yet known to knowledge) still reads the store once.
        await new Promise((resolve) => setImmediate(resolve));
        await Promise.all([studies.close(), segmentations.close(), inference.close(), knowledge.close()]);
        store.close();
        unlock();
      },
    };
  } catch (error) {
    unlock();
    throw error;
  }
};
