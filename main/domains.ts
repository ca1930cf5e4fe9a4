/**
 * What each domain shows to the others: types only. backend.ts builds the domains in this order and hands each the ones
 * before it, so no domain imports another's code.
 */

import type {
  Draft,
  DrafterKind,
  DraftRating,
  DrawnMeasurement,
  Finding,
  Job,
  KeyImage,
  KeyObject,
  KnowledgeHit,
  KnowledgeReport,
  ListedPresentation,
  MeasuringScales,
  Overlay,
  PixelBox,
  PriorCandidate,
  Report,
  SeriesImages,
  SeriesSummary,
  StudySummary,
  Workstation,
} from '../preload/contract/index.ts';
import type { Handlers } from '../preload/contract/rpc.ts';
import type { Outside } from './outside.ts';
import type { Store, Writer } from './store/index.ts';

export interface JobContext {
  readonly jobId: string;
  readonly signal: AbortSignal;
  /** fraction 0..1 or null; step in words without a patient's name. */
  progress(fraction: number | null, step: string): void;
}

export interface Jobs {
  readonly handlers: Pick<Handlers<Workstation>, 'jobs'>;
  /** Starts work in the background; work answers the id of what it made, or null. Heavy kinds queue one at a time. */
  start(
    job: { kind: Job['kind']; title: string; studyId?: string; seriesId?: string },
    work: (context: JobContext) => Promise<string | null>,
  ): string;
  /** Settles when the job has ended; rejects with its fault where it failed or was cancelled. */
  ended(jobId: string): Promise<Job>;
  /** Cancels all and waits. */
  close(): Promise<void>;
}

export interface Base {
  readonly outside: Outside;
  readonly store: Store;
  readonly jobs: Jobs;
  /** Random, 22 characters of A-Za-z0-9_-. */
  readonly newId: () => string;
}

/** Answers a media request below its first segment; null where the address is not its own. */
export type MediaHandler = (request: Request, segments: readonly string[]) => Promise<Response> | null;

export interface SeriesHeaders {
  readonly seriesId: string;
  /** tag 0xGGGGEEEE; vr '' in implicit VR. */
  readonly texts: readonly { readonly tag: number; readonly vr: string; readonly value: string }[];
}

/** Decoded pixels of a series as one file: frames one after another as SeriesImages.frames says. */
export interface DecodedSeries {
  readonly images: SeriesImages;
  /** Absolute path; complete and unchanging while held. */
  readonly path: string;
  release(): void;
}

/** What a file that holds no image says of images. */
export type StudyObject =
  | { readonly kind: 'key-object'; readonly object: KeyObject }
  | { readonly kind: 'presentation'; readonly listed: ListedPresentation };

