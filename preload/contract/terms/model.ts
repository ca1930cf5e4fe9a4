import { z } from 'zod';
import { Code } from './overlay.ts';

export const ModelTask = z.enum([
  'classification',
  'grading',
  'detection',
  'segmentation',
  'embedding',
  'report-generation',
  'report-drafting',
]);
export type ModelTask = z.infer<typeof ModelTask>;

export const Provider = z.enum(['cuda', 'tensorrt', 'dml', 'coreml', 'webgpu', 'cpu']);
export type Provider = z.infer<typeof Provider>;

/** A figure as measured, never typed by hand: made by the recipe's evaluation. */
export const ModelFigure = z.object({
  name: z.string(),
  value: z.number(),
  /** 95 % interval where one was computed. */
  interval: z.tuple([z.number(), z.number()]).readonly().nullable(),
  /** What it was measured on: 'unseen phantoms, n = 200'. */
  data: z.string(),
});

/** A package as found on disk and shown on the models screen. */
export const ModelPackage = z.object({
  name: z.string(),
  version: z.string(),
  title: z.string(),
  task: ModelTask,
  modalities: z.array(z.string()),
  licence: z.string(),
  intendedUse: z.string(),
  clinicalUse: z.literal(false),
  trainedOn: z.array(z.string()),
  /** A drafter of films that reads none of people. */
  phantomsOnly: z.boolean(),
  figures: z.array(ModelFigure),
  labels: z.array(z.object({ key: z.string(), name: z.string(), code: Code.nullable() })),
  /** Plain text of card.md. */
  card: z.string(),
  bytes: z.number(),
  /** Null where files and hashes agree; else what is wrong. */
  refused: z.string().nullable(),
});
export type ModelPackage = z.infer<typeof ModelPackage>;

/** Which execution provider is in use, and why not the ones before it. */
export const ProviderReport = z.object({
  inUse: Provider.nullable(),
  tried: z.array(z.object({ provider: Provider, usable: z.boolean(), reason: z.string() })),
});
export type ProviderReport = z.infer<typeof ProviderReport>;
