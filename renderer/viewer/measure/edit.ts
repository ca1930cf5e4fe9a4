/**
 * How a measurement answers to the hand: points in image coordinates, shapes kept true in `pixel` (the size of a pixel,
 * [x, y]), so that what is at right angles in the patient stays so where pixels are not square.
 */
import { distance, inner, middle, minus, type Point, plus, times } from '../../../models/kit/measure/flat.ts';
import type { MeasurementKind } from '../../../preload/contract/index.ts';

const unit = (v: Point, otherwise: Point = [1, 0]): Point => {
  const length = Math.hypot(...v);
  return length === 0 ? otherwise : times(v, 1 / length);
};
const across = ([x, y]: Point): Point => [-y, x];
const scaled = (points: readonly Point[], [sx, sy]: Point): Point[] => points.map(([x, y]) => [x * sx, y * sy]);
const unscaled = (points: readonly Point[], [sx, sy]: Point): Point[] => points.map(([x, y]) => [x / sx, y / sy]);

/** At most so many handles on a freehand outline. */
const MOST_HANDLES = 24;
const handleStep = (count: number): number => Math.max(1, Math.ceil(count / MOST_HANDLES));

/** Indices of the points that have handles. */
export const handlesOf = (kind: MeasurementKind, count: number): number[] => {
  const step = kind === 'freehand' ? handleStep(count) : 1;
  return Array.from({ length: Math.ceil(count / step) }, (_, n) => n * step);
};

type Change = (points: readonly Point[], index: number, to: Point) => Point[];

const replaced: Change = (points, index, to) => points.with(index, to);

/** The other end goes along, so that a line across heart or thorax keeps its direction. */
const parallel: Change = (points, index, to) => {
  const other = index ^ 1;
  const [from, end] = [points[index], points[other]];
  if (!from || !end) return [...points];
  const aside = across(unit(minus(end, from)));
  return points.with(index, to).with(other, plus(end, times(aside, inner(minus(to, from), aside))));
};

/** Ends of the long axis take the short one along; ends of the short one stay at right angles to the long. */
const bidirectional: Change = (points, index, to) => {
  const [a, b, c, d] = points;
  if (!a || !b || !c || !d) return [...points];
  const along = unit(minus(b, a));
  const aside = across(along);
  const [left, right] = [inner(minus(c, a), aside), inner(minus(d, a), aside)];
  const ends = (p: Point, q: Point, foot: number, s: number, t: number): Point[] => {
    const u = unit(minus(q, p), along);
    const at = plus(p, times(u, foot));
    return [p, q, plus(at, times(across(u), s)), plus(at, times(across(u), t))];
  };
  const length = distance(a, b);
  if (index < 2) {
    const [p, q] = index === 0 ? [to, b] : [a, to];
    const part = length === 0 ? 0.5 : inner(minus(middle(c, d), a), along) / length;
    return ends(p, q, part * distance(p, q), left, right);
  }
  const foot = Math.min(length, Math.max(0, inner(minus(to, a), along)));
  const side = inner(minus(to, a), aside);
  return index === 2 ? ends(a, b, foot, side, right) : ends(a, b, foot, left, side);
};

/** The corner across stays; the sides keep their directions. */
const rectangle: Change = (points, index, to) => {
  const [a, b] = points;
  const fixed = points[(index + 2) % 4];
  if (!a || !b || !fixed) return [...points];
  const along = unit(minus(b, a));
  const diagonal = minus(to, fixed);
  const alongPart = times(along, inner(diagonal, along));
  const asidePart = minus(diagonal, alongPart);
  // Corners 0 and 1, 2 and 3 are joined along, 1 and 2, 3 and 0 aside.
  const [next, before] = index % 2 === 0 ? [asidePart, alongPart] : [alongPart, asidePart];
  return points
    .with(index, to)
    .with((index + 1) % 4, plus(fixed, next))
    .with((index + 3) % 4, plus(fixed, before));
};

/** The other end of the axis stays; the other axis moves along with the middle. */
const ellipse: Change = (points, index, to) => {
  const other = index ^ 1;
  const [from, end] = [points[index], points[other]];
  if (!from || !end) return [...points];
  const along = unit(minus(from, end));
  const moved = plus(end, times(along, inner(minus(to, end), along)));
  const shift = minus(middle(moved, end), middle(from, end));
  return points.map((point, n) => (n === index ? moved : n === other ? end : plus(point, shift)));
};

