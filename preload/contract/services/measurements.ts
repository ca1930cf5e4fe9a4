import { z } from 'zod';
import { call, event } from '../rpc.ts';
import { DrawnMeasurement, Id, MeasurementDraft, MeasuringScales } from '../terms/index.ts';

export const measurements = {
  /** Oldest first. */
  list: call(z.object({ studyId: Id }), z.object({ measurements: z.array(DrawnMeasurement) })),
  /**
   * Keeps a measurement: a new one (revision 0), a change made on a revision, or one that was removed, brought back. On disk
   * before it answers. The same opId again changes nothing and answers the present one.
   */
  put: call(
    z.object({ opId: Id, revision: z.number().int().nonnegative(), measurement: MeasurementDraft }),
    DrawnMeasurement,
  ),
  /** Answers the revision that a measurement brought back is made on. */
  remove: call(
    z.object({ opId: Id, measurementId: Id, revision: z.number().int().positive() }),
    z.object({ revision: z.number().int().positive() }),
  ),
  /** What makes millimetres and values certain in a series, beyond its images' own words. */
  scales: call(z.object({ seriesId: Id }), MeasuringScales),
  changed: event(z.object({ studyId: Id }), z.object({ studyId: Id })),
} as const;
