import { z } from 'zod';
import { call, event } from '../rpc.ts';
import { Id, Report, ReportEdit } from '../terms/index.ts';

export const reports = {
  /** The working or signed report of the study; null where none has been begun. */
  get: call(z.object({ studyId: Id }), z.object({ report: Report.nullable() })),
  /** Begins the report from a draft (null: empty). Where one is begun already it is returned unchanged unless replace is set. */
  begin: call(z.object({ studyId: Id, draftId: Id.nullable(), replace: z.boolean() }), Report),
  /** Stored durably before it answers. The same opId again changes nothing and answers the present report. */
  edit: call(z.object({ reportId: Id, opId: Id, revision: z.number().int(), edit: ReportEdit }), Report),
  /** Refused while sentences are undecided, unless acceptAll. */
  sign: call(z.object({ reportId: Id, opId: Id, revision: z.number().int(), acceptAll: z.boolean() }), Report),
  addendum: call(z.object({ reportId: Id, opId: Id, text: z.string().min(1).max(10_000) }), Report),
  plainText: call(z.object({ reportId: Id }), z.object({ text: z.string() })),
  changed: event(z.object({ studyId: Id }), z.object({ reportId: Id, revision: z.number() })),
} as const;
