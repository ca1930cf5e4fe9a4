import { z } from 'zod';
import { PixelBox, VoxelBox } from './geometry.ts';
import { Code, Maker } from './overlay.ts';
import { Id } from './study.ts';

/** The place in the images that a sentence or finding speaks of. */
export const Region = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('box'),
    seriesId: Id,
    instanceUid: z.string(),
    frameIndex: z.number().int().nonnegative(),
    box: PixelBox,
  }),
  z.object({
    kind: z.literal('label'),
    seriesId: Id,
    overlayId: Id,
    /** Label value in the overlay. */
    value: z.number().int().positive(),
    /** The connected component meant, as half-open voxel bounds; the whole label where null. */
    bounds: VoxelBox.nullable(),
    /** The slice to go to: the component's largest cross-section. */
    frameIndex: z.number().int().nonnegative(),
    instanceUid: z.string(),
  }),
]);
export type Region = z.infer<typeof Region>;

/** The patient's side; null where the thing has none or it is not known. */
export const Side = z.enum(['left', 'right', 'bilateral']).nullable();
export type Side = z.infer<typeof Side>;

export const Measurement = z.object({
  /** 'largest diameter', 'volume', 'cardiothoracic ratio'. */
  name: z.string(),
  value: z.number(),
  /** UCUM: 'mm', 'mL', '1', '[hnsf\'U]'. */
  unit: z.string(),
});
export type Measurement = z.infer<typeof Measurement>;

export const Finding = z.object({
  id: Id,
  studyId: Id,
  seriesId: Id,
  /** Our key, as in the manifest's labels: 'lung-nodule', 'effusion', 'cardiomegaly'. */
  key: z.string(),
  name: z.string(),
  code: Code.nullable(),
  side: Side,
  /** 'right upper lobe', 'segment not determined'; empty where unknown. */
  place: z.string(),
  /** 'small' | 'moderate' | 'large' and the like; empty where unknown. */
  severity: z.string(),
  measurements: z.array(Measurement),
  /** Probability after calibration, 0 to 1; null where the maker gives none. */
  score: z.number().nullable(),
  regions: z.array(Region),
  maker: Maker,
});
export type Finding = z.infer<typeof Finding>;
