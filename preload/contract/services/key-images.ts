import { z } from 'zod';
import { call, event, nothing } from '../rpc.ts';
import { Id, ImagePlace, KeyImage, KeyObject } from '../terms/index.ts';

export const keyImages = {
  /** In the order in which they were marked. */
  list: call(z.object({ studyId: Id }), z.object({ images: z.array(KeyImage) })),
  /** What files of the study select; parsed where untrusted bytes are parsed. */
  ofFiles: call(z.object({ studyId: Id }), z.object({ objects: z.array(KeyObject) })),
  /**
   * Marks an image, or changes the note of one that is marked. On disk before it answers. revision 0: not marked as far as
   * the window knows. The same opId again changes nothing and answers the present one.
   */
  put: call(
    z.object({
      opId: Id,
      revision: z.number().int().nonnegative(),
      image: ImagePlace,
      note: KeyImage.shape.note,
    }),
    KeyImage,
  ),
  /** The image is key no more; its note is kept with the versions before. */
  remove: call(
    z.object({ opId: Id, revision: z.number().int().positive(), image: ImagePlace }),
    z.object({ revision: z.number().int().positive() }),
  ),
  /** Studies with key images, latest change first; the file is at media address key-images/<study>.dcm. */
  studies: call(nothing, z.object({ studies: z.array(z.object({ studyId: Id, count: z.number() })) })),
  changed: event(z.object({ studyId: Id }), z.object({ studyId: Id })),
} as const;
