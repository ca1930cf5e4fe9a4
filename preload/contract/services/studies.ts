import { z } from 'zod';
import { call, event, nothing } from '../rpc.ts';
import { Id, Overlay, PriorCandidate, SeriesImages, SeriesSummary, StudyStatus, StudySummary } from '../terms/index.ts';

export const StudyQuery = z.object({
  /** Words in name, id, accession, description; every word must match somewhere. */
  text: z.string().max(200).default(''),
  modality: z.string().max(16).nullable().default(null),
  status: StudyStatus.nullable().default(null),
  /** YYYY-MM-DD, both included. */
  from: z.string().nullable().default(null),
  to: z.string().nullable().default(null),
  order: z.enum(['newest', 'name', 'imported']).default('newest'),
  limit: z.number().int().min(1).max(500).default(100),
  offset: z.number().int().min(0).default(0),
});
export type StudyQuery = z.infer<typeof StudyQuery>;

/** Where the reader left off; opaque to the backend beyond its size. */
export const ViewMemory = z.object({
  seriesId: Id.nullable(),
  frameIndex: z.number().int(),
  layout: z.string().max(64),
  state: z.string().max(20_000),
});

export const studies = {
  list: call(StudyQuery, z.object({ studies: z.array(StudySummary), total: z.number() })),
  get: call(z.object({ studyId: Id }), z.object({ study: StudySummary, series: z.array(SeriesSummary) })),
  /** The other studies in the store that are certainly the same patient's, newest first, at most 50. */
  samePatient: call(
    z.object({ studyId: Id }),
    z.object({ studies: z.array(z.object({ study: StudySummary, series: z.array(SeriesSummary) })) }),
  ),
  /** The unread study before or after this one in the worklist's order; null at the end. */
  unread: call(
    z.object({ from: Id.nullable(), direction: z.enum(['next', 'previous']) }),
    z.object({ studyId: Id.nullable() }),
  ),
  images: call(z.object({ seriesId: Id }), SeriesImages),
  /** Labelmaps, heat maps and boxes made by models or read from files (DICOM SEG, NIfTI labels). */
  overlays: call(z.object({ studyId: Id }), z.object({ overlays: z.array(Overlay) })),
  /** Earlier reports that may be the same patient's. */
  priors: call(z.object({ studyId: Id }), z.object({ priors: z.array(PriorCandidate) })),
  confirmPrior: call(z.object({ studyId: Id, knowledgeId: Id, same: z.boolean() }), nothing),
  setStatus: call(z.object({ studyId: Id, status: z.enum(['unread', 'preliminary']) }), nothing),
  /** The study and everything derived from it: pixels, overlays, drafts, reports, ratings, index entries. */
  remove: call(z.object({ studyId: Id }), nothing),
  remember: call(z.object({ studyId: Id, view: ViewMemory }), nothing),
  recall: call(z.object({ studyId: Id.nullable() }), z.object({ studyId: Id.nullable(), view: ViewMemory.nullable() })),
  changed: event(nothing, z.object({ studyId: Id.nullable() })),
} as const;
