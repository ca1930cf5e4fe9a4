import { z } from 'zod';
import { PixelBox, Vec3 } from './geometry.ts';
import { Id, Moment } from './study.ts';

export const MeasurementKind = z.enum([
  'length',
  'bidirectional',
  'angle',
  'cobb',
  'cardiothoracic',
  'ellipse',
  'rectangle',
  'freehand',
  'probe',
  'arrow',
  'text',
]);
export type MeasurementKind = z.infer<typeof MeasurementKind>;

/**
 * How many points each kind has, least and most. bidirectional: long axis, then short. angle: end, vertex, end. cobb: two
 * lines. cardiothoracic: heart, then thorax. ellipse: ends of one axis, then of the other. rectangle: corners in turn.
 * freehand: corners of a closed outline. arrow: tip, then tail.
 */
export const MEASUREMENT_POINTS = {
  length: [2, 2],
  bidirectional: [4, 4],
  angle: [3, 3],
  cobb: [4, 4],
  cardiothoracic: [4, 4],
  ellipse: [4, 4],
  rectangle: [4, 4],
  freehand: [3, 400],
  probe: [1, 1],
  arrow: [2, 2],
  text: [1, 1],
} as const satisfies Record<MeasurementKind, readonly [number, number]>;

/** [x, y] in image coordinates, continuous: (0, 0) is the outer corner of the first pixel, as in PixelBox. */
export const ImagePoint = z.tuple([z.number(), z.number()]).readonly();
export type ImagePoint = z.infer<typeof ImagePoint>;

const MOST_POINTS = 400;

/** Where a measurement was drawn. */
export const MeasurementPlace = z.discriminatedUnion('kind', [
  /** On one image of the series, as it is stored. */
  z.object({
    kind: z.literal('image'),
    instanceUid: z.string().min(1).max(128),
    /** From 1, as in DICOM. */
    frameNumber: z.number().int().positive(),
    points: z.array(ImagePoint).min(1).max(MOST_POINTS),
    /** Where the reader has put the words; null: beside the points. */
    labelAt: ImagePoint.nullable(),
  }),
  /** On a plane through the volume of the series, millimetres in the patient. */
  z.object({
    kind: z.literal('patient'),
    points: z.array(Vec3).min(1).max(MOST_POINTS),
    /** Unit normal of the plane. */
    normal: Vec3,
    labelAt: Vec3.nullable(),
    /** What was seen was resampled: 'oblique 12°', 'MIP 10 mm'; empty where the voxels were seen as they are. */
    resampled: z.string().max(200),
  }),
]);
export type MeasurementPlace = z.infer<typeof MeasurementPlace>;

/** What the reader draws and changes. */
export const MeasurementDraft = z.object({
  id: Id,
  seriesId: Id,
  kind: MeasurementKind,
  place: MeasurementPlace,
  /** 'Length 2', or as the reader has named it. */
  name: z.string().max(200),
  /** Words of an arrow or text; empty for the others. */
  text: z.string().max(500),
  visible: z.boolean(),
});
export type MeasurementDraft = z.infer<typeof MeasurementDraft>;

/** A measurement as it is kept. Its values are computed from the images wherever they are shown or written. */
export const DrawnMeasurement = MeasurementDraft.extend({
  studyId: Id,
  /** The same in every DICOM object that speaks of it. */
  trackingUid: z.string(),
  /** Counts every change; a change names the revision it was made on. */
  revision: z.number().int().positive(),
  /** Pseudonym of the reader who drew it. */
  reader: z.string(),
  createdAt: Moment,
  updatedAt: Moment,
});
export type DrawnMeasurement = z.infer<typeof DrawnMeasurement>;

/** What a step of one pixel means along an axis of an ultrasound region. PS3.3 C.8.5.5.1.15 */
export const RegionAxis = z.object({
  unit: z.enum(['none', 'percent', 'dB', 'cm', 's', 'Hz', 'dB/s', 'cm/s', 'cm2', 'cm2/s', 'cm3', 'cm3/s', 'deg']),
  perPixel: z.number(),
});
export type RegionAxis = z.infer<typeof RegionAxis>;

/** A calibrated part of an ultrasound image. PS3.3 C.8.5.5 */
export const UltrasoundRegion = z.object({
  box: PixelBox,
  /** Two-dimensional tissue, M-mode, spectrum, waveform, graphics. */
  form: z.enum(['none', '2d', 'm-mode', 'spectral', 'waveform', 'graphics']),
  x: RegionAxis,
  y: RegionAxis,
  /** Its pixels are what is seen where regions overlap. */
  highPriority: z.boolean(),
});
export type UltrasoundRegion = z.infer<typeof UltrasoundRegion>;

/** The regions of one ultrasound image; reason: why they cannot be used, empty where they can. */
export const UltrasoundRegions = z.object({ regions: z.array(UltrasoundRegion), reason: z.string() });
export type UltrasoundRegions = z.infer<typeof UltrasoundRegions>;

/** Standardised uptake: SUV = modality value * factor. Each null where a tag it needs is missing; `missing` says which. */
export const SuvScale = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('known'),
    bodyWeight: z.number().positive().nullable(),
    /** Lean body mass after James, with 128 for men. */
    leanMass: z.number().positive().nullable(),
    /** Body surface area after Du Bois, cm2. */
    surfaceArea: z.number().positive().nullable(),
    missing: z.array(z.string()),
    /** In words: dose, time, weight. */
    source: z.string(),
  }),
  z.object({ kind: z.literal('none'), reason: z.string() }),
]);
export type SuvScale = z.infer<typeof SuvScale>;

/** What measuring in a series needs beyond its images' own words. */
export const MeasuringScales = z.object({
  seriesId: Id,
  /** By instance UID; an image without regions is not there. */
  ultrasound: z.record(z.string(), UltrasoundRegions),
  /** Null for series that are no PET. */
  suv: SuvScale.nullable(),
  /** Why the headers that tell of it could not be read; empty where they could, or need not be. */
  trouble: z.string(),
});
export type MeasuringScales = z.infer<typeof MeasuringScales>;
