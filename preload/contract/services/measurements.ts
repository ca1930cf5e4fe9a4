import { z } from 'zod';
import { call, event, nothing } from '../rpc.ts';
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
  /** What a DICOM SR of the study would hold, and what not and why; the file is at media address measurements/<study>.dcm. */
  report: call(
    z.object({ studyId: Id }),
    z.object({ count: z.number(), leftOut: z.array(z.object({ measurementId: Id, reason: z.string() })) }),
  ),
  /** Studies with measurements, latest change first. */
  studies: call(nothing, z.object({ studies: z.array(z.object({ studyId: Id, count: z.number() })) })),
  changed: event(z.object({ studyId: Id }), z.object({ studyId: Id })),
} as const;
