import { z } from 'zod';
import { Id, Moment } from './study.ts';

export const JobKind = z.enum(['import', 'inference', 'draft', 'export', 'knowledge', 'demonstration']);

export const Job = z.object({
  id: Id,
  kind: JobKind,
  /** Never a patient's name. */
  title: z.string(),
  studyId: Id.nullable(),
  seriesId: Id.nullable(),
  state: z.enum(['waiting', 'running', 'done', 'failed', 'cancelled']),
  /** 0 to 1; null where the length is unknown. */
  progress: z.number().min(0).max(1).nullable(),
  /** What it is doing: '1,204 of 5,000 files'. */
  step: z.string(),
  /** Set where failed. */
  fault: z.object({ code: z.string(), message: z.string() }).nullable(),
  startedAt: Moment,
  endedAt: Moment.nullable(),
  /** Id of what it made (a draft, an import), where there is one. */
  resultId: Id.nullable(),
});
export type Job = z.infer<typeof Job>;
