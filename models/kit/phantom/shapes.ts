import type { Vec3 } from '../geometry.ts';

/**
 * Shapes in patient mm (LPS). A distance is approximate and signed, negative inside, near enough to
 * millimetres at the surface that it also gives the covered part of a voxel there.
 */
export type Distance = (x: number, y: number, z: number) => number;

/** [x0, x1, y0, y1, z0, z1] in patient mm: outside it the distance is positive. */
export type Box = readonly [number, number, number, number, number, number];

export interface Solid {
  readonly kind: 'solid';
  readonly box: Box;
  readonly distance: Distance;
  readonly hu: number;
  /** Label written where at least half of the voxel is covered; -1 leaves the label. */
  readonly label: number;
  /** Bits of the labels (1 << id) that it may paint over; 0: any. */
  readonly within: number;
  /** Lesion id, 0 for anatomy. */
  readonly instance: number;
  /** Width of the soft edge in mm beyond the voxel's own. */
  readonly softMm: number;
  /** How much of what lies below is replaced, 0 to 1. */
  readonly opacity: number;
}

/** Tapering capsules, 8 numbers each: x0 y0 z0 r0 x1 y1 z1 r1 (mm). */
export interface Tubes {
  readonly kind: 'tubes';
  readonly segments: Float32Array;
  readonly hu: number;
  readonly label: number;
  readonly within: number;
  readonly instance: number;
}

/** Several layers at once: writes HU and label of a point into `out` (a label below 0: leave the voxel). */
export interface Field {
  readonly kind: 'field';
  readonly box: Box;
  readonly sample: (x: number, y: number, z: number, edgeMm: number, out: Float64Array) => void;
}

export type Part = Solid | Tubes | Field;

export const solid = (box: Box, hu: number, label: number, distance: Distance, more: Partial<Solid> = {}): Solid => ({
  kind: 'solid',
  box,
  hu,
  label,
  distance,
  within: 0,
  instance: 0,
  softMm: 0,
  opacity: 1,
  ...more,
});

export const tubes = (segments: readonly number[], hu: number, label: number, within = 0, instance = 0): Tubes => ({
  kind: 'tubes',
  segments: Float32Array.from(segments),
  hu,
  label,
  within,
  instance,
});

/** Capsules along a polyline of [x, y, z, radius]. */
export const chain = (points: readonly (readonly [number, number, number, number])[]): number[] => {
  const out: number[] = [];
  for (let n = 1; n < points.length; n++) {
    const a = points[n - 1],
      b = points[n];
    if (a && b) out.push(...a, ...b);
  }
  return out;
};

/** Smooth curve through control points (Catmull-Rom), `steps` pieces between neighbours. */
export const smoothPath = (
  points: readonly (readonly [number, number, number, number])[],
  steps: number,
): [number, number, number, number][] => {
  const out: [number, number, number, number][] = [];
  const at = (n: number): readonly [number, number, number, number] =>
    points[Math.min(points.length - 1, Math.max(0, n))] ?? [0, 0, 0, 0];
  for (let n = 0; n < points.length - 1; n++) {
    const p = at(n - 1),
      q = at(n),
      r = at(n + 1),
      s = at(n + 2);
    for (let step = 0; step < steps; step++) {
      const t = step / steps;
      const c = (d: 0 | 1 | 2 | 3): number =>
        0.5 *
        (2 * q[d] +
          (r[d] - p[d]) * t +
          (2 * p[d] - 5 * q[d] + 4 * r[d] - s[d]) * t * t +
          (3 * q[d] - p[d] - 3 * r[d] + s[d]) * t * t * t);
      out.push([c(0), c(1), c(2), c(3)]);
    }
  }
  out.push([...at(points.length - 1)]);
  return out;
};

