import { z } from 'zod';
import { Id, Moment } from './study.ts';

/** One image of a series. */
export const ImagePlace = z.object({
  seriesId: Id,
  instanceUid: z.string().min(1).max(128),
  /** From 1, as in DICOM. */
  frameNumber: z.number().int().positive(),
});
export type ImagePlace = z.infer<typeof ImagePlace>;

/** An image that the reader marked as key. Its place is its name: an image is marked once. */
export const KeyImage = ImagePlace.extend({
  studyId: Id,
  /** The reader's words; empty where she gave none. */
  note: z.string().max(500),
  /** Counts every change; a change names the revision it was made on. */
  revision: z.number().int().positive(),
  /** Pseudonym of the reader who marked it. */
  reader: z.string(),
  markedAt: Moment,
});
export type KeyImage = z.infer<typeof KeyImage>;

/** Images that a file of the study selects (DICOM Key Object Selection): read only. */
export const KeyObject = z.object({
  /** The series that the file came in. */
  seriesId: Id,
  /** 'Of Interest', 'For Referring Provider'. */
  title: z.string(),
  /** What the file says of them; empty where it says nothing. */
  note: z.string(),
  images: z.array(
    z.object({
      instanceUid: z.string(),
      /** From 1; empty: all frames. */
      frameNumbers: z.array(z.number().int().positive()),
      /** The series that shows it, and the first of its frames there; null where the image is not here. */
      place: z.object({ seriesId: Id, frameIndex: z.number().int().nonnegative() }).nullable(),
    }),
  ),
  /** Why it could not be read, or not all of it; empty where it was. */
  trouble: z.string(),
});
export type KeyObject = z.infer<typeof KeyObject>;
