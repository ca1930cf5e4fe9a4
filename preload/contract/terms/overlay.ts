import { z } from 'zod';
import { PixelBox, Vec3, VoxelBox } from './geometry.ts';
import { Id, Moment } from './study.ts';

/** DICOM code: value, scheme, meaning. */
export const Code = z.object({ value: z.string(), scheme: z.string(), meaning: z.string() });
export type Code = z.infer<typeof Code>;

export const Rgb = z.tuple([z.number(), z.number(), z.number()]).readonly();

/** Who made the marks. */
export const Maker = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('model'), package: z.string(), version: z.string(), jobId: Id }),
  z.object({ kind: z.literal('file'), seriesId: Id }),
  z.object({ kind: z.literal('reader') }),
]);
export type Maker = z.infer<typeof Maker>;

/** Tracking ID and UID of a segment. PS3.3 C.8.20.4 */
export const Tracking = z.object({ id: z.string(), uid: z.string() });

export const OverlayLabel = z.object({
  /** Voxel value in the labelmap. */
  value: z.number().int().positive(),
  name: z.string(),
  code: Code.nullable(),
  color: Rgb,
  voxels: z.number(),
  /** Null where millimetres are not certain. */
  volumeMl: z.number().nullable(),
  /** Half-open; null where the label is empty. */
  bounds: VoxelBox.nullable(),
  /** What kind of thing the code names, and the segment's identity over files, where the file that it came from said so. */
  category: Code.nullable().optional(),
  tracking: Tracking.nullable().optional(),
});
export type OverlayLabel = z.infer<typeof OverlayLabel>;

const common = { id: Id, seriesId: Id, maker: Maker, createdAt: Moment, title: z.string() };

export const Overlay = z.discriminatedUnion('kind', [
  /** uint8 labels on the series' own grid, fetched by address. */
  z.object({
    kind: z.literal('labelmap'),
    ...common,
    dims: Vec3,
    labels: z.array(OverlayLabel),
    /** Parts of one segmentation whose segments overlap, as a voxel of a labelmap holds one label: the same in each. */
    family: z.string().max(64).optional(),
    /** Set where the reader edits it: what it was copied from (null: begun empty), and its last edit. */
    edited: z
      .object({ source: z.object({ overlayId: Id, title: z.string() }).nullable(), current: Id.nullable() })
      .optional(),
  }),
  /** uint8 0..255 over one frame, fetched by address; stretched over the whole frame. */
  z.object({
    kind: z.literal('heatmap'),
    ...common,
    frameIndex: z.number(),
    columns: z.number(),
    rows: z.number(),
    label: z.string(),
    color: Rgb,
  }),
  z.object({
    kind: z.literal('boxes'),
    ...common,
    boxes: z.array(
      z.object({
        id: Id,
        frameIndex: z.number(),
        box: PixelBox,
        label: z.string(),
        score: z.number().nullable(),
        color: Rgb,
      }),
    ),
  }),
]);
export type Overlay = z.infer<typeof Overlay>;
