import { z } from 'zod';
import { call, event, nothing } from '../rpc.ts';
import { Id, ReviewState, Segmentation, SegmentReview } from '../terms/index.ts';

/** Segmentations that the reader edits. The edits themselves go by address (media.ts: segmentationActs). */
export const segmentations = {
  /** A copy of a labelmap that is the reader's to edit; what it was copied from stays as it is. */
  copy: call(z.object({ id: Id, overlayId: Id }), Segmentation),
  /** An empty one. */
  create: call(z.object({ id: Id, seriesId: Id, title: z.string().min(1).max(100) }), Segmentation),
  get: call(z.object({ segmentationId: Id }), Segmentation),
  /** All that the reader has, latest change first; a file of each is at media address segmentation/<id>/file/<form>. */
  list: call(nothing, z.object({ segmentations: z.array(z.object({ id: Id, studyId: Id, title: z.string() })) })),
  rename: call(z.object({ segmentationId: Id, title: z.string().min(1).max(100) }), nothing),
  /** With its whole history: cannot be taken back. */
  remove: call(z.object({ segmentationId: Id }), nothing),
  reviews: call(z.object({ studyId: Id }), z.object({ reviews: z.array(SegmentReview) })),
  review: call(
    z.object({ overlayId: Id, value: z.number().int().min(1).max(255), state: ReviewState, locked: z.boolean() }),
    nothing,
  ),
  /** An edit, a review or a title was stored, from this window or another. */
  changed: event(z.object({ studyId: Id }), z.object({ overlayId: Id, current: Id.nullable() })),
} as const;
