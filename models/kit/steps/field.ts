/**
 * The round field of view of a photograph of the retina. The same as models/train/sightline_train/fundus_steps.py, held to
 * the golden files of the packages that use it.
 */
import { percentiles } from './image.ts';

/** Colour as decoded: red, green, blue, bytes, rows one after another. */
export interface Photograph {
  readonly rgb: Uint8Array;
  readonly columns: number;
  readonly rows: number;
}

/** Centre and radius in pixels of the photograph, the outer corner of the first one at 0. */
export interface Field {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** 99th percentile of brightness, 0..1: what counts as bright is told by it. */
  readonly light: number;
  /** False where what is bright fills the frame, and no edge of the field is seen. */
  readonly round: boolean;
}

/** Longest side on which the field is looked for. */
const FIND_SIDE = 640;
/** Share of the brightest from which a pixel is no background. */
export const EDGE_SHARE = 0.12;
/** Share of the radius by which a point of the edge may lie off the circle. */
const FIT_TOLERANCE = 0.03;
const FEWEST_POINTS = 40;

/** Means of k x k blocks of the brightest channel, 0..1. */
const brightness = (photo: Photograph): { data: Float32Array; columns: number; rows: number; k: number } => {
  const { rgb } = photo;
  const k = Math.ceil(Math.max(photo.rows, photo.columns) / FIND_SIDE);
  const columns = Math.floor(photo.columns / k);
  const rows = Math.floor(photo.rows / k);
  const data = new Float32Array(columns * rows);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) {
      let sum = 0;
      for (let j = 0; j < k; j++) {
        let at = ((y * k + j) * photo.columns + x * k) * 3;
        for (let i = 0; i < k; i++, at += 3) sum += Math.max(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0);
      }
      data[y * columns + x] = sum / (255 * k * k);
    }
  return { data, columns, rows, k };
};

type Point = readonly [x: number, y: number];

/** Outer ends of what is bright in each row and column, where they lie off the frame's edge. */
const edgePoints = (inside: (n: number) => boolean, columns: number, rows: number): Point[] => {
  const out: Point[] = [];
  const ends = (count: number, at: (n: number) => number, margin: number): readonly [number | null, number | null] => {
    let first = -1;
    let last = -1;
    let many = 0;
    for (let n = 0; n < count; n++)
      if (inside(at(n))) {
        if (first < 0) first = n;
        last = n;
        many++;
      }
    if (many * 10 < count) return [null, null];
    return [first >= margin ? first : null, last + 1 <= count - margin ? last + 1 : null];
  };
  const marginX = Math.max(2, Math.floor(columns / 100));
  const marginY = Math.max(2, Math.floor(rows / 100));
  for (let y = 0; y < rows; y++)
    for (const x of ends(columns, (n) => y * columns + n, marginX)) if (x !== null) out.push([x, y + 0.5]);
  for (let x = 0; x < columns; x++)
    for (const y of ends(rows, (n) => n * columns + x, marginY)) if (y !== null) out.push([x + 0.5, y]);
  return out;
};

/** Least squares (Kasa): x^2 + y^2 = 2 a x + 2 b y + c, about the points' mean. */
const circleThrough = (points: readonly Point[]): { x: number; y: number; radius: number } | null => {
  const n = points.length;
  let [mx, my] = [0, 0];
  for (const [x, y] of points) {
    mx += x / n;
    my += y / n;
  }
  let [sxx, syy, sxy, szx, szy, sz] = [0, 0, 0, 0, 0, 0];
  for (const [px, py] of points) {
    const [x, y] = [px - mx, py - my];
    const z = x * x + y * y;
    sxx += x * x;
    syy += y * y;
    sxy += x * y;
    szx += z * x;
    szy += z * y;
    sz += z;
  }
  const determinant = sxx * syy - sxy * sxy;
  if (determinant < 1e-6 * Math.max(1e-12, sxx * syy)) return null;
  const a = ((szx / 2) * syy - (szy / 2) * sxy) / determinant;
  const b = ((szy / 2) * sxx - (szx / 2) * sxy) / determinant;
  return { x: a + mx, y: b + my, radius: Math.sqrt(a * a + b * b + sz / n) };
};

/** Null where what is bright is not round and does not fill the frame. */
export const findField = (photo: Photograph): Field | null => {
  const bright = brightness(photo);
  const { data, columns, rows, k } = bright;
  if (data.length === 0) return null;
  const light = percentiles(data.slice(), [99])[0] ?? 0;
  const level = EDGE_SHARE * light;
  const inside = (n: number): boolean => (data[n] ?? 0) > level;
  const points = edgePoints(inside, columns, rows);
  let kept: readonly Point[] = points;
  let circle: ReturnType<typeof circleThrough> = null;
  for (let turn = 0; turn < 4; turn++) {
    circle = kept.length < FEWEST_POINTS ? null : circleThrough(kept);
    if (!circle) break;
    const { x, y, radius } = circle;
    kept = points.filter(([px, py]) => Math.abs(Math.hypot(px - x, py - y) - radius) < FIT_TOLERANCE * radius);
  }
  const fits =
    circle !== null &&
    2 * kept.length >= points.length &&
    circle.radius >= 0.35 * Math.min(columns, rows) &&
    circle.radius <= 1.5 * Math.max(columns, rows);
  if (circle && fits) return { x: circle.x * k, y: circle.y * k, radius: circle.radius * k, light, round: true };
  let many = 0;
  for (let n = 0; n < data.length; n++) if (inside(n)) many++;
  if (many / data.length > 0.95)
    return {
      x: photo.columns / 2,
      y: photo.rows / 2,
      radius: Math.hypot(photo.columns, photo.rows) / 2,
      light,
      round: false,
    };
  return null;
};
