/** What the backend and the inference process say to each other. Pixels and labels go through files, never through here. */
import { z } from 'zod';
import type { Manifest } from '../../models/kit/manifest.ts';
import type { SentencePrompt } from '../../models/tasks/report-generation/index.ts';
import {
  Measurement,
  PixelBox,
  type Provider,
  Provider as ProviderSchema,
  type SeriesImages,
  Side,
} from '../../preload/contract/index.ts';

export interface PackageRef {
  /** Absolute folder. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export type Ask =
  | { readonly kind: 'probe'; readonly provider: Provider }
  | {
      readonly kind: 'series';
      readonly package: PackageRef;
      readonly provider: Provider;
      readonly images: SeriesImages;
      /** The decoded series, one file. */
      readonly pixels: string;
      /** Job folder: the answer's files and answer.json are written here. */
      readonly out: string;
    }
  | {
      readonly kind: 'embed';
      readonly package: PackageRef;
      readonly provider: Provider;
      readonly texts: readonly string[];
    }
  | {
      readonly kind: 'draft';
      readonly package: PackageRef;
      readonly provider: Provider;
      readonly images: SeriesImages;
      readonly pixels: string;
      readonly frameIndex: number;
    }
  | {
      readonly kind: 'generate';
      readonly package: PackageRef;
      readonly provider: Provider;
      readonly prompt: SentencePrompt;
      readonly seed: number;
    };
export type InferenceRequest = (Ask & { readonly id: number }) | { readonly kind: 'cancel'; readonly id: number };

/** The process is not trusted: what it says is checked. */
export const InferenceAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('progress'), id: z.number(), fraction: z.number(), step: z.string().max(200) }),
  z.object({ kind: z.literal('done'), id: z.number(), provider: ProviderSchema, value: z.unknown() }),
  z.object({
    kind: z.literal('failed'),
    id: z.number(),
    /** refused: the package or the images cannot be used; the rest are mistakes. */
    code: z.enum(['cancelled', 'refused', 'internal']),
    why: z.string().max(2000),
  }),
]);
export type InferenceAnswer = z.infer<typeof InferenceAnswer>;

/** A drafted film: what crosses from the process is held to this. */
export const DraftedFilm = z
  .array(
    z.object({
      text: z.string().min(1).max(500),
      score: z.number().min(0).max(1),
      finding: z
        .object({
          key: z.string().max(64),
          name: z.string().max(80),
          side: Side,
          place: z.string().max(100),
          severity: z.enum(['', 'small', 'moderate', 'large']),
          measurements: z.array(Measurement).max(8),
          box: PixelBox.nullable(),
          probability: z.number().min(0).max(1),
        })
        .nullable(),
    }),
  )
  .max(64);

/** Name of the file with the answer's words in a job's folder. */
export const ANSWER_FILE = 'answer.json';
