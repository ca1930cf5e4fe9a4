/** A view as a sheet to draw on: between image points of the view and the place that a measurement is kept at. */
import { dot, type Vec3 } from '../../../models/kit/geometry.ts';
import type { Point } from '../../../models/kit/measure/flat.ts';
import { frameOfPlace, voxelOf } from '../../../models/kit/measure/grid.ts';
import type { MeasurementPlace, Region, SeriesImages } from '../../../preload/contract/index.ts';
import { normalIn } from '../view/reformat.svelte.ts';
import { reformatWords } from '../view/reformat-words.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';

export interface Drawn {
  readonly points: readonly Point[];
  readonly labelAt: Point | null;
}

export interface Sheet {
  readonly seriesId: string;
  readonly columns: number;
  readonly rows: number;
  /** Size of a pixel as far as it is known: millimetres, or its shape. */
  readonly pixel: Point;
  readonly place: (drawn: Drawn) => MeasurementPlace;
  /** The same, of a measurement that is kept already: on its image though it is seen in a plane, and the other way round. */
  readonly placeAs: (before: MeasurementPlace, drawn: Drawn) => MeasurementPlace;
  /** Where a measurement lies on this view; null where it is not on the slice shown. */
  readonly drawn: (place: MeasurementPlace) => Drawn | null;
  /** Why nothing can be drawn at these points; null where it can. */
  readonly refusal: (points: readonly Point[]) => string | null;
}

/** Of a slice: a point that far off its middle still lies on it. */
const HALF = 0.5 + 1e-6;

export const sheetOf = (view: SliceView): Sheet | null => {
  const { viewer, image, frame, cut, index, free } = view;
  const images = viewer.pixels?.images;
  if (!images || image === null || frame === null) return null;
  const { calibration } = frame;
  const aspect = calibration.kind === 'unknown' ? (calibration.aspect ?? 1) : 1;
  const pixel: Point = view.pixelSizeMm ?? [1, aspect];
  const toView = (voxel: Vec3): Point => view.imageOf(voxel);
  const resampled = reformatWords(view)
    .map((words) => words.trim())
    .join(' ');
  const volume = images.volume.kind === 'volume' ? images.volume : null;

  const onFrame = (place: Extract<MeasurementPlace, { kind: 'image' }>): Drawn | null => {
    if (!view.isImage || frameOfPlace(images, place)?.index !== index) return null;
    const of = ([x, y]: Point): Point => toView([x, y, index + 0.5]);
    return { points: place.points.map(of), labelAt: place.labelAt && of(place.labelAt) };
  };
  const inVolume = (place: Extract<MeasurementPlace, { kind: 'patient' }>): Drawn | null => {
    if (volume === null) return null;
    const voxels = [...place.points, ...(place.labelAt ? [place.labelAt] : [])].map((point) => voxelOf(images, point));
    const points: Point[] = [];
    for (const [n, voxel] of voxels.entries()) {
      if (!voxel) return null;
      const label = n === place.points.length;
      if (!label && free === null && Math.abs(voxel[cut.normal] - index - 0.5) > HALF) return null;
      const point = place.points[n];
      if (free !== null && point && Math.abs(view.offMm(point) ?? 0) > HALF * free.stepMm) return null;
      points.push(toView(voxel));
    }
    return place.labelAt ? { points: points.slice(0, -1), labelAt: points.at(-1) ?? null } : { points, labelAt: null };
  };
  const patientPoint = ([x, y]: Point): Vec3 => view.patientOf(x, y) ?? [0, 0, 0];
  const framePoint = ([x, y]: Point): Point => {
    const [i, j] = view.voxelAt(x, y);
    return [i, j];
  };
  const normal = normalIn(view) ?? [0, 0, 1];
  const placeAs = (before: MeasurementPlace, { points, labelAt }: Drawn): MeasurementPlace => {
    if (before.kind === 'image')
      return { ...before, points: points.map(framePoint), labelAt: labelAt && framePoint(labelAt) };
    // Changed on a plane that lies otherwise, it lies in that one from then on.
    const parallel = Math.abs(dot(before.normal, normal)) > 1 - 1e-9;
    return {
      ...before,
      points: points.map(patientPoint),
      labelAt: labelAt && patientPoint(labelAt),
      normal: parallel ? before.normal : normal,
      resampled,
    };
  };
  const refusal = (points: readonly Point[]): string | null => {
    if (free === null || volume === null) return null;
    const inside = points.every(([x, y]) =>
      view.voxelAt(x, y).every((part, n) => part >= 0 && part <= (volume.dims[n] ?? 0)),
    );
    return inside ? null : 'Part of it would lie outside the volume, where nothing was imaged.';
  };

  return {
    seriesId: images.seriesId,
    columns: image.columns,
    rows: image.rows,
    pixel,
    place: (drawn) => {
      const { instanceUid, frameNumber } = frame;
      const before: MeasurementPlace =
        (view.id !== 'stack' || view.slab !== null) && volume !== null
          ? { kind: 'patient', points: [], normal, labelAt: null, resampled }
          : { kind: 'image', instanceUid, frameNumber, points: [], labelAt: null };
      return placeAs(before, drawn);
    },
    placeAs,
    refusal,
    drawn: (place) => (place.kind === 'image' ? onFrame(place) : inVolume(place)),
  };
};

/** The place as a region of the report: a box on the image that the measurement lies on, or nearest to. Null where it is gone. */
export const regionOf = (images: SeriesImages, place: MeasurementPlace): Region | null => {
  let index: number;
  let points: readonly Point[];
  if (place.kind === 'image') {
    const frame = frameOfPlace(images, place);
    if (!frame) return null;
    index = frame.index;
    points = place.points;
  } else {
    const voxels = place.points.map((point) => voxelOf(images, point)).filter((voxel) => voxel !== null);
    if (voxels.length === 0) return null;
    const mean = voxels.reduce((sum, voxel) => sum + voxel[2], 0) / voxels.length;
    index = Math.min(images.frames.length - 1, Math.max(0, Math.floor(mean)));
    points = voxels.map((voxel) => [voxel[0], voxel[1]]);
  }
  const frame = images.frames[index];
  if (!frame) return null;
  const span = (values: readonly number[], size: number): readonly [number, number] => {
    const from = Math.min(size - 1, Math.max(0, Math.floor(Math.min(...values))));
    return [from, Math.min(size, Math.max(from + 1, Math.ceil(Math.max(...values))))];
  };
  const [x0, x1] = span(
    points.map((point) => point[0]),
    frame.columns,
  );
  const [y0, y1] = span(
    points.map((point) => point[1]),
    frame.rows,
  );
  return {
    kind: 'box',
    seriesId: images.seriesId,
    instanceUid: frame.instanceUid,
    frameIndex: index,
    box: [x0, y0, x1, y1],
  };
};
