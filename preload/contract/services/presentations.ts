import { z } from 'zod';
import { call, event } from '../rpc.ts';
import { Id, ListedPresentation, Presentation } from '../terms/index.ts';

/** How images are looked at, kept: softcopy presentation states of files and of the reader. */
export const presentations = {
  /** Of files first, the reader's after them, each in the order of their making. */
  list: call(z.object({ studyId: Id }), z.object({ presentations: z.array(ListedPresentation) })),
  /**
   * Keeps how images of a series are looked at; on disk before it answers. The same opId again keeps it once. Its DICOM file
   * is at media address presentation/<id>.dcm.
   */
  put: call(z.object({ opId: Id, id: Id, seriesId: Id, presentation: Presentation }), ListedPresentation),
  remove: call(z.object({ opId: Id, id: Id }), z.object({})),
  changed: event(z.object({ studyId: Id }), z.object({ studyId: Id })),
} as const;
