import { z } from 'zod';
import { call, nothing } from '../rpc.ts';
import { ImportSource } from '../terms/import.ts';
import { Id, KnowledgeHit, KnowledgeReport } from '../terms/index.ts';

export const knowledge = {
  import: call(z.object({ source: ImportSource }), z.object({ jobId: Id })),
  search: call(
    z.object({
      text: z.string().min(1).max(2000),
      modality: z.string().max(16).nullable().default(null),
      bodyPart: z.string().max(64).nullable().default(null),
      from: z.string().nullable().default(null),
      to: z.string().nullable().default(null),
      limit: z.number().int().min(1).max(100).default(20),
      /** Its own report and its patient's are left out, as the drafter does. */
      excludeStudyId: Id.nullable().default(null),
    }),
    z.object({ hits: z.array(KnowledgeHit), tookMs: z.number() }),
  ),
  get: call(z.object({ knowledgeId: Id }), KnowledgeReport),
  count: call(nothing, z.object({ reports: z.number(), embedded: z.number() })),
  remove: call(z.object({ knowledgeId: Id }), nothing),
} as const;
