/** Where a place of one series lies in another: by patient millimetres, never by slice number. */
import {
  add,
  cross,
  dot,
  invert,
  norm,
  scale,
  subtract,
  type Vec3,
  voxelToPatient,
} from '../../../models/kit/geometry.ts';
import type { Frame, SeriesImages } from '../../../preload/contract/index.ts';

type Placed = Pick<SeriesImages, 'frames' | 'volume'>;

/** Where an image lies in the patient. */
export interface ImagePlane {
  /** Centre of the first pixel, LPS mm. */
  readonly origin: Vec3;
  /** One pixel to the right and down, mm. */
  readonly right: Vec3;
  readonly down: Vec3;
  readonly normal: Vec3;
}

/** Image point (outer corner 0, 0) of a place: its foot on the image. */
export const imagePointOf = (plane: ImagePlane, mm: Vec3): readonly [number, number] => {
  const from = subtract(mm, plane.origin);
  const along = (axis: Vec3): number => dot(from, axis) / dot(axis, axis) + 0.5;
  return [along(plane.right), along(plane.down)];
};

/** Null where the frame's place or its millimetres are not known. */
export const planeOf = (frame: Frame | null | undefined): ImagePlane | null => {
  if (!frame?.positionMm || !frame.rowDirection || !frame.columnDirection) return null;
  if (frame.calibration.kind === 'unknown') return null;
  const [betweenRows, betweenColumns] = frame.calibration.spacingMm;
  return {
    origin: frame.positionMm,
    right: scale(frame.rowDirection, betweenColumns),
    down: scale(frame.columnDirection, betweenRows),
    normal: cross(frame.rowDirection, frame.columnDirection),
  };
};

/** Patient mm of a voxel (its centre); null where that is not known. */
export const placeOfVoxel = (images: Placed, [i, j, k]: Vec3): Vec3 | null => {
  if (images.volume.kind === 'volume') return voxelToPatient(images.volume.affineVoxelToPatient, [i, j, k]);
  const plane = planeOf(images.frames[k]);
  return plane === null ? null : add(plane.origin, add(scale(plane.right, i), scale(plane.down, j)));
};

/** Frames further away than this from a place do not show it: half the step to the nearer neighbour, and a little. */
const reachMm = (planes: readonly ImagePlane[], at: number): number => {
  const own = planes[at];
  const steps = [planes[at - 1], planes[at + 1]].flatMap((other) =>
    own && other ? [Math.abs(dot(subtract(other.origin, own.origin), own.normal))] : [],
  );
  return 0.5 * Math.max(5, steps.length === 0 ? 5 : Math.min(...steps)) + 0.25;
};

/**
 * The voxel that shows a place, the nearest slice within reach of it, in-plane clamped to the image; null where the series
 * does not reach there or its geometry is not known.
 */
export const voxelAtPlace = (images: Placed, mm: Vec3): Vec3 | null => {
  const { volume, frames } = images;
  if (volume.kind === 'volume') {
    const [i, j, k] = voxelToPatient(invert(volume.affineVoxelToPatient), mm);
    if (k < -0.75 || k > volume.dims[2] - 0.25) return null;
    return within(volume.dims, [i, j, k]);
  }
  const planes = frames.map(planeOf);
  const known = planes.filter((plane) => plane !== null);
  if (known.length !== frames.length || known.length === 0) return null;
  let best = -1;
  let bestMm = Number.POSITIVE_INFINITY;
  for (const [n, plane] of known.entries()) {
    const away = Math.abs(dot(subtract(mm, plane.origin), plane.normal));
    if (away < bestMm) {
      best = n;
      bestMm = away;
    }
  }
  const plane = known[best];
  const frame = frames[best];
  if (!plane || !frame || bestMm > reachMm(known, best)) return null;
  const from = subtract(mm, plane.origin);
  const along = (axis: Vec3): number => dot(from, axis) / dot(axis, axis);
  return within([frame.columns, frame.rows, frames.length], [along(plane.right), along(plane.down), best]);
};

const within = (dims: Vec3, v: Vec3): Vec3 => {
  const clamp = (n: 0 | 1 | 2): number => Math.min(dims[n] - 1, Math.max(0, Math.round(v[n])));
  return [clamp(0), clamp(1), clamp(2)];
};

/** The two ends of the line in which `plane` cuts an image, in its coordinates (outer corner 0, 0); null where it does not. */
export const cutLine = (
  image: ImagePlane & { readonly columns: number; readonly rows: number },
  plane: { readonly origin: Vec3; readonly normal: Vec3 },
): readonly [readonly [number, number], readonly [number, number]] | null => {
  const size = norm(plane.normal);
  if (size === 0) return null;
  // Signed distance of the pixel centre (x, y) from the plane: d0 + x dx + y dy.
  const dx = dot(image.right, plane.normal) / size;
  const dy = dot(image.down, plane.normal) / size;
  const d0 = dot(subtract(image.origin, plane.origin), plane.normal) / size;
  const steep = Math.hypot(dx / (norm(image.right) || 1), dy / (norm(image.down) || 1));
  // Nearly parallel planes cut nowhere that means anything.
  if (steep < 0.05) return null;
  const [left, right, top, bottom] = [-0.5, image.columns - 0.5, -0.5, image.rows - 0.5];
  const ends: [number, number][] = [];
  const take = (x: number, y: number): void => {
    const inside = x >= left - 1e-6 && x <= right + 1e-6 && y >= top - 1e-6 && y <= bottom + 1e-6;
    if (inside && !ends.some(([a, b]) => Math.hypot(a - x, b - y) < 1e-4)) ends.push([x, y]);
  };
  if (Math.abs(dy) > 1e-9) for (const x of [left, right]) take(x, -(d0 + x * dx) / dy);
  if (Math.abs(dx) > 1e-9) for (const y of [top, bottom]) take(-(d0 + y * dy) / dx, y);
  const [a, b] = ends;
  return a && b
    ? [
        [a[0] + 0.5, a[1] + 0.5],
        [b[0] + 0.5, b[1] + 0.5],
      ]
    : null;
};
