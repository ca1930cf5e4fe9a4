import { z } from 'zod';

/** Ids made by Sightline: opaque, unguessable, never derived from a patient's data. */
export const Id = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
export type Id = z.infer<typeof Id>;

/** Calendar date, YYYY-MM-DD. */
export const Day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);
/** Moment, ISO 8601 in UTC. */
export const Moment = z.iso.datetime();

export const Sex = z.enum(['F', 'M', 'O']);

/** Text is decoded to Unicode by the character set of its file; names keep DICOM's caret form for display to split. */
export const Patient = z.object({
  name: z.string(),
  id: z.string(),
  issuer: z.string(),
  birthDate: Day.nullable(),
  sex: Sex.nullable(),
});
export type Patient = z.infer<typeof Patient>;

export const StudyStatus = z.enum(['unread', 'draft', 'preliminary', 'final']);
export type StudyStatus = z.infer<typeof StudyStatus>;

export const StudySummary = z.object({
  id: Id,
  /** Study Instance UID (0020,000D), or one made for files that have none. */
  uid: z.string(),
  patient: Patient,
  date: Day.nullable(),
  /** HH:MM:SS, local to the scanner. */
  time: z.string().nullable(),
  accession: z.string(),
  description: z.string(),
  modalities: z.array(z.string()),
  bodyParts: z.array(z.string()),
  seriesCount: z.number(),
  imageCount: z.number(),
  status: StudyStatus,
  importedAt: Moment,
  /** True where a source file is missing or has changed since the import. */
  sourceMissing: z.boolean(),
  hasDraft: z.boolean(),
});
export type StudySummary = z.infer<typeof StudySummary>;

export const SeriesSummary = z.object({
  id: Id,
  studyId: Id,
  uid: z.string(),
  number: z.number().nullable(),
  modality: z.string(),
  description: z.string(),
  bodyPart: z.string(),
  frameCount: z.number(),
  /** What can be done with it: shown as images, read as marks on another series, or only listed. */
  kind: z.enum(['image', 'segmentation', 'structures', 'report', 'other']),
  /** Null where it can be shown; else the reason in plain words. */
  refused: z.string().nullable(),
  sourceMissing: z.boolean(),
});
export type SeriesSummary = z.infer<typeof SeriesSummary>;
