import type { Random } from '../random.ts';
import type { Body } from './body.ts';
import type { Side } from './types.ts';

/** Branches of a lung as tapering capsules (8 numbers each: x0 y0 z0 r0 x1 y1 z1 r1, mm). */
export interface Branches {
  readonly arteries: number[];
  readonly veins: number[];
  readonly airways: number[];
}

type Point = [number, number, number];

/** Points inside a distance field, at least `insetMm` from its surface, by rejection. */
export const scatter = (
  random: Random,
  count: number,
  box: readonly [number, number, number, number, number, number],
  inside: (x: number, y: number, z: number) => boolean,
): Point[] => {
  const out: Point[] = [];
  for (let tries = 0; out.length < count && tries < count * 40; tries++) {
    const p: Point = [random.between(box[0], box[1]), random.between(box[2], box[3]), random.between(box[4], box[5])];
    if (inside(...p)) out.push(p);
  }
  return out;
};

/**
 * A tree that feeds every point: the points are halved along their longest side again and again, a branch goes
 * towards each half's centre, radii follow Murray's law (about r^2.8 is shared out).
 */
export const grow = (
  random: Random,
  root: Point,
  points: Point[],
  radius: number,
  into: number[],
  leastRadius = 0,
  power = 0.36,
): void => {
  const total = points.length;
  const step = (from: Point, group: Point[], fromRadius: number): void => {
    const n = group.length;
    if (n === 0) return;
    const r = Math.max(leastRadius > 0 ? 0 : 0.62, radius * (n / total) ** power);
    if (r < leastRadius) return;
    let cx = 0,
      cy = 0,
      cz = 0;
    const lo = [Infinity, Infinity, Infinity],
      hi = [-Infinity, -Infinity, -Infinity];
    for (const p of group) {
      cx += p[0];
      cy += p[1];
      cz += p[2];
      for (let d = 0; d < 3; d++) {
        lo[d] = Math.min(lo[d] as number, p[d] as number);
        hi[d] = Math.max(hi[d] as number, p[d] as number);
      }
    }
    const share = n === 1 ? 1 : random.between(0.36, 0.56);
    const end: Point = [
      from[0] + share * (cx / n - from[0]),
      from[1] + share * (cy / n - from[1]),
      from[2] + share * (cz / n - from[2]),
    ];
    const length = Math.hypot(end[0] - from[0], end[1] - from[1], end[2] - from[2]);
    const bend = length * 0.14;
    const middle: Point = [
      (from[0] + end[0]) / 2 + random.between(-bend, bend),
      (from[1] + end[1]) / 2 + random.between(-bend, bend),
      (from[2] + end[2]) / 2 + random.between(-bend, bend),
    ];
    const endRadius = n === 1 ? r * 0.7 : r;
    const midRadius = (Math.min(fromRadius, r * 1.25) + endRadius) / 2;
    into.push(...from, Math.min(fromRadius, r * 1.25), ...middle, midRadius, ...middle, midRadius, ...end, endRadius);
    if (n === 1) return;
    let axis = 0;
    for (let d = 1; d < 3; d++)
      if ((hi[d] as number) - (lo[d] as number) > (hi[axis] as number) - (lo[axis] as number)) axis = d;
    group.sort((p, q) => (p[axis] as number) - (q[axis] as number));
    const cut = Math.min(n - 1, Math.max(1, Math.round(n * random.between(0.24, 0.76))));
    step(end, group.slice(0, cut), r);
    step(end, group.slice(cut), r);
  };
  step(root, points, radius);
};

/** Arteries, veins and airways of both lungs. `density` is the number of end points of each arterial tree. */
export const bronchovascular = (body: Body, density: number): Record<Side, Branches> => {
  const make = (side: Side): Branches => {
    const s = side === 'left' ? 1 : -1;
    const random = body.random.fork(`tree ${side}`);
    const [sx, sy, sz] = body.parameters.scale;
    const lung = body.lung[side];
    const box = [s > 0 ? 5 : -145 * sx, s > 0 ? 145 * sx : -5, -95 * sy, 100 * sy, -185 * sz, 105 * sz] as const;
    const inside = (x: number, y: number, z: number): boolean => lung(x, y, z) < -3.5;
    const strength = body.parameters.vessels * body.size;
    const out: Branches = { arteries: [], veins: [], airways: [] };
    const artery = body.point(s * 36, 10, side === 'left' ? 2 : -10);
    const vein = body.point(s * 26, 12, -34);
    const bronchus = body.point(s * 40, 20, side === 'left' ? -27 : -23);
    grow(random.fork('artery'), artery, scatter(random.fork('a'), density, box, inside), 7.2 * strength, out.arteries);
    grow(
      random.fork('vein'),
      vein,
      scatter(random.fork('v'), Math.round(density * 0.8), box, inside),
      6 * strength,
      out.veins,
    );
    grow(
      random.fork('airway'),
      bronchus,
      scatter(random.fork('b'), Math.min(160, density), box, inside),
      4.7 * body.size,
      out.airways,
      0.9,
      0.4,
    );
    return out;
  };
  return { left: make('left'), right: make('right') };
};
