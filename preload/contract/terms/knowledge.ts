import { z } from 'zod';
import { Day, Id } from './study.ts';

export const KnowledgeReport = z.object({
  id: Id,
  /** Whose it is, where the import told. */
  patientId: z.string(),
  birthDate: Day.nullable(),
  date: Day.nullable(),
  modality: z.string(),
  bodyPart: z.string(),
  indication: z.string(),
  findings: z.string(),
  impression: z.string(),
  /** The study it was written for, where it is one of ours (a signed report here). */
  studyId: Id.nullable(),
  source: z.string(),
});
export type KnowledgeReport = z.infer<typeof KnowledgeReport>;

export const KnowledgeHit = z.object({
  report: KnowledgeReport,
  /** Cosine of the embeddings, -1 to 1; null where only words matched. */
  similarity: z.number().nullable(),
  /** Rank fusion of similarity and words, higher is better. */
  score: z.number(),
  /** The passage that matched, plain text. */
  snippet: z.string(),
});
export type KnowledgeHit = z.infer<typeof KnowledgeHit>;

/** The same patient's earlier report. certain: id and birth date agree. confirm: only one agrees. */
export const PriorCandidate = z.object({
  report: KnowledgeReport,
  match: z.enum(['certain', 'id-only', 'birth-date-only', 'name-only']),
  /** The reader's word where it was needed; null where not yet given. */
  confirmed: z.boolean().nullable(),
});
export type PriorCandidate = z.infer<typeof PriorCandidate>;