/** Neighbours follow, the less the further they are. */
const freehand: Change = (points, index, to) => {
  const from = points[index];
  if (!from) return [...points];
  const by = minus(to, from);
  const reach = handleStep(points.length) + 1;
  return points.map((point, n) => {
    const apart = Math.min(Math.abs(n - index), points.length - Math.abs(n - index));
    return apart >= reach ? point : plus(point, times(by, (1 + Math.cos((Math.PI * apart) / reach)) / 2));
  });
};

const CHANGES = {
  length: replaced,
  bidirectional,
  angle: replaced,
  cobb: replaced,
  cardiothoracic: parallel,
  ellipse,
  rectangle,
  freehand,
  probe: replaced,
  arrow: replaced,
  text: replaced,
} as const satisfies Record<MeasurementKind, Change>;

/** One handle put elsewhere, the others as the kind asks. */
export const withHandle = (
  kind: MeasurementKind,
  points: readonly Point[],
  index: number,
  to: Point,
  pixel: Point,
): Point[] => {
  const [flat] = scaled([to], pixel);
  return flat ? unscaled(CHANGES[kind](scaled(points, pixel), index, flat), pixel) : [...points];
};

export const movedBy = (points: readonly Point[], by: Point): Point[] => points.map((point) => plus(point, by));

/** As far as the image allows: the shape itself is never bent. */
export const keptInside = (points: readonly Point[], columns: number, rows: number): Point[] => {
  const push = (values: readonly number[], size: number): number => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    return least < 0 ? -least : most > size ? Math.max(-least, size - most) : 0;
  };
  return movedBy(points, [
    push(
      points.map((point) => point[0]),
      columns,
    ),
    push(
      points.map((point) => point[1]),
      rows,
    ),
  ]);
};

export const isInside = (points: readonly Point[], columns: number, rows: number): boolean =>
  points.every(([x, y]) => x >= 0 && y >= 0 && x <= columns && y <= rows);

// --- drawing

/** Points that the hand gives; the rest of a shape follows from them. */
const DRAWN_POINTS = {
  length: 2,
  bidirectional: 2,
  angle: 3,
  cobb: 4,
  cardiothoracic: 4,
  ellipse: 2,
  rectangle: 2,
  freehand: Number.POSITIVE_INFINITY,
  probe: 1,
  arrow: 2,
  text: 1,
} as const satisfies Record<MeasurementKind, number>;

/** A measurement under way: what is fixed, and the point that follows the pointer (null while the pen is lifted). */
export interface Pen {
  readonly kind: MeasurementKind;
  readonly fixed: readonly Point[];
  readonly live: Point | null;
  /** The press under way has just set a point; its release ends a line only where it was dragged. */
  readonly fresh: boolean;
}

export const isDone = (pen: Pen): boolean => pen.fixed.length >= DRAWN_POINTS[pen.kind];

export const press = (pen: Pen | null, kind: MeasurementKind, at: Point): Pen => {
  const before = pen?.kind === kind ? pen : { kind, fixed: [], live: null };
  return before.live === null
    ? { kind, fixed: [...before.fixed, at], live: at, fresh: true }
    : { kind, fixed: before.fixed, live: at, fresh: false };
};

/** `near`: no new point of an outline closer than this to the last, image pixels. */
export const follow = (pen: Pen, at: Point, near: number): Pen => {
  if (pen.live === null) return pen;
  const last = pen.fixed.at(-1);
  if (pen.kind === 'freehand' && last && distance(last, at) >= near)
    return { ...pen, fixed: [...pen.fixed, at], live: at };
  return { ...pen, live: at };
};

/** What the second line of two begins anew. */
const lifts = (kind: MeasurementKind, points: number): boolean =>
  (kind === 'cobb' || kind === 'cardiothoracic') && points === 2;

export const release = (pen: Pen, dragged: boolean): Pen => {
  if (pen.live === null || pen.kind === 'freehand' || isDone(pen)) return pen;
  // A click sets the first point and the line follows the pointer until the next.
  if (pen.fresh && !dragged) return pen;
  const fixed = [...pen.fixed, pen.live];
  return { ...pen, fixed, live: lifts(pen.kind, fixed.length) ? null : pen.live, fresh: false };
};

/** What is seen of it so far. */
export const penPoints = (pen: Pen): readonly Point[] =>
  pen.live === null || isDone(pen) ? pen.fixed : [...pen.fixed, pen.live];

/** A corner more where leaving it out would move the outline by more than this, image pixels. */
const OUTLINE_TOLERANCE = 0.2;
const MOST_OUTLINE = 300;

