/** Where a measurement lies among the voxels. */
import type { Frame, MeasurementPlace, SeriesImages } from '../../../preload/contract/terms/index.ts';
import { dot, invert, norm, scale, type Vec3, voxelToPatient } from '../geometry.ts';
import type { Point } from './flat.ts';

/** Of a voxel: points of one plane agree better than this. */
const PLANE_TOLERANCE = 0.02;

/** The image that an image place names, wherever it stands in the series by now. */
export const frameOfPlace = (images: SeriesImages, place: MeasurementPlace): Frame | null =>
  place.kind === 'image'
    ? (images.frames.find(
        (frame) => frame.instanceUid === place.instanceUid && frame.frameNumber === place.frameNumber,
      ) ?? null)
    : null;

/** A plane of voxels that points lie in. */
export interface Grid {
  readonly points: readonly Point[];
  readonly columns: number;
  readonly rows: number;
  /** [frame, index in it] of voxel (i, j) of the plane. */
  readonly voxel: (i: number, j: number) => readonly [frame: number, index: number];
  /** One that speaks for the values of all. */
  readonly frame: Frame;
}

/** Continuous voxel coordinates, outer corner (0, 0, 0), of a point in the patient. */
export const voxelOf = (images: SeriesImages, point: Vec3): Vec3 | null => {
  if (images.volume.kind === 'none') return null;
  const [i, j, k] = voxelToPatient(invert(images.volume.affineVoxelToPatient), point);
  return [i + 0.5, j + 0.5, k + 0.5];
};

/** The plane of voxels that these points of a volume lie in; null where they lie across planes. */
const volumeGrid = (images: SeriesImages, place: Extract<MeasurementPlace, { kind: 'patient' }>): Grid | null => {
  const { volume } = images;
  if (volume.kind === 'none') return null;
  const m = volume.affineVoxelToPatient;
  const inverse = invert(m);
  const voxels = place.points.map((point) => voxelToPatient(inverse, point));
  const first = voxels[0];
  if (!first) return null;
  const axes: readonly Vec3[] = [
    [m[0], m[4], m[8]],
    [m[1], m[5], m[9]],
    [m[2], m[6], m[10]],
  ];
  const planes = ([0, 1, 2] as const).filter((n) => {
    const others = axes.filter((_, other) => other !== n);
    const across = others.every((axis) => Math.abs(dot(scale(axis, 1 / norm(axis)), place.normal)) < 1e-3);
    return across && voxels.every((voxel) => Math.abs(voxel[n] - first[n]) < PLANE_TOLERANCE);
  });
  const [n] = planes;
  if (n === undefined) return null;
  const [u, v] = n === 0 ? ([1, 2] as const) : n === 1 ? ([0, 2] as const) : ([0, 1] as const);
  const at = Math.round(first[n]);
  const [columns] = volume.dims;
  const frame = images.frames[n === 2 ? at : 0];
  if (!frame || at < 0 || at >= volume.dims[n]) return null;
  return {
    points: voxels.map((voxel) => [voxel[u] + 0.5, voxel[v] + 0.5]),
    columns: volume.dims[u],
    rows: volume.dims[v],
    frame,
    voxel: (i, j) => {
      const voxel = [0, 0, 0] as [number, number, number];
      voxel[n] = at;
      voxel[u] = i;
      voxel[v] = j;
      return [voxel[2], voxel[0] + voxel[1] * columns];
    },
  };
};

export const gridOf = (images: SeriesImages, place: MeasurementPlace): Grid | null => {
  if (place.kind === 'patient') return volumeGrid(images, place);
  const frame = frameOfPlace(images, place);
  if (!frame) return null;
  const { index, columns, rows } = frame;
  return { points: place.points, columns, rows, frame, voxel: (i, j) => [index, i + j * columns] };
};
