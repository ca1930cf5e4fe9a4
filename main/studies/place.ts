/** Where a frame of marks lies on the images of a series: found by place in the patient, and by the image it names. */
import { cross, dot, norm, subtract, type Vec3 } from '../../models/kit/geometry.ts';
import type { Frame, SeriesImages } from '../../preload/contract/index.ts';

/** Pixel (x, y) of the marks is pixel origin + x * stepX + y * stepY of the image: whole pixels along its axes. */
export interface FramePlace {
  /** Index in the images' series. */
  readonly frame: number;
  readonly origin: number;
  readonly stepX: number;
  readonly stepY: number;
}

/** A frame lies in the plane of an image where it is not farther from it, mm. */
const PLANE_MM = 0.1;
/** In pixels: marks whose pixels are those of the image lie nearer to whole ones. */
const PIXEL = 0.02;
const DIRECTION = 1e-3;

export type FrameGeometry = Pick<
  Frame,
  'rows' | 'columns' | 'positionMm' | 'rowDirection' | 'columnDirection' | 'calibration'
>;

interface Plane {
  readonly position: Vec3;
  readonly row: Vec3;
  readonly column: Vec3;
  readonly normal: Vec3;
  /** [between rows, between columns] */
  readonly spacing: readonly [number, number];
}

const planeOf = (frame: FrameGeometry): Plane | null => {
  const { positionMm, rowDirection, columnDirection, calibration } = frame;
  if (!positionMm || !rowDirection || !columnDirection || calibration.kind === 'unknown') return null;
  const normal = cross(rowDirection, columnDirection);
  if (norm(normal) < 0.99) return null;
  return { position: positionMm, row: rowDirection, column: columnDirection, normal, spacing: calibration.spacingMm };
};

/** The marks' pixels on the image's, where both lie in one plane and their pixels are the same ones; else null. */
const onImage = (mark: FrameGeometry, a: Plane, image: FrameGeometry, b: Plane): Omit<FramePlace, 'frame'> | null => {
  if (Math.abs(Math.abs(dot(a.normal, b.normal)) - 1) > DIRECTION) return null;
  const off = subtract(a.position, b.position);
  if (Math.abs(dot(off, b.normal)) > PLANE_MM) return null;
  const x0 = dot(off, b.row) / b.spacing[1];
  const y0 = dot(off, b.column) / b.spacing[0];
  const step = (direction: Vec3, mm: number): readonly [number, number] => [
    (dot(direction, b.row) * mm) / b.spacing[1],
    (dot(direction, b.column) * mm) / b.spacing[0],
  ];
  const [ax, ay] = step(a.row, a.spacing[1]);
  const [bx, by] = step(a.column, a.spacing[0]);
  const whole = (value: number): boolean => Math.abs(value - Math.round(value)) <= PIXEL;
  // One corner after the other: an error of the spacing adds up over the image.
  for (const [x, y] of [
    [0, 0],
    [mark.columns - 1, 0],
    [0, mark.rows - 1],
    [mark.columns - 1, mark.rows - 1],
  ] as const)
    if (!whole(x0 + x * ax + y * bx) || !whole(y0 + x * ay + y * by)) return null;
  const [i, j] = [Math.round(x0), Math.round(y0)];
  const steps = [ax, ay, bx, by].map(Math.round) as [number, number, number, number];
  const [ix, iy, jx, jy] = steps;
  // Each axis of the marks runs along one of the image's, one pixel a pixel.
  if (Math.abs(ix) + Math.abs(iy) !== 1 || Math.abs(jx) + Math.abs(jy) !== 1 || ix * jx + iy * jy !== 0) return null;
  const [w, h] = [mark.columns - 1, mark.rows - 1];
  const columns = [i, i + ix * w, i + jx * h, i + ix * w + jx * h];
  const rows = [j, j + iy * w, j + jy * h, j + iy * w + jy * h];
  const inside =
    Math.min(...columns) >= 0 &&
    Math.max(...columns) < image.columns &&
    Math.min(...rows) >= 0 &&
    Math.max(...rows) < image.rows;
  // Marks that leave the image are those of another one.
  if (!inside) return null;
  return { origin: i + j * image.columns, stepX: ix + iy * image.columns, stepY: jx + jy * image.columns };
};

const identity = (frame: number, columns: number): FramePlace => ({ frame, origin: 0, stepX: 1, stepY: columns });

/**
 * Finds places on one series. named: the image that the marks say they were made from, as index of its frame. A frame of
 * marks with a place in the patient lies where that is, and the named image decides between several at one place; one
 * without lies on the image that it names. Null where it lies on none, or it cannot be told on which.
 */
export const placesOn = (
  target: SeriesImages,
  sameFrameOfReference: boolean | null,
): ((mark: FrameGeometry, named: number | null) => FramePlace | null) => {
  const planes = target.frames.map(planeOf);
  const known = new Map<string, FramePlace | null>();
  const find = (mark: FrameGeometry, named: number | null): FramePlace | null => {
    const plane = planeOf(mark);
    const image = named === null ? undefined : target.frames[named];
    if (plane === null || planes.every((one) => one === null)) {
      if (named === null || !image || image.rows !== mark.rows || image.columns !== mark.columns) return null;
      return identity(named, image.columns);
    }
    // Places of another frame of reference are other places, whatever their numbers.
    if (sameFrameOfReference === false && named === null) return null;
    const found = planes.flatMap((other, frame): FramePlace[] => {
      const one = target.frames[frame];
      const place = other && one ? onImage(mark, plane, one, other) : null;
      return place ? [{ frame, ...place }] : [];
    });
    return found.find(({ frame }) => frame === named) ?? (found.length === 1 ? (found[0] ?? null) : null);
  };
  return (mark, named) => {
    // Segments lie on the same images over and over.
    const { positionMm, rowDirection, columnDirection, rows, columns, calibration } = mark;
    const key = JSON.stringify([positionMm, rowDirection, columnDirection, rows, columns, calibration, named]);
    const held = known.get(key);
    if (held !== undefined) return held;
    const place = find(mark, named);
    known.set(key, place);
    return place;
  };
};
