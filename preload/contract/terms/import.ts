import { z } from 'zod';
import { Id, Moment } from './study.ts';

/** Where an import comes from. The page never names a free path. */
export const ImportSource = z.discriminatedUnion('kind', [
  /** A folder or file under a root given at start; segments below it, checked against escapes. */
  z.object({ kind: z.literal('root'), root: z.string(), segments: z.array(z.string()).max(64) }),
  /** What the shell's own dialog returned, held by the backend under this token. */
  z.object({ kind: z.literal('picked'), token: Id }),
  /** Files sent through the upload address under this id. */
  z.object({ kind: z.literal('upload'), uploadId: Id }),
]);
export type ImportSource = z.infer<typeof ImportSource>;

export const ImportedFile = z.object({
  /** As the reader knows it, relative to what was imported; inside archives with '!/'. */
  path: z.string(),
  outcome: z.enum(['imported', 'already-there', 'ignored', 'refused']),
  /** Why it was not imported. */
  reason: z.string(),
});
export type ImportedFile = z.infer<typeof ImportedFile>;

export const ImportRecord = z.object({
  id: Id,
  startedAt: Moment,
  endedAt: Moment.nullable(),
  state: z.enum(['running', 'done', 'cancelled', 'interrupted', 'failed']),
  copied: z.boolean(),
  counts: z.object({ imported: z.number(), alreadyThere: z.number(), ignored: z.number(), refused: z.number() }),
  studyIds: z.array(Id),
});
export type ImportRecord = z.infer<typeof ImportRecord>;

export const FolderEntry = z.object({
  name: z.string(),
  kind: z.enum(['folder', 'file']),
  bytes: z.number().nullable(),
});
export type FolderEntry = z.infer<typeof FolderEntry>;
