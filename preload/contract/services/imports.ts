import { z } from 'zod';
import { call, nothing } from '../rpc.ts';
import { FolderEntry, Id, ImportedFile, ImportRecord, ImportSource } from '../terms/index.ts';

export const imports = {
  /** Roots given at start, by name; and what else this shell can do. */
  ways: call(nothing, z.object({ roots: z.array(z.string()), dialog: z.boolean(), upload: z.boolean() })),
  browse: call(
    z.object({ root: z.string(), segments: z.array(z.string()).max(64) }),
    z.object({ entries: z.array(FolderEntry) }),
  ),
  /** The shell's own folder dialog; null where the reader closed it. */
  pick: call(nothing, z.object({ token: Id.nullable(), label: z.string() })),
  /** Opens an upload; its files are then PUT to media address upload/<uploadId>/<n>. */
  openUpload: call(nothing, z.object({ uploadId: Id })),
  start: call(z.object({ source: ImportSource, copy: z.boolean() }), z.object({ jobId: Id, importId: Id })),
  resume: call(z.object({ importId: Id }), z.object({ jobId: Id })),
  list: call(nothing, z.object({ imports: z.array(ImportRecord) })),
  files: call(
    z.object({
      importId: Id,
      outcome: ImportedFile.shape.outcome.nullable(),
      limit: z.number().int().max(1000),
      offset: z.number().int(),
    }),
    z.object({ files: z.array(ImportedFile), total: z.number() }),
  ),
} as const;
