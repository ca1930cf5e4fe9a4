import { z } from 'zod';
import { call, nothing } from '../rpc.ts';

export const ReaderProfile = z.object({
  /** Shown under a signature. Empty until set: signing is refused. */
  name: z.string().max(200),
  /** Random, for ratings; never derived from the name. */
  pseudonym: z.string(),
});

export const settings = {
  reader: call(nothing, ReaderProfile),
  setReader: call(z.object({ name: z.string().min(1).max(200) }), ReaderProfile),
  /** Small values of the window (panes, presets), by key. */
  get: call(z.object({ key: z.string().max(64) }), z.object({ value: z.string().nullable() })),
  set: call(z.object({ key: z.string().max(64), value: z.string().max(50_000) }), nothing),
  /** About this start: shell, version, what was recovered, how far the demonstration patient is. */
  workstation: call(
    nothing,
    z.object({
      version: z.string(),
      shell: z.enum(['electron', 'host', 'cli']),
      recovered: z.array(z.string()),
      store: z.string(),
    }),
  ),
} as const;
