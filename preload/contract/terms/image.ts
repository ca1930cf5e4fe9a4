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

export const Window = z.object({
  center: z.number(),
  width: z.number().positive(),
  name: z.string(),
  /** How greys lie between its edges (PS3.3 C.11.2.1.2); LINEAR where absent. */
  function: z.enum(['LINEAR', 'LINEAR_EXACT', 'SIGMOID']).optional(),
  /** Index in SeriesImages.voiTables: the greys are this table's, and the window is the range that it covers. */
  table: z.number().int().nonnegative().optional(),
});
export type Window = z.infer<typeof Window>;

/** Greys by table: one for each modality value from `first` on. */
export const VoiTable = z.object({
  first: z.number(),
  /** Of the greys: 0 is black, 2^bits - 1 white. */
  bits: z.number().int().min(8).max(16),
  /** uint16, little endian, base64. */
  values: z.string(),
});
export type VoiTable = z.infer<typeof VoiTable>;

const Point = z.tuple([z.number(), z.number()]).readonly();
/** What is outside any of the shapes is covered. Image coordinates (outer corner of the first pixel 0, 0). PS3.3 C.7.6.11 */
export const Shutter = z.object({
  shapes: z.array(
    z.discriminatedUnion('kind', [
      z.object({
        kind: z.literal('rectangle'),
        left: z.number(),
        top: z.number(),
        right: z.number(),
        bottom: z.number(),
      }),
      /** Radius in pixels along a row: round where pixels are not square. */
      z.object({ kind: z.literal('circle'), center: Point, radius: z.number() }),
      z.object({ kind: z.literal('polygon'), points: z.array(Point) }),
      /** The bits of this overlay group that are set are covered; it is no plane to draw then. PS3.3 C.7.6.15 */
      z.object({ kind: z.literal('bitmap'), group: z.number().int() }),
    ]),
  ),
  /** Grey of what is covered, 0 black to 1 white. */
  grey: z.number(),
});
export type Shutter = z.infer<typeof Shutter>;

/** A plane of single bits that the file draws over its image. PS3.3 C.9.2 */
export const OverlayPlane = z.object({
  /** 0x6000 to 0x60fe. */
  group: z.number().int(),
  rows: z.number().int().positive(),
  columns: z.number().int().positive(),
  /** Image coordinates of the outer corner of its first pixel. */
  origin: Point,
  label: z.string(),
});
export type OverlayPlane = z.infer<typeof OverlayPlane>;

/** What stored values stand for in the world, beside modality values: named, so that the two are never taken for each other. PS3.3 C.7.6.16.2.11 */
export const RealWorldValue = z.object({
  /** 'SUVbw', as the file has it. */
  name: z.string(),
  /** UCUM code, or words where the file uses another scheme. */
  unit: z.string(),
  /** Values of the pixel stream that it speaks of, both included. */
  first: z.number(),
  last: z.number(),
  /** Value = pixel * slope + intercept, or the entry of the table for each whole number from first on. */
  slope: z.number(),
  intercept: z.number(),
  table: z.array(z.number()).optional(),
});
export type RealWorldValue = z.infer<typeof RealWorldValue>;

/** Colours for stored values from `first` on; values below it are grey. PS3.3 C.7.6.23 */
export const SupplementalPalette = z.object({
  first: z.number(),
  /** Red, green, blue, a byte each; base64. */
  colors: z.string(),
});
export type SupplementalPalette = z.infer<typeof SupplementalPalette>;

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
  /** Stored values from the first to the second are no image but fill (Pixel Padding Value): drawn black, not counted. */
  padding: z.tuple([z.number(), z.number()]).readonly().optional(),
  /** The side of the patient on which the part lies that it shows: R, L, or both; only where the file says it. */
  laterality: z.enum(['R', 'L', 'B']).optional(),
  /** This image went through lossy compression; ratio null where it is not stated. */
  lossy: z.object({ ratio: z.number().nullable() }).optional(),
  shutter: Shutter.optional(),
  overlayPlanes: z.array(OverlayPlane).optional(),
  realWorld: z.array(RealWorldValue).optional(),
  /** Index in SeriesImages.palettes. */
  palette: z.number().int().nonnegative().optional(),
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
  /** Null where all are lossless; ratio null where it is not stated. Each frame says its own. */
  lossy: z.object({ ratio: z.number().nullable() }).nullable(),
  /** Made here or resampled: said on the image ('Phantom, not a patient'). Empty for none. */
  remark: z.string(),
  /** That windows name. */
  voiTables: z.array(VoiTable).optional(),
  /** That frames name. */
  palettes: z.array(SupplementalPalette).optional(),
  /** How the file wishes its images to be played. */
  cine: z.object({ framesPerSecond: z.number().positive(), sweep: z.boolean() }).optional(),
  /** Changes whenever the bytes would: part of the address, so that a cache never shows other pixels. */
  pixelTag: z.string(),
});
export type SeriesImages = z.infer<typeof SeriesImages>;
