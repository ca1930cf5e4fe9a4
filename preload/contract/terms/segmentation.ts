import { z } from 'zod';
import { Code, Rgb, Tracking } from './overlay.ts';
import { Id, Moment } from './study.ts';

export const ReviewState = z.enum(['not-started', 'in-progress', 'complete', 'flagged']);
export type ReviewState = z.infer<typeof ReviewState>;

/** How far the reader is with one label of any labelmap, and whether it is locked against her own hand. */
export const SegmentReview = z.object({
  overlayId: Id,
  value: z.number().int().min(1).max(255),
  state: ReviewState,
  locked: z.boolean(),
});
export type SegmentReview = z.infer<typeof SegmentReview>;

/** One segment of a segmentation that the reader edits; what it measures is in the overlay of the same id. */
export const Segment = z.object({
  value: z.number().int().min(1).max(255),
  name: z.string().min(1).max(64),
  code: Code.nullable(),
  color: Rgb,
  category: Code.nullable().optional(),
  tracking: Tracking.nullable().optional(),
});
export type Segment = z.infer<typeof Segment>;

/** One act of the reader on a segmentation, as its history lists it. */
export const SegmentEdit = z.object({
  id: Id,
  /** In words: 'Brush', 'Rename segment'. */
  title: z.string().max(64),
  /** Length of its difference (models/kit/labels/difference.ts), fetched by address; 0 where no voxel was changed. */
  bytes: z.number().int().nonnegative(),
  /** The segments after it; null where it left them as they were. */
  segments: z.array(Segment).max(255).nullable(),
});
export type SegmentEdit = z.infer<typeof SegmentEdit>;

/** A segmentation that the reader edits. Its id is that of its overlay. */
export const Segmentation = z.object({
  id: Id,
  studyId: Id,
  seriesId: Id,
  title: z.string(),
  createdAt: Moment,
  /** Before the first edit. */
  start: z.array(Segment),
  /** From the first to the last that can be done again. */
  history: z.array(SegmentEdit),
  /** The last edit that is done; null where none is. */
  current: Id.nullable(),
});
export type Segmentation = z.infer<typeof Segmentation>;

/**
 * What is sent to be kept: a new edit on top of another, or a step to another edit of the history (undo, redo). Sent
 * again with the same id it counts once.
 */
export const SegmentAct = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('edit'),
    id: Id,
    parent: Id.nullable(),
    title: z.string().min(1).max(64),
    segments: z.array(Segment).max(255).nullable(),
  }),
  z.object({ kind: z.literal('move'), id: Id, from: Id.nullable(), to: Id.nullable() }),
]);
export type SegmentAct = z.infer<typeof SegmentAct>;
