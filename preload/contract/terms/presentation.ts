import { z } from 'zod';
import { Shutter, VoiTable, Window } from './image.ts';
import { Id, Moment } from './study.ts';

/** Images that a part of a presentation speaks of; none: all that the presentation speaks of. */
const Images = z.array(
  z.object({
    instanceUid: z.string().min(1).max(128),
    /** From 1; empty: all frames. */
    frameNumbers: z.array(z.number().int().positive()).max(20_000),
  }),
);
export const PresentedImages = Images.max(20_000);
export type PresentedImages = z.infer<typeof PresentedImages>;

const Point = z.tuple([z.number(), z.number()]).readonly();
const MOST_POINTS = 20_000;

/** Image coordinates (outer corner of the first pixel 0, 0), or 0 to 1 over what is displayed. PS3.3 C.10.5 */
export const GraphicUnits = z.enum(['image', 'display']);

export const GraphicShape = z.object({
  units: GraphicUnits,
  kind: z.enum(['point', 'polyline', 'curve', 'circle', 'ellipse']),
  /** circle: centre and a point on it; ellipse: ends of one axis, then of the other. */
  points: z.array(Point).min(1).max(MOST_POINTS),
  filled: z.boolean(),
});
export type GraphicShape = z.infer<typeof GraphicShape>;

export const GraphicText = z.object({
  text: z.string().max(4000),
  units: GraphicUnits,
  /** Upper left and lower right of its ground; null where it hangs on a point. */
  box: z.tuple([Point, Point]).readonly().nullable(),
  anchor: z.object({ at: Point, units: GraphicUnits, visible: z.boolean() }).nullable(),
});
export type GraphicText = z.infer<typeof GraphicText>;

/** How images are to be looked at: of a DICOM Grayscale Softcopy Presentation State, or as it is written into one. */
export const Presentation = z.object({
  label: z.string().max(200),
  description: z.string().max(1000),
  images: PresentedImages,
  /** Modality value of the presentation = stored * slope + intercept: what its windows speak of. */
  rescale: z.object({ slope: z.number(), intercept: z.number(), type: z.string() }),
  windows: z
    .array(z.object({ images: PresentedImages, window: Window.omit({ table: true }), table: VoiTable.nullable() }))
    .max(20_000),
  /** Low values are shown bright. */
  inverted: z.boolean(),
  /** Clockwise on the screen, after the mirroring from left to right. */
  quarterTurns: z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)]),
  flipped: z.boolean(),
  areas: z
    .array(
      z.object({
        images: PresentedImages,
        /** Image coordinates of two opposite corners of what is shown. */
        from: Point,
        to: Point,
        mode: z.enum(['fit', 'true-size', 'magnify']),
        /** Screen pixels an image pixel, where the mode is 'magnify'. */
        magnification: z.number().positive().nullable(),
        /** [between rows, between columns]; null where the file gives an aspect only. */
        spacingMm: z.tuple([z.number().positive(), z.number().positive()]).readonly().nullable(),
      }),
    )
    .max(20_000),
  shutter: Shutter.nullable(),
  graphics: z
    .array(
      z.object({
        images: PresentedImages,
        layer: z.string().max(64),
        shapes: z.array(GraphicShape).max(5000),
        texts: z.array(GraphicText).max(5000),
      }),
    )
    .max(20_000),
});
export type Presentation = z.infer<typeof Presentation>;

/** One that can be applied: of a file, or kept by the reader. */
export const ListedPresentation = z.object({
  id: Id,
  /** The reader's own, or of a file: then the series that it came in. */
  source: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('reader'), reader: z.string() }),
    z.object({ kind: z.literal('file'), seriesId: Id }),
  ]),
  /** Null where it is not known. */
  createdAt: Moment.nullable(),
  /** Null where it could not be read; `remarks` says why. */
  presentation: Presentation.nullable(),
  /** In words: what of it is not shown. */
  remarks: z.array(z.string()),
});
export type ListedPresentation = z.infer<typeof ListedPresentation>;