/** A quantity along z: table at 1 mm from control points [z, value], eased between them, constant beyond. */
export const profile = (points: readonly (readonly [number, number])[]): ((z: number) => number) => {
  const sorted = points.toSorted((p, q) => p[0] - q[0]);
  const low = sorted[0]?.[0] ?? 0;
  const high = sorted.at(-1)?.[0] ?? 0;
  const n = Math.ceil(high - low) + 2;
  const table = new Float64Array(n);
  const path = smoothPath(
    sorted.map(([z, v]) => [z, v, 0, 0] as const),
    24,
  );
  let m = 0;
  for (let i = 0; i < n; i++) {
    const z = Math.min(high, low + i);
    while (m < path.length - 2 && (path[m + 1]?.[0] ?? 0) < z) m++;
    const a = path[m] ?? [0, 0],
      b = path[m + 1] ?? a;
    const span = b[0] - a[0];
    table[i] = span <= 0 ? a[1] : a[1] + (b[1] - a[1]) * Math.min(1, Math.max(0, (z - a[0]) / span));
  }
  return (z) => {
    const p = z - low;
    if (p <= 0) return table[0] as number;
    if (p >= n - 1) return table[n - 1] as number;
    const i = p | 0;
    const v = table[i] as number;
    return v + ((table[i + 1] as number) - v) * (p - i);
  };
};

/** A box grown by `mm` on every side: bumps reach beyond the ideal shape. */
export const padded = (box: Box, mm: number): Box => [
  box[0] - mm,
  box[1] + mm,
  box[2] - mm,
  box[3] + mm,
  box[4] - mm,
  box[5] + mm,
];

/** Ellipsoid with semi-axes along three directions (orthonormal rows). */
export const ellipsoid = (
  centre: Vec3,
  radii: Vec3,
  axes: readonly [Vec3, Vec3, Vec3] = [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
): { distance: Distance; box: Box } => {
  const [cx, cy, cz] = centre;
  const [[a0, a1, a2], [b0, b1, b2], [c0, c1, c2]] = axes;
  const [ra, rb, rc] = radii;
  const extent = (p: number, q: number, r: number): number => Math.hypot(p * ra, q * rb, r * rc) + 2;
  const ex = extent(a0, b0, c0),
    ey = extent(a1, b1, c1),
    ez = extent(a2, b2, c2);
  return {
    box: [cx - ex, cx + ex, cy - ey, cy + ey, cz - ez, cz + ez],
    distance: (x, y, z) => {
      const dx = x - cx,
        dy = y - cy,
        dz = z - cz;
      const u = (a0 * dx + a1 * dy + a2 * dz) / ra;
      const v = (b0 * dx + b1 * dy + b2 * dz) / rb;
      const w = (c0 * dx + c1 * dy + c2 * dz) / rc;
      const rho = Math.sqrt(u * u + v * v + w * w);
      if (rho < 1e-6) return -Math.min(ra, rb, rc);
      return Math.sqrt(dx * dx + dy * dy + dz * dz) * (1 - 1 / rho);
    },
  };
};

/** Orthonormal axes whose first points along `direction`. */
export const axesAlong = (direction: Vec3): [Vec3, Vec3, Vec3] => {
  const n = Math.hypot(...direction);
  const a: Vec3 = [direction[0] / n, direction[1] / n, direction[2] / n];
  const h: Vec3 = Math.abs(a[2]) < 0.9 ? [0, 0, 1] : [0, 1, 0];
  const b0: Vec3 = [a[1] * h[2] - a[2] * h[1], a[2] * h[0] - a[0] * h[2], a[0] * h[1] - a[1] * h[0]];
  const m = Math.hypot(...b0);
  const b: Vec3 = [b0[0] / m, b0[1] / m, b0[2] / m];
  return [a, b, [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]];
};

/** Union with a rounded seam of about k mm. */
export const smoothUnion = (a: number, b: number, k: number): number => {
  const h = Math.max(0, k - Math.abs(a - b));
  return Math.min(a, b) - (h * h) / (4 * k);
};

/** Intersection with a rounded edge of about k mm. */
export const smoothMax = (a: number, b: number, k: number): number => {
  const h = Math.max(0, k - Math.abs(a - b));
  return Math.max(a, b) + (h * h) / (4 * k);
};
