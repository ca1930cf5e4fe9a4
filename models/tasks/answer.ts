/** What every task's answer shares: who made it, for which images, and what the network said in plain numbers. */
import { z } from 'zod';
import {
  type Maker,
  Measurement,
  PixelBox,
  type SeriesImages,
  Side,
  VoxelBox,
} from '../../preload/contract/terms/index.ts';
import type { Manifest, ManifestLabel } from '../kit/manifest.ts';

/** A file that the inference process wrote into its job's folder. */
export const AnswerFile = z.object({
  name: z.string().regex(/^[a-z0-9-]+\.u8$/),
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type AnswerFile = z.infer<typeof AnswerFile>;

const common = {
  key: z.string().max(64),
  side: Side,
  place: z.string().max(100),
  severity: z.enum(['', 'small', 'moderate', 'large']),
  measurements: z.array(Measurement).max(8),
  score: z.number().min(0).max(1),
};

/** A finding in a volume: components of one label, the largest first. */
export const VolumeFinding = z.object({
  ...common,
  parts: z
    .array(z.object({ bounds: VoxelBox, frameIndex: z.number().int().nonnegative() }))
    .min(1)
    .max(64),
});
export type VolumeFinding = z.infer<typeof VolumeFinding>;

/** A finding in one frame: boxes in its pixels. */
export const FrameFinding = z.object({
  ...common,
  frameIndex: z.number().int().nonnegative(),
  boxes: z.array(PixelBox).max(64),
});
export type FrameFinding = z.infer<typeof FrameFinding>;

export interface AnswerContext {
  readonly manifest: Manifest;
  readonly images: SeriesImages;
  readonly studyId: string;
  readonly maker: Extract<Maker, { kind: 'model' }>;
  readonly createdAt: string;
  /** The same for the same name, so that taking an answer in twice makes nothing twice. */
  readonly idOf: (name: string) => string;
}

/** An answer is not to be trusted: it is refused where it names what cannot be. */
export class AnswerError extends Error {}

export const labelByKey = (manifest: Manifest, key: string): ManifestLabel => {
  const label = manifest.labels.find((candidate) => candidate.key === key);
  if (!label) throw new AnswerError(`the answer names ${key}, which the manifest does not`);
  return label;
};

export const severityOf = (label: ManifestLabel, value: number | undefined): VolumeFinding['severity'] => {
  if (!label.severity || value === undefined) return '';
  return value >= label.severity.largeFrom ? 'large' : value >= label.severity.moderateFrom ? 'moderate' : 'small';
};

/** Calibrated probability of a logit. */
export const probabilityOf = (label: ManifestLabel, logit: number): number => {
  const { slope, offset } = label.calibration ?? { slope: 1, offset: 0 };
  return 1 / (1 + Math.exp(-(slope * logit + offset)));
};

export const roundTo = (value: number, digits: number): number => Number(value.toFixed(digits));
