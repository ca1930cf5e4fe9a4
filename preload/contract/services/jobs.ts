import { z } from 'zod';
import { call, event, nothing } from '../rpc.ts';
import { Id, Job } from '../terms/index.ts';

export const jobs = {
  list: call(nothing, z.object({ jobs: z.array(Job) })),
  get: call(z.object({ jobId: Id }), Job),
  cancel: call(z.object({ jobId: Id }), nothing),
  changed: event(nothing, Job),
} as const;
