import { z } from 'zod';
import { Id } from './study.ts';

export const ExportFormat = z.enum(['dpo', 'kto', 'stepwise', 'sft', 'report-json', 'report-pdf', 'report-text']);
export type ExportFormat = z.infer<typeof ExportFormat>;
export const PreferenceFormat = z.enum(['dpo', 'kto', 'stepwise', 'sft']);
export type PreferenceFormat = z.infer<typeof PreferenceFormat>;

export const PreferenceOptions = z.object({
  format: PreferenceFormat,
  /** Empty for all. */
  studyIds: z.array(Id),
  includePixels: z.boolean(),
});
export type PreferenceOptions = z.infer<typeof PreferenceOptions>;

/** What would be written, shown before anything is. */
export const ExportPreview = z.object({
  lines: z.number(),
  bytes: z.number(),
  files: z.array(z.object({ path: z.string(), bytes: z.number() })),
  /** First lines, as they would be written. */
  sample: z.array(z.string()),
  /** How often what was replaced: 'name' 12, 'date' 7. */
  replaced: z.record(z.string(), z.number()),
  /** Studies left out and why. */
  leftOut: z.array(z.object({ studyId: Id, reason: z.string() })),
});
export type ExportPreview = z.infer<typeof ExportPreview>;
