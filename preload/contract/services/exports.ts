import { z } from 'zod';
import { call } from '../rpc.ts';
import { ExportPreview, Id, PreferenceOptions } from '../terms/index.ts';

export const exports = {
  preview: call(PreferenceOptions, ExportPreview),
  /** The job's resultId names the export; its files are at media address export/<id>/<path>. */
  run: call(PreferenceOptions.extend({ opId: Id }), z.object({ jobId: Id })),
  /** Why text may be burned into the pixels of a series, in words; empty where its headers say that there is none. */
  burnedIn: call(z.object({ seriesId: Id }), z.object({ reason: z.string() })),
  list: call(
    z.object({}),
    z.object({
      exports: z.array(
        z.object({ id: Id, createdAt: z.string(), format: z.string(), lines: z.number(), files: z.array(z.string()) }),
      ),
    }),
  ),
} as const;
