/** How measurements look: SVG paths from their points, canvas pixels. */
import { distance, ellipseOf, middle, minus, type Point, plus, times } from '../../../models/kit/measure/flat.ts';
import type { MeasurementKind } from '../../../preload/contract/index.ts';

export interface Paths {
  readonly line: string;
  /** Dashed: what helps the eye and is not measured. */
  readonly aid: string;
}

const at = ([x, y]: Point): string => `${x.toFixed(2)} ${y.toFixed(2)}`;
const segment = (a: Point, b: Point): string => `M${at(a)}L${at(b)}`;
const across = (a: Point, b: Point, size: number): Point => {
  const length = distance(a, b);
  return length === 0 ? [0, 0] : [(-(b[1] - a[1]) / length) * size, ((b[0] - a[0]) / length) * size];
};
/** A line with a stroke across each end. */
const ticked = (a: Point, b: Point): string => {
  const side = across(a, b, 4);
  return segment(a, b) + [a, b].map((end) => segment(minus(end, side), plus(end, side))).join('');
};
/** For four arcs of a cubic curve to make an ellipse. */
const KAPPA = 0.5522847498;

const ellipsePath = (points: readonly [Point, Point, Point, Point]): string => {
  const { center, a, b } = ellipseOf(...points);
  const on = (p: number, q: number): string => at(plus(center, plus(times(a, p), times(b, q))));
  const arc = (p: number, q: number, r: number, s: number): string =>
    `C${on(p + KAPPA * r, q + KAPPA * s)} ${on(r + KAPPA * p, s + KAPPA * q)} ${on(r, s)}`;
  return `M${on(1, 0)}${arc(1, 0, 0, 1)}${arc(0, 1, -1, 0)}${arc(-1, 0, 0, -1)}${arc(0, -1, 1, 0)}Z`;
};

const outlinePath = (points: readonly Point[], closed: boolean): string =>
  points.map((point, n) => `${n === 0 ? 'M' : 'L'}${at(point)}`).join('') + (closed ? 'Z' : '');

const arcAt = (a: Point, vertex: Point, b: Point): string => {
  const radius = Math.min(22, distance(a, vertex) / 2, distance(b, vertex) / 2);
  if (radius < 4) return '';
  const on = (end: Point): Point => plus(vertex, times(minus(end, vertex), radius / distance(end, vertex)));
  const [p, q] = [minus(a, vertex), minus(b, vertex)];
  const sweep = p[0] * q[1] - p[1] * q[0] > 0 ? 1 : 0;
  return `M${at(on(a))}A${radius.toFixed(2)} ${radius.toFixed(2)} 0 0 ${sweep} ${at(on(b))}`;
};

const arrowPath = (tip: Point, tail: Point): string => {
  const length = distance(tip, tail);
  if (length === 0) return '';
  const back = times(minus(tail, tip), Math.min(13, length) / length);
  const side = times(across(tip, tail, 1), Math.min(5, length / 3));
  return `${segment(tip, tail)}M${at(plus(plus(tip, back), side))}L${at(tip)}L${at(minus(plus(tip, back), side))}`;
};

/** done: the shape is whole; else only what has been drawn of it. */
export const pathsOf = (kind: MeasurementKind, points: readonly Point[], done = true): Paths => {
  const [a, b, c, d] = points;
  const only = (line: string, aid = ''): Paths => ({ line, aid });
  if (!a) return only('');
  if (kind === 'probe') return only(`M${at([a[0] - 7, a[1]])}h14M${at([a[0], a[1] - 7])}v14`);
  if (kind === 'text') return only(`M${at([a[0] - 2, a[1]])}h4M${at([a[0], a[1] - 2])}v4`);
  if (kind === 'freehand') return only(outlinePath(points, done));
  if (!b) return only('');
  if (kind === 'arrow') return only(arrowPath(a, b));
  if (kind === 'length') return only(ticked(a, b));
  if (kind === 'angle') return only(segment(a, b) + (c ? segment(b, c) : ''), c ? arcAt(a, b, c) : '');
  if (kind === 'cobb')
    return only(segment(a, b) + (c && d ? segment(c, d) : ''), c && d ? segment(middle(a, b), middle(c, d)) : '');
  if (kind === 'cardiothoracic') return only(ticked(a, b) + (c && d ? ticked(c, d) : ''));
  if (kind === 'bidirectional') return only(ticked(a, b) + (c && d ? segment(c, d) : ''));
  if (!c || !d) return only(segment(a, b));
  return only(kind === 'ellipse' ? ellipsePath([a, b, c, d]) : outlinePath(points, true));
};

export type Box = readonly [x: number, y: number, width: number, height: number];
const overlap = (a: Box, b: Box): boolean =>
  a[0] < b[0] + b[2] && b[0] < a[0] + a[2] && a[1] < b[1] + b[3] && b[1] < a[1] + a[3];
const MARGIN = 4;
/** Kept free for the scroll bar. */
const RIGHT_MARGIN = 18;

/**
 * Where the words stand by themselves: beside the shape, on the view, and where that can be not over other words. Right of
 * it first, then left, below, above.
 */
export const labelPlace = (
  points: readonly Point[],
  [width, height]: readonly [number, number],
  view: readonly [number, number],
  taken: readonly Box[] = [],
): Point => {
  const xs = points.map((point) => point[0]);
  const ys = points.map((point) => point[1]);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const beside = points[xs.indexOf(right)]?.[1] ?? top;
  const level = points[xs.indexOf(left)]?.[1] ?? top;
  const candidates: Point[] = [
    [right + 10, beside - height / 2],
    [left - 10 - width, level - height / 2],
    [(left + right - width) / 2, bottom + 8],
    [(left + right - width) / 2, top - 8 - height],
    [right + 10, top - height],
    [right + 10, bottom],
  ];
  const inside = ([x, y]: Point): Point => [
    Math.max(MARGIN, Math.min(view[0] - RIGHT_MARGIN - width, x)),
    Math.max(MARGIN, Math.min(view[1] - MARGIN - height, y)),
  ];
  const fits = ([x]: Point): boolean => x >= MARGIN && x + width <= view[0] - RIGHT_MARGIN;
  const free = ([x, y]: Point): boolean => !taken.some((box) => overlap(box, [x, y, width, height]));
  const there = candidates.filter(fits).map(inside);
  return there.find(free) ?? there[0] ?? inside(candidates[2] ?? [0, 0]);
};

/** From words that were moved to the point of the shape that is nearest to them. */
export const leaderPath = (
  label: Point,
  [width, height]: readonly [number, number],
  points: readonly Point[],
): string => {
  const within = (value: number, from: number, size: number): number => Math.min(from + size, Math.max(from, value));
  let best: { from: Point; to: Point; length: number } | null = null;
  for (const to of points) {
    const from: Point = [within(to[0], label[0] - 3, width), within(to[1], label[1], height)];
    const length = distance(from, to);
    if (best === null || length < best.length) best = { from, to, length };
  }
  return best === null || best.length < 14 ? '' : segment(best.from, best.to);
};

const CHARACTER = 6.6;
export const LINE_HEIGHT = 15;
/** Of words of the label's font, near enough to keep them on the view. */
export const labelSize = (lines: readonly string[]): readonly [number, number] => [
  Math.max(0, ...lines.map((line) => line.length)) * CHARACTER + 6,
  lines.length * LINE_HEIGHT,
];
