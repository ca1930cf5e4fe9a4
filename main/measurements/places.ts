import { dot, norm, subtract, type Vec3 } from '../../models/kit/geometry.ts';
import { frameOfPlace, voxelOf } from '../../models/kit/measure/grid.ts';
import { Fault, MEASUREMENT_POINTS, type MeasurementDraft, type SeriesImages } from '../../preload/contract/index.ts';

/** How far a point may lie off the plane that it is said to lie in. */
const OFF_PLANE_MM = 0.05;
/** Rounding of what was drawn at the very edge. */
const EDGE = 1e-6;

const invalid = (message: string, draft: MeasurementDraft): Fault =>
  new Fault('invalid', message, { measurementId: draft.id, seriesId: draft.seriesId });

const within = (value: number, size: number): boolean => value >= -EDGE && value <= size + EDGE;

/** Faults 'invalid' where a measurement is not on the images of its series, or has not the points of its kind. */
export const checkPlace = (draft: MeasurementDraft, images: SeriesImages): void => {
  const { kind, place } = draft;
  const [least, most] = MEASUREMENT_POINTS[kind];
  if (place.points.length < least || place.points.length > most)
    throw invalid(`A measurement of the kind ${kind} has not ${place.points.length} points.`, draft);
  if (place.kind === 'image') {
    const frame = frameOfPlace(images, place);
    if (!frame) throw invalid('The measurement names an image that is not there.', draft);
    if (!place.points.every(([x, y]) => within(x, frame.columns) && within(y, frame.rows)))
      throw invalid('A point of the measurement is not on its image.', draft);
    return;
  }
  // Where positions make no even grid there are no planes to draw on: a length across such gaps would be wrong.
  const { volume } = images;
  if (volume.kind === 'none') throw invalid(`There are no planes through this series: ${volume.reason}.`, draft);
  if (Math.abs(norm(place.normal) - 1) > 1e-6) throw invalid('The normal of the plane is no unit vector.', draft);
  const first = place.points[0];
  for (const point of place.points) {
    const voxel: Vec3 | null = voxelOf(images, point);
    if (!voxel?.every((at, n) => within(at, volume.dims[n] ?? 0)))
      throw invalid('A point of the measurement is not inside the volume.', draft);
    if (first && Math.abs(dot(subtract(point, first), place.normal)) > OFF_PLANE_MM)
      throw invalid('The points of the measurement do not lie in one plane.', draft);
  }
};
