import { z } from 'zod';
import { Affine, Vec3 } from './geometry.ts';
import { Id } from './study.ts';

/** How stored values lie in the pixel stream, little endian, rows top to bottom; rgb8 interleaved. */
export const PixelFormat = z.enum(['uint8', 'int8', 'uint16', 'int16', 'uint32', 'int32', 'float32', 'rgb8']);
export type PixelFormat = z.infer<typeof PixelFormat>;
export const BYTES_PER_PIXEL = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  rgb8: 3,
} as const satisfies Record<PixelFormat, number>;

/** Millimetres are only where they are certain. */
export const Calibration = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('known'),
    /** [between rows, between columns]. */
    spacingMm: z.tuple([z.number().positive(), z.number().positive()]).readonly(),
    /** In words for the hover: 'Pixel Spacing', 'Imager Pixel Spacing / 1.12 magnification'. */
    source: z.string(),
  }),
  z.object({
    kind: z.literal('unknown'),
    reason: z.string(),
    /** Height of a pixel over its width, where at least that is certain. */
    aspect: z.number().positive().optional(),
  }),
]);
export type Calibration = z.infer<typeof Calibration>;

export const Window = z.object({ center: z.number(), width: z.number().positive(), name: z.string() });
export type Window = z.infer<typeof Window>;

export const Frame = z.object({
  index: z.number().int().nonnegative(),
  instanceUid: z.string(),
  /** From 1, as in DICOM. */
  frameNumber: z.number().int().positive(),
  rows: z.number().int().positive(),
  columns: z.number().int().positive(),
  format: PixelFormat,
  /** Offset of this frame in the series' pixel stream, bytes. */
  byteOffset: z.number().int().nonnegative(),
  byteLength: z.number().int().positive(),
  /** Centre of the first pixel, LPS mm. */
  positionMm: Vec3.nullable(),
  /** Unit vectors along a row and down a column, LPS. */
  rowDirection: Vec3.nullable(),
  columnDirection: Vec3.nullable(),
  calibration: Calibration,
  /** Modality value = stored * slope + intercept. */
  slope: z.number(),
  intercept: z.number(),
  /** 'HU', 'SUV', '' where the modality value has no unit that is certain. */
  unit: z.string(),
  /** In modality values, as the file gives them; empty where it gives none. */
  windows: z.array(Window),
  /** Smallest and largest stored value seen or declared; null where unknown before decoding. */
  range: z.tuple([z.number(), z.number()]).readonly().nullable(),
  /** MONOCHROME1 or inverse presentation: low values are shown bright. */
  inverted: z.boolean(),
});
export type Frame = z.infer<typeof Frame>;

export const VolumeShape = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('volume'),
    /** [columns, rows, slices]; slice k is frame k. */
    dims: Vec3,
    affineVoxelToPatient: Affine,
    /** All frames agree in these; else it is no volume. */
    format: PixelFormat,
    slope: z.number(),
    intercept: z.number(),
  }),
  /** Why the series is only a stack: 'uneven gaps: 1.14 / 4.22 / 7.38 mm', 'gantry tilt 12°'. */
  z.object({ kind: z.literal('none'), reason: z.string() }),
]);
export type VolumeShape = z.infer<typeof VolumeShape>;

export const SeriesImages = z.object({
  seriesId: Id,
  /** In spatial order where positions are known (along the normal), else by instance number. */
  frames: z.array(Frame),
  volume: VolumeShape,
  frameOfReferenceUid: z.string().nullable(),
  /** Null where lossless; ratio null where lossy but not stated. */
  lossy: z.object({ ratio: z.number().nullable() }).nullable(),
  /** Made here or resampled: said on the image ('Phantom, not a patient'). Empty for none. */
  remark: z.string(),
  /** Changes whenever the bytes would: part of the address, so that a cache never shows other pixels. */
  pixelTag: z.string(),
});
export type SeriesImages = z.infer<typeof SeriesImages>;
