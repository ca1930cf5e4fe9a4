import { z } from 'zod';
import { Draft } from './report.ts';
import { Id, Moment } from './study.ts';

/** Error categories after ReXVal and GREEN. */
export const ErrorCategory = z.enum([
  'false-finding',
  'missing-finding',
  'wrong-location',
  'wrong-severity',
  'comparison-not-warranted',
  'comparison-omitted',
  'other',
]);
export type ErrorCategory = z.infer<typeof ErrorCategory>;

export const SentenceRating = z.object({
  sentenceId: Id,
  verdict: z.enum(['right', 'wrong', 'unsure']),
  /** Set where wrong. */
  category: ErrorCategory.nullable(),
  significant: z.boolean().nullable(),
});
export type SentenceRating = z.infer<typeof SentenceRating>;

export const DraftRating = z.object({
  draftId: Id,
  /** 1 (unusable) to 5 (sign as it is); null where only sentences were rated. */
  score: z.number().int().min(1).max(5).nullable(),
  sentences: z.array(SentenceRating),
  comment: z.string().max(4000),
  /** Random pseudonym of the rater. */
  rater: z.string(),
  ratedAt: Moment,
});
export type DraftRating = z.infer<typeof DraftRating>;

export const Choice = z.enum(['left', 'right', 'tie', 'both-bad']);
export type Choice = z.infer<typeof Choice>;

/** Two drafts of one study, sides drawn at random and balanced. */
export const Comparison = z.object({
  id: Id,
  studyId: Id,
  left: Draft,
  right: Draft,
  choice: Choice.nullable(),
  rater: z.string().nullable(),
  decidedAt: Moment.nullable(),
});
export type Comparison = z.infer<typeof Comparison>;