/** Douglas and Peucker's line simplification. */
const simplified = (points: readonly Point[], tolerance: number): Point[] => {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 3) return [...points];
  const line = minus(last, first);
  const length = Math.hypot(...line);
  const off = (point: Point): number =>
    length === 0 ? distance(point, first) : Math.abs(inner(minus(point, first), across(line))) / length;
  let far = 0;
  let most = 0;
  points.forEach((point, n) => {
    if (off(point) > most) [far, most] = [n, off(point)];
  });
  if (most <= tolerance) return [first, last];
  return [...simplified(points.slice(0, far + 1), tolerance).slice(0, -1), ...simplified(points.slice(far), tolerance)];
};

const outline = (points: readonly Point[]): Point[] => {
  let found = simplified(points, OUTLINE_TOLERANCE);
  for (let tolerance = OUTLINE_TOLERANCE * 2; found.length > MOST_OUTLINE; tolerance *= 2)
    found = simplified(points, tolerance);
  return found;
};

/** A line across is taken along a row or column of the image, whichever it is nearer to. */
const transverse = (points: readonly Point[]): Point[] => {
  const [a, b, c, d] = points;
  if (!a || !b) return [...points];
  const level = Math.abs(b[0] - a[0]) >= Math.abs(b[1] - a[1]);
  const straight = (p: Point, q: Point): Point => (level ? [q[0], p[1]] : [p[0], q[1]]);
  return [a, straight(a, b), ...(c ? [c] : []), ...(c && d ? [straight(c, d)] : [])];
};

/** All points of the shape from those that the hand gave: also of one that is still being drawn. */
export const shapeOf = (kind: MeasurementKind, given: readonly Point[], pixel: Point): Point[] => {
  const [a, b] = given;
  if (kind === 'cardiothoracic') return transverse(given);
  if (!a || !b) return [...given];
  const center = middle(a, b);
  if (kind === 'rectangle') return [a, [b[0], a[1]], b, [a[0], b[1]]];
  if (kind === 'ellipse')
    return [
      [a[0], center[1]],
      [b[0], center[1]],
      [center[0], a[1]],
      [center[0], b[1]],
    ];
  if (kind === 'bidirectional') {
    const [p, q] = scaled([a, b], pixel);
    if (!p || !q) return [...given];
    const aside = times(across(minus(q, p)), 0.25);
    return unscaled([p, q, plus(middle(p, q), aside), minus(middle(p, q), aside)], pixel);
  }
  return [...given];
};

/** The finished shape; null where the hand gave too little to mean one (a click in place of a drag). */
export const finished = (pen: Pen, pixel: Point): Point[] | null => {
  const { kind, fixed } = pen;
  if (kind === 'freehand') {
    const points = outline(fixed);
    return points.length >= 3 ? points : null;
  }
  const [a, b] = fixed;
  if (a && b && distance(a, b) < 1) return null;
  const [c, d] = fixed.slice(2);
  if (c && d && distance(c, d) < 1) return null;
  if (
    (kind === 'rectangle' || kind === 'ellipse') &&
    a &&
    b &&
    Math.min(Math.abs(b[0] - a[0]), Math.abs(b[1] - a[1])) < 1
  )
    return null;
  return shapeOf(kind, fixed, pixel);
};

/** A shape of the kind about a point, for who draws by keyboard: `size` is its half width, image pixels. */
export const shapeAt = (kind: MeasurementKind, at: Point, size: number, pixel: Point): Point[] => {
  const [x, y] = at;
  const two: Point[] = [
    [x - size, y],
    [x + size, y],
  ];
  if (kind === 'probe' || kind === 'text') return [at];
  if (kind === 'angle')
    return [
      [x + size, y - size],
      [x - size, y],
      [x + size, y],
    ];
  if (kind === 'cobb')
    return [
      [x - size, y - size],
      [x + size, y - size],
      [x - size, y + size],
      [x + size, y + size],
    ];
  if (kind === 'cardiothoracic')
    return [
      [x - size / 2, y],
      [x + size / 2, y],
      [x - size, y + size / 2],
      [x + size, y + size / 2],
    ];
  if (kind === 'freehand')
    return Array.from({ length: 16 }, (_, n): Point => {
      const angle = (n / 8) * Math.PI;
      return [x + size * Math.cos(angle), y + size * Math.sin(angle)];
    });
  if (kind === 'ellipse' || kind === 'rectangle')
    return shapeOf(
      kind,
      [
        [x - size, y - size],
        [x + size, y + size],
      ],
      pixel,
    );
  return shapeOf(kind, two, pixel);
};
