import { affineOf, cross, dot, gantryTiltDegrees, scale, subtract, type Vec3 } from '../../models/kit/geometry.ts';
import type { VolumeShape } from '../../preload/contract/index.ts';
import type { FrameWords, Layout } from './image.ts';

/** What decides order and volume, of one frame. */
export interface PlacedFrame {
  readonly words: FrameWords;
  readonly layout: Pick<Layout, 'rows' | 'columns' | 'format'>;
  readonly frameOfReferenceUid: string | null;
}

/** The only thing that keeps the images from being a volume. */
export const DIFFERENT_RESCALE = 'images of different rescale';
const none = (reason: string): VolumeShape => ({ kind: 'none', reason });
const close = (a: Vec3, b: Vec3, tolerance: number): boolean =>
  Math.abs(a[0] - b[0]) <= tolerance && Math.abs(a[1] - b[1]) <= tolerance && Math.abs(a[2] - b[2]) <= tolerance;

/** Unit normal of an image: row direction x column direction. Null where it has no orientation. */
export const normalOf = (words: FrameWords): Vec3 | null => {
  if (!words.rowDirection || !words.columnDirection) return null;
  const normal = cross(words.rowDirection, words.columnDirection);
  const length = Math.hypot(...normal);
  return length > 0.99 ? scale(normal, 1 / length) : null;
};

/** Directions that differ by less turn a 500 mm image by under half a millimetre. */
const DIRECTION_TOLERANCE = 1e-3;
/** Of a gap: how far a slice may lie off an even grid. Positions rounded to a tenth of a millimetre stay within it. */
const GAP_TOLERANCE = 0.05;
const FEWEST = 3;
/** Gantries tilt by 30° at most; positions that lean more are no tilt that is known to be one. */
const MOST_TILT_DEGREES = 35;

/** Distance along the common normal, mm, by frame; null where the frames do not share one or lack positions. */
export const distancesAlongNormal = (frames: readonly PlacedFrame[]): number[] | null => {
  const first = frames[0];
  const normal = first ? normalOf(first.words) : null;
  if (!first || !normal) return null;
  const distances: number[] = [];
  for (const { words } of frames) {
    const own = normalOf(words);
    if (!own || !words.positionMm || !close(own, normal, DIRECTION_TOLERANCE)) return null;
    distances.push(dot(words.positionMm, normal));
  }
  return distances;
};

/**
 * The frame of reference that images share; null where they have none; undefined where there are several. A UID of its
 * own for every single image (careless de-identification, as in LIDC-IDRI) says nothing: a scanner starts a new frame
 * of reference for a group of images, never for each slice.
 */
export const commonFrameOfReference = (uids: readonly (string | null)[]): string | null | undefined => {
  const different = new Set(uids);
  if (different.size === 1) return uids[0] ?? null;
  return different.size === uids.length && !different.has(null) && uids.length > 2 ? null : undefined;
};

const millimetres = (mm: number): string => String(Math.round(mm * 100) / 100);

/** The different gaps, rounded, in order of size. */
const gapWords = (gaps: readonly number[]): string => {
  const words = [...new Set(gaps.map((gap) => Number(millimetres(gap))))].sort((a, b) => a - b);
  const shown = words.length > 5 ? [...words.slice(0, 2), '…', ...words.slice(-2)] : words;
  return `${shown.join(' / ')} mm`;
};

/** Where every gap is a whole number of the least one, slices are missing: how many. */
const missingWords = (gaps: readonly number[]): string => {
  const least = Math.min(...gaps);
  const steps = gaps.map((gap) => gap / least);
  if (steps.some((step) => Math.abs(step - Math.round(step)) > GAP_TOLERANCE)) return '';
  const missing = steps.reduce((sum, step) => sum + Math.round(step) - 1, 0);
  // More than there are: two stacks apart rather than one with holes.
  return missing > gaps.length ? '' : `, slices missing: ${missing}`;
};

/**
 * Whether frames, in order along their normal, make one volume. Anything uneven or mixed does not: a grid that is not
 * there would put findings at wrong places. Of a tilted gantry's the grid is the sheared one that it was acquired on.
 */
