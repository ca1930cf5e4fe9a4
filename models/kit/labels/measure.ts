/** How much of each label there is and where, slice by slice, so that an edit of a slice measures that slice again. */
import { type Affine, cross, dot } from '../geometry.ts';

/** One label in one slice; bounds half-open, in pixels. */
export interface InSlice {
  readonly voxels: number;
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}
/** By label value; 0 is no label. */
export type SliceMeasure = ReadonlyMap<number, InSlice>;

export interface LabelMeasure {
  readonly voxels: number;
  /** [i0, j0, k0, i1, j1, k1], half-open. */
  readonly bounds: readonly [number, number, number, number, number, number];
  /** The slice that holds most of it; of equals the first. */
  readonly largest: number;
}

const EMPTY: SliceMeasure = new Map();

/** Runs of one label are taken whole: most of a slice is one run. */
export const measureSlice = (slice: Uint8Array, columns: number): SliceMeasure => {
  const voxels = new Uint32Array(256);
  const x0 = new Uint32Array(256).fill(columns);
  const x1 = new Uint32Array(256);
  const y0 = new Uint32Array(256);
  const y1 = new Uint32Array(256);
  let any = false;
  const rows = slice.length / columns;
  for (let y = 0, at = 0; y < rows; y++) {
    const end = at + columns;
    const row = at;
    while (at < end) {
      const value = slice[at] ?? 0;
      const begun = at;
      do at++;
      while (at < end && slice[at] === value);
      if (value === 0) continue;
      any = true;
      if (voxels[value] === 0) y0[value] = y;
      y1[value] = y + 1;
      voxels[value] = (voxels[value] ?? 0) + at - begun;
      if (begun - row < (x0[value] ?? 0)) x0[value] = begun - row;
      if (at - row > (x1[value] ?? 0)) x1[value] = at - row;
    }
  }
  if (!any) return EMPTY;
  const found = new Map<number, InSlice>();
  for (let value = 1; value < 256; value++) {
    const count = voxels[value] ?? 0;
    if (count > 0)
      found.set(value, {
        voxels: count,
        x0: x0[value] ?? 0,
        y0: y0[value] ?? 0,
        x1: x1[value] ?? 0,
        y1: y1[value] ?? 0,
      });
  }
  return found;
};

/** Of all slices, by label; labels that are nowhere are not in it. */
export const measureLabels = (slices: readonly SliceMeasure[]): Map<number, LabelMeasure> => {
  const found = new Map<number, LabelMeasure>();
  const most = new Map<number, number>();
  for (const [k, slice] of slices.entries())
    for (const [value, one] of slice) {
      const known = found.get(value);
      const larger = one.voxels > (most.get(value) ?? 0);
      if (larger) most.set(value, one.voxels);
      const b = known?.bounds ?? [one.x0, one.y0, k, one.x1, one.y1, k + 1];
      found.set(value, {
        voxels: (known?.voxels ?? 0) + one.voxels,
        bounds: [
          Math.min(b[0], one.x0),
          Math.min(b[1], one.y0),
          b[2],
          Math.max(b[3], one.x1),
          Math.max(b[4], one.y1),
          k + 1,
        ],
        largest: larger || known === undefined ? k : known.largest,
      });
    }
  return found;
};

/** Millilitres of one voxel of a grid. */
export const voxelMl = (m: Affine): number =>
  Math.abs(dot(cross([m[0], m[4], m[8]], [m[1], m[5], m[9]]), [m[2], m[6], m[10]])) / 1000;