export interface Studies {
  readonly handlers: Pick<Handlers<Workstation>, 'imports'> & {
    studies: Omit<Handlers<Workstation>['studies'], 'priors' | 'confirmPrior'>;
  };
  /** thumbnail, pixels, labelmap, heatmap, upload. */
  readonly media: MediaHandler;
  study(studyId: string): { study: StudySummary; series: SeriesSummary[] };
  seriesOf(seriesId: string): SeriesSummary;
  images(seriesId: string): Promise<SeriesImages>;
  /** The same as the database has it: no file is looked at, no range of values told. Throws as `images` does. */
  recorded(seriesId: string): SeriesImages;
  /** Another as soon as the series is made of other files: cheap to ask. Throws as `images` does. */
  pixelTag(seriesId: string): string;
  /** Decodes what is not decoded yet, in the decode process. */
  decoded(seriesId: string, signal: AbortSignal): Promise<DecodedSeries>;
  /** Those of models and files first, the reader's after them. */
  overlays(studyId: string): Overlay[];
  /** One made by a model or read from a file; null where there is none. */
  overlay(overlayId: string): Overlay | null;
  /** Its labels or heat, checked against the hash they came with. */
  overlayBytes(overlayId: string): Promise<Uint8Array>;
  /** Asked for marks that another domain keeps, each time a study's are listed. */
  moreOverlays(source: (studyId: string) => Overlay[]): void;
  /**
   * Every text in the headers of the study's files, also nested and private ones, each once a series; parsed where
   * untrusted bytes are parsed. Absent: exports know of a study only what its summary tells, and give no pixels.
   */
  headers?(studyId: string, signal: AbortSignal): Promise<readonly SeriesHeaders[]>;
  /** What makes lengths and values certain beyond the images' own words, read from the files where that is needed. */
  scales(seriesId: string): Promise<MeasuringScales>;
  /** Key object selections and presentation states among the study's files, in the order of their import. */
  objects(studyId: string, signal: AbortSignal): Promise<readonly StudyObject[]>;
  /** SOP Class UIDs by SOP Instance UID. Faults where the images were not read from DICOM. */
  classes(seriesId: string): ReadonlyMap<string, string>;
  /**
   * Takes marks in: bytes (labelmap or heat map) checked against the series' size and stored as a file before the row.
   * Replaces an overlay of the same id. Call outside a transaction.
   */
  putOverlay(overlay: Overlay, bytes: Uint8Array | null): Promise<void>;
  removeOverlays(studyId: string, made: { package: string; seriesId?: string }): Promise<void>;
  /** Sets the worklist's status inside the caller's transaction. */
  setStatus(writer: Writer, studyId: string, status: StudySummary['status']): void;
  changed(studyId: string): void;
  /** Told inside the transaction that removes a study: delete what you derived from it; answer files to delete after commit. */
  onRemove(listener: (writer: Writer, studyId: string) => readonly string[]): void;
  /** Imports a folder given by the shell or command line (never by the page). */
  importPath(path: string, options: { copy: boolean; label: string }): { jobId: string; importId: string };
  /** Absolute path of what an import source names, checked against escapes; for knowledge import. */
  resolve(source: import('../preload/contract/index.ts').ImportSource): string;
  close(): Promise<void>;
}

/** Segmentations that the reader edits. */
export interface Segmentations {
  readonly handlers: Pick<Handlers<Workstation>, 'segmentations'>;
  /** labelmap/<id> of its own, segmentation/<id>/... */
  readonly media: MediaHandler;
  /** After it the study's overlays tell volumes and bounds of the latest edits. */
  measured(studyId: string): Promise<void>;
  /** Writes a segmentation's labels anew, as is done now and then by itself. */
  settle(segmentationId: string): Promise<void>;
  close(): Promise<void>;
}

export interface GeneratedSentence {
  readonly text: string;
  /** Mean log-probability per token. */
  readonly score: number;
}