export const volumeShape = (frames: readonly PlacedFrame[]): VolumeShape => {
  const [first] = frames;
  if (!first) return none('no images');
  if (frames.length === 1) return none('one image');
  if (frames.length < FEWEST) return none(`only ${frames.length} images`);
  const { words, layout } = first;
  if (layout.format === 'rgb8') return none('colour images');
  for (const frame of frames) {
    if (frame.layout.rows !== layout.rows || frame.layout.columns !== layout.columns)
      return none('images of different size');
    if (frame.layout.format !== layout.format) return none('images of different pixel format');
  }
  if (commonFrameOfReference(frames.map((frame) => frame.frameOfReferenceUid)) === undefined)
    return none('images of different frames of reference');
  if (frames.some((frame) => !frame.words.positionMm || !normalOf(frame.words)))
    return none('the position in the patient is not known');
  const distances = distancesAlongNormal(frames);
  if (!distances) return none('images in different directions');
  const row = words.rowDirection;
  const column = words.columnDirection;
  const origin = words.positionMm;
  if (!row || !column || !origin) return none('the position in the patient is not known');
  if (frames.some((f) => !f.words.rowDirection || !close(f.words.rowDirection, row, DIRECTION_TOLERANCE)))
    return none('images turned against each other');
  if (Math.abs(dot(row, column)) > 1e-3) return none('the image axes are not at right angles');
  const { calibration } = words;
  if (calibration.kind === 'unknown') return none(`pixel size not known: ${calibration.reason}`);
  const [rowMm, columnMm] = calibration.spacingMm;
  for (const { words: other } of frames) {
    if (other.calibration.kind === 'unknown') return none('pixel size not known for every image');
    const [r, c] = other.calibration.spacingMm;
    if (Math.abs(r - rowMm) > 1e-4 * rowMm || Math.abs(c - columnMm) > 1e-4 * columnMm)
      return none('images of different pixel spacing');
  }
  const gaps: number[] = [];
  for (let i = 1; i < distances.length; i++) gaps.push((distances[i] ?? 0) - (distances[i - 1] ?? 0));
  const last = frames.at(-1);
  const total = (distances.at(-1) ?? 0) - (distances[0] ?? 0);
  const gapMm = total / (frames.length - 1);
  const repeated = gaps.filter((gap) => gap < 0.01).length;
  if (repeated > 0 || gapMm <= 0) return none(`${repeated + 1} or more images at the same position`);
  const even = distances.every((d, i) => Math.abs(d - (distances[0] ?? 0) - i * gapMm) <= GAP_TOLERANCE * gapMm);
  if (!even) return none(`uneven gaps: ${gapWords(gaps)}${missingWords(gaps)}`);
  const normal = normalOf(words);
  if (!last?.words.positionMm || !normal) return none('the position in the patient is not known');
  const across = subtract(last.words.positionMm, origin);
  const step = scale(across, 1 / (frames.length - 1));
  const halfPixelMm = Math.min(rowMm, columnMm) / 2;
  for (const [i, frame] of frames.entries()) {
    const position = frame.words.positionMm;
    if (!position) return none('the position in the patient is not known');
    const off = subtract(subtract(position, origin), scale(step, i));
    if (Math.hypot(...subtract(off, scale(normal, dot(off, normal)))) > halfPixelMm)
      return none('images shifted against each other');
  }
  const dims: Vec3 = [layout.columns, layout.rows, frames.length];
  const affineVoxelToPatient = affineOf(origin, row, column, step, [rowMm, columnMm]);
  // Off the normal by the same step each time: what a tilted gantry does.
  const tilt = gantryTiltDegrees(affineVoxelToPatient, dims);
  if (tilt > MOST_TILT_DEGREES) return none(`images shifted against each other, by ${Math.round(tilt)}° all along`);
  if (frames.some((f) => f.words.slope !== words.slope || f.words.intercept !== words.intercept))
    return none(DIFFERENT_RESCALE);
  return {
    kind: 'volume',
    dims,
    affineVoxelToPatient,
    format: layout.format,
    slope: words.slope,
    intercept: words.intercept,
  };
};
