import { z } from 'zod';
import { call, nothing } from '../rpc.ts';
import { Choice, Comparison, DraftRating, Id, SentenceRating } from '../terms/index.ts';

export const ratings = {
  get: call(z.object({ draftId: Id }), z.object({ rating: DraftRating.nullable() })),
  rateDraft: call(
    z.object({
      draftId: Id,
      opId: Id,
      score: z.number().int().min(1).max(5).nullable(),
      comment: z.string().max(4000),
    }),
    DraftRating,
  ),
  rateSentence: call(z.object({ draftId: Id, opId: Id, rating: SentenceRating }), DraftRating),
  /** Two drafts of the study to choose between; made where there are two with different texts. Null: why not. */
  compare: call(z.object({ studyId: Id }), z.object({ comparison: Comparison.nullable(), reason: z.string() })),
  choose: call(z.object({ comparisonId: Id, opId: Id, choice: Choice }), Comparison),
  summary: call(nothing, z.object({ drafts: z.number(), sentences: z.number(), choices: z.number() })),
} as const;
