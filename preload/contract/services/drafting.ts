import { z } from 'zod';
import { call } from '../rpc.ts';
import { Draft, DrafterKind, DraftRecipe, Id } from '../terms/index.ts';

export const drafting = {
  /** Runs what is missing (inference), then writes a draft. The job's resultId is the draft's id. */
  create: call(
    z.object({
      studyId: Id,
      seed: z.number().int().nullable().default(null),
      retrieval: DraftRecipe.shape.retrieval.nullable().default(null),
      drafter: DrafterKind.nullable().default(null),
    }),
    z.object({ jobId: Id }),
  ),
  list: call(z.object({ studyId: Id }), z.object({ drafts: z.array(Draft) })),
  /** The phrase for a finding that the reader adds: 'Nodule in the left upper lobe.' */
  phrase: call(
    z.object({
      key: z.string().max(64),
      side: z.enum(['left', 'right', 'bilateral']).nullable(),
      place: z.string().max(100),
      sizeMm: z.number().nullable(),
      /** 'moderate', or a grade's name; left out where it is not known. */
      severity: z.string().max(80).optional(),
    }),
    z.object({ text: z.string() }),
  ),
  /** Findings that can be picked when one is added. */
  vocabulary: call(
    z.object({ modality: z.string().max(16) }),
    z.object({ terms: z.array(z.object({ key: z.string(), name: z.string(), sided: z.boolean() })) }),
  ),
} as const;
