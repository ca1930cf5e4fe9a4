/**
 * Which voxels of a plane lie inside an outline: those whose centre does. Grid coordinates as in images: voxel (i, j) covers
 * [i, j, i + 1, j + 1], its centre is (i + 0.5, j + 0.5). A centre exactly on an outline's edge belongs to what lies right of
 * or below the edge, so that two outlines that share an edge never count a voxel twice.
 */
import { type Ellipse, inner, minus, outer, type Point } from './flat.ts';

/** Told of each voxel inside, row by row. */
export type EachVoxel = (i: number, j: number) => void;

export const voxelsInOutline = (points: readonly Point[], columns: number, rows: number, each: EachVoxel): void => {
  const ys = points.map((point) => point[1]);
  const first = Math.max(0, Math.ceil(Math.min(...ys) - 0.5));
  const last = Math.min(rows - 1, Math.floor(Math.max(...ys) - 0.5));
  for (let j = first; j <= last; j++) {
    const y = j + 0.5;
    const crossings: number[] = [];
    let before = points.at(-1);
    for (const point of points) {
      if (before && before[1] <= y !== point[1] <= y)
        crossings.push(before[0] + ((y - before[1]) / (point[1] - before[1])) * (point[0] - before[0]));
      before = point;
    }
    crossings.sort((a, b) => a - b);
    for (let n = 0; n + 1 < crossings.length; n += 2) {
      const from = Math.max(0, Math.ceil((crossings[n] ?? 0) - 0.5));
      const to = Math.min(columns, Math.ceil((crossings[n + 1] ?? 0) - 0.5));
      for (let i = from; i < to; i++) each(i, j);
    }
  }
};

/** Centres on the ellipse itself are inside. */
export const voxelsInEllipse = (ellipse: Ellipse, columns: number, rows: number, each: EachVoxel): void => {
  const { center, a, b } = ellipse;
  const area = outer(a, b);
  if (area === 0) return;
  // Half extents of its bounding box: of any pair of conjugate half axes.
  const wide = Math.hypot(a[0], b[0]);
  const high = Math.hypot(a[1], b[1]);
  const first = Math.max(0, Math.ceil(center[1] - high - 0.5));
  const last = Math.min(rows - 1, Math.floor(center[1] + high - 0.5));
  const from = Math.max(0, Math.ceil(center[0] - wide - 0.5));
  const to = Math.min(columns - 1, Math.floor(center[0] + wide - 0.5));
  for (let j = first; j <= last; j++)
    for (let i = from; i <= to; i++) {
      const p = minus([i + 0.5, j + 0.5], center);
      // p = alpha a + beta b
      const alpha = outer(p, b) / area;
      const beta = outer(a, p) / area;
      if (inner([alpha, beta], [alpha, beta]) <= 1) each(i, j);
    }
};
