/** What every task's answer shares: who made it, for which images, and what the network said in plain numbers. */
import { z } from 'zod';
import {
  type Finding,
  type Maker,
  Measurement,
  type Overlay,
  PixelBox,
  type SeriesImages,
  Side,
  VoxelBox,
} from '../../preload/contract/terms/index.ts';
import type { Manifest, ManifestLabel } from '../kit/manifest.ts';

/** What a network answered, by the name of the output; float32. */
export type Outputs = Readonly<Record<string, { readonly data: Float32Array; readonly dims: readonly number[] }>>;

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

/** What spoke for an answer: a grid laid over the whole frame, 0 to 255. */
export const HeatMapFile = z.object({
  columns: z.number().int().positive().max(4096),
  rows: z.number().int().positive().max(4096),
  file: AnswerFile,
});
type HeatMapFile = z.infer<typeof HeatMapFile>;

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

export const checkBox = (
  [x0, y0, x1, y1]: PixelBox,
  frame: { readonly columns: number; readonly rows: number } | undefined,
): void => {
  if (!frame || !(x0 >= 0 && y0 >= 0 && x1 > x0 && y1 > y0 && x1 <= frame.columns && y1 <= frame.rows))
    throw new AnswerError('a box lies outside its frame');
};

export const checkHeatMap = (map: HeatMapFile, bytes: ReadonlyMap<string, Uint8Array>): void => {
  if (bytes.get(map.file.name)?.length !== map.columns * map.rows) throw new AnswerError('a heat map has another size');
};

/** An overlay and the bytes that it is fetched as; null for boxes. */
export interface Drawn {
  readonly overlay: Overlay;
  readonly bytes: Uint8Array | null;
}

/** What every overlay of an answer says. */
export const overlayHead = (context: AnswerContext, name: string, title: string) => ({
  id: context.idOf(name),
  seriesId: context.images.seriesId,
  maker: context.maker,
  createdAt: context.createdAt,
  title,
});

export const heatMapOverlay = (
  head: ReturnType<typeof overlayHead>,
  { columns, rows, file }: HeatMapFile,
  frameIndex: number,
  { name, color }: ManifestLabel,
  bytes: ReadonlyMap<string, Uint8Array>,
): Drawn => ({
  overlay: { kind: 'heatmap', ...head, frameIndex, columns, rows, label: name, color },
  bytes: bytes.get(file.name) ?? null,
});

/** What every finding of an answer says. */
export const findingHead = (context: AnswerContext, name: string, key: string) => {
  const label = labelByKey(context.manifest, key);
  return {
    id: context.idOf(name),
    studyId: context.studyId,
    seriesId: context.images.seriesId,
    key,
    name: label.name,
    code: label.code,
    maker: context.maker,
  };
};

export const boxRegion = (
  { images }: AnswerContext,
  frameIndex: number,
  box: PixelBox,
): Finding['regions'][number] => ({
  kind: 'box',
  seriesId: images.seriesId,
  instanceUid: images.frames[frameIndex]?.instanceUid ?? '',
  frameIndex,
  box,
});
