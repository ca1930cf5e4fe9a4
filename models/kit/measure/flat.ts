/** Plane geometry of measurements: points lie flat in one plane, in whatever unit both axes share. */
import { cross, dot, normalize, type Vec3 } from '../geometry.ts';

export type Point = readonly [number, number];

export const minus = (a: Point, b: Point): Point => [a[0] - b[0], a[1] - b[1]];
export const plus = (a: Point, b: Point): Point => [a[0] + b[0], a[1] + b[1]];
export const times = (a: Point, by: number): Point => [a[0] * by, a[1] * by];
export const inner = (a: Point, b: Point): number => a[0] * b[0] + a[1] * b[1];
/** Signed area of the parallelogram. */
export const outer = (a: Point, b: Point): number => a[0] * b[1] - a[1] * b[0];
export const middle = (a: Point, b: Point): Point => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
export const distance = (a: Point, b: Point): number => Math.hypot(a[0] - b[0], a[1] - b[1]);

const degrees = (radians: number): number => (radians * 180) / Math.PI;

/** Degrees at the vertex, 0 to 180; null where an arm has no length. */
export const angleAt = (a: Point, vertex: Point, b: Point): number | null => {
  const [p, q] = [minus(a, vertex), minus(b, vertex)];
  if (Math.hypot(...p) === 0 || Math.hypot(...q) === 0) return null;
  return degrees(Math.atan2(Math.abs(outer(p, q)), inner(p, q)));
};

/**
 * Degrees between two end plates, 0 to 180. Each line is taken as running to the same side of the spine, whose direction is
 * that from the middle of one line to the middle of the other: so it does not matter from which end a line was drawn, and a
 * curve of more than 90° is not told as its supplement. Null where a line has no length.
 */
export const cobbAngle = (a0: Point, a1: Point, b0: Point, b1: Point): number | null => {
  const spine = minus(middle(b0, b1), middle(a0, a1));
  const side: Point = [-spine[1], spine[0]];
  const toSide = (line: Point): Point => (inner(line, side) < 0 ? times(line, -1) : line);
  const [p, q] = [toSide(minus(a1, a0)), toSide(minus(b1, b0))];
  if (Math.hypot(...p) === 0 || Math.hypot(...q) === 0) return null;
  const angle = degrees(Math.atan2(Math.abs(outer(p, q)), inner(p, q)));
  // Lines that share their middle have no spine between them.
  return Math.hypot(...spine) === 0 ? Math.min(angle, 180 - angle) : angle;
};

/** Of a closed outline that does not cross itself. */
export const outlineArea = (points: readonly Point[]): number => {
  let twice = 0;
  let before = points.at(-1);
  for (const point of points) {
    if (before) twice += outer(before, point);
    before = point;
  }
  return Math.abs(twice) / 2;
};

const crossing = (a: Point, b: Point, c: Point, d: Point): boolean => {
  const side = (p: Point, q: Point, r: Point): number => Math.sign(outer(minus(q, p), minus(r, p)));
  return side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0;
};

/** True where a closed outline crosses itself: then it has no one inside. */
export const crossesItself = (points: readonly Point[]): boolean => {
  const n = points.length;
  for (let i = 0; i < n; i++) {
    const [a, b] = [points[i], points[(i + 1) % n]];
    for (let j = i + 2; j < n; j++) {
      if (i === 0 && j === n - 1) continue;
      const [c, d] = [points[j], points[(j + 1) % n]];
      if (a && b && c && d && crossing(a, b, c, d)) return true;
    }
  }
  return false;
};

export interface Ellipse {
  readonly center: Point;
  /** From the centre to the ends of the two axes. */
  readonly a: Point;
  readonly b: Point;
}

/** From the ends of its axes: a0, a1, b0, b1. */
export const ellipseOf = (a0: Point, a1: Point, b0: Point, b1: Point): Ellipse => ({
  center: middle(middle(a0, a1), middle(b0, b1)),
  a: times(minus(a1, a0), 0.5),
  b: times(minus(b1, b0), 0.5),
});

export const ellipseArea = ({ a, b }: Ellipse): number => Math.PI * Math.abs(outer(a, b));

/** Two unit vectors that span the plane of this normal. */
const spanOf = (normal: Vec3): readonly [Vec3, Vec3] => {
  const n = normalize(normal);
  const smallest = n.map(Math.abs).indexOf(Math.min(...n.map(Math.abs)));
  const aside: Vec3 = [smallest === 0 ? 1 : 0, smallest === 1 ? 1 : 0, smallest === 2 ? 1 : 0];
  const u = normalize(cross(aside, n));
  return [u, cross(n, u)];
};

/** Points of one plane in the patient laid flat, millimetres. */
export const laidFlat = (points: readonly Vec3[], normal: Vec3): Point[] => {
  const [u, v] = spanOf(normal);
  return points.map((point) => [dot(point, u), dot(point, v)]);
};