export interface Inference {
  readonly handlers: Pick<Handlers<Workstation>, 'inference'>;
  /** Runs every suitable package that has no result of its version yet; progress 0..1. */
  runStudy(
    studyId: string,
    context: JobContext,
  ): Promise<{ ran: { package: string; version: string }[]; remarks: string[] }>;
  findings(studyId: string): Finding[];
  /** What packages could not tell of a series: a draft does not say that it is absent. */
  unanswered(studyId: string): { seriesId: string; package: string; keys: string[] }[];
  /** L2-normalised embeddings by the text encoder; null where no encoder package is there. dims tells the length. */
  embed(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[] | null>;
  /** Sentence for one finding and its knowledge by the report network; null where there is none. */
  generate(
    prompt: ReportPrompt,
    seed: number,
    signal: AbortSignal,
  ): Promise<{ sentence: GeneratedSentence; package: string; version: string } | null>;
  /**
   * A report of the first frontal film of a series by the drafting network, its findings in the film's pixels; null where
   * no such network is there or none fits the series.
   */
  draftFilm(seriesId: string, context: JobContext): Promise<DraftedFilm | null>;
  close(): Promise<void>;
}

export interface DraftedFilm {
  readonly sentences: readonly DraftedSentence[];
  readonly frameIndex: number;
  /** Findings that the network looks for. */
  readonly keys: readonly string[];
  readonly package: string;
  readonly version: string;
  /** In words of its card, the chief thing first. */
  readonly trainedOn: readonly string[];
}

/** What the drafting network wrote; its finding is as the film's own measures have it. */
export interface DraftedSentence {
  readonly text: string;
  /** Mean probability of its words. */
  readonly score: number;
  readonly finding:
    | (Pick<Finding, 'key' | 'name' | 'side' | 'place' | 'severity' | 'measurements'> & {
        readonly box: PixelBox | null;
        readonly probability: number;
      })
    | null;
}

/** What the report network is given for one sentence: never an image of another patient. */
export interface ReportPrompt {
  readonly finding: Pick<Finding, 'key' | 'side' | 'place' | 'severity' | 'measurements'>;
  readonly modality: string;
  /** Wording of similar cases for the same finding, already stripped of numbers and dates. */
  readonly wording: readonly string[];
}

export interface Knowledge {
  readonly handlers: Pick<Handlers<Workstation>, 'knowledge'> & {
    studies: Pick<Handlers<Workstation>['studies'], 'priors' | 'confirmPrior'>;
  };
  priors(studyId: string): PriorCandidate[];
  /** Other patients' reports nearest to the text; never this study's patient. */
  similar(studyId: string, text: string, limit: number, signal: AbortSignal): Promise<KnowledgeHit[]>;
  /** A signed report becomes knowledge for later studies; told again for its study, it takes the earlier one's place. */
  add(report: Omit<KnowledgeReport, 'id'> & { patientName: string }): Promise<string>;
  importPath(path: string): { jobId: string };
  close(): Promise<void>;
}

export interface Drafting {
  readonly handlers: Pick<Handlers<Workstation>, 'drafting'>;
  draft(draftId: string): Draft | null;
  drafts(studyId: string): Draft[];
  /** For the command line and the demonstration: as the call, but awaited. */
  write(
    studyId: string,
    options: {
      seed: number | null;
      retrieval: Draft['recipe']['retrieval'] | null;
      /** What writes the findings; the template over the models' findings where nothing is said. */
      drafter?: DrafterKind | null;
    },
  ): Promise<Draft>;
}

export interface Reports {
  readonly handlers: Pick<Handlers<Workstation>, 'reports'>;
  /** report/<id>.pdf|json|txt */
  readonly media: MediaHandler;
  report(studyId: string): Report | null;
  plainText(reportId: string): string;
  /** Names of the reader now and of all who signed here: what exports must not hold. */
  readers(): string[];
}

/** What the reader measured. */
export interface Measurements {
  readonly handlers: Pick<Handlers<Workstation>, 'measurements'>;
  /** measurements/<study>.dcm */
  readonly media: MediaHandler;
  ofStudy(studyId: string): DrawnMeasurement[];
}

/** Images that the reader marked as key. */
export interface KeyImages {
  readonly handlers: Pick<Handlers<Workstation>, 'keyImages'>;
  /** key-images/<study>.dcm */
  readonly media: MediaHandler;
  ofStudy(studyId: string): KeyImage[];
}

/** How images are looked at: presentation states of files and of the reader. */
export interface Presentations {
  readonly handlers: Pick<Handlers<Workstation>, 'presentations'>;
  /** presentation/<id>.dcm */
  readonly media: MediaHandler;
}

export interface Ratings {
  readonly handlers: Pick<Handlers<Workstation>, 'ratings'>;
  ratings(studyId: string): DraftRating[];
  comparisons(studyId: string): import('../preload/contract/index.ts').Comparison[];
}

export interface Settings {
  readonly handlers: Pick<Handlers<Workstation>, 'settings'>;
  reader(): { name: string; pseudonym: string };
}

export interface Exports {
  readonly handlers: Pick<Handlers<Workstation>, 'exports'>;
  /** export/<id>/<path> */
  readonly media: MediaHandler;
  /** For the command line. */
  write(
    options: import('../preload/contract/index.ts').PreferenceOptions,
    out: string,
  ): Promise<{ lines: number; files: string[] }>;
}
