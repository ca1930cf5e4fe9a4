import { type Affine, spacingOf, type Vec3 } from '../geometry.ts';
import type { VolumeStep } from '../manifest.ts';
import { axisWeights, nearestIndex, resamplePlane } from '../resample.ts';
import { isolate } from './isolate.ts';

/**
 * Where a network's grid lies in a series' grid. Network axes are x (to the patient's left), y (to the back), z (to the
 * head), each one of the series' axes i, j, k, read forwards or from its end.
 */
export interface NetworkGrid {
  /** [x, y, z] */
  readonly dims: Vec3;
  readonly spacingMm: Vec3;
  /** Series axis (0 = i, 1 = j, 2 = k) of network axis n. */
  readonly axis: readonly [number, number, number];
  readonly flipped: readonly [boolean, boolean, boolean];
  /** Series samples per network sample, by network axis. */
  readonly step: Vec3;
  readonly seriesDims: Vec3;
  readonly affineNetworkToPatient: Affine;
}

const three = <T>(f: (n: 0 | 1 | 2) => T): [T, T, T] => [f(0), f(1), f(2)];

/** Which series axis runs most along each patient axis; every series axis is used once. */
const nearestAxes = (affine: Affine): { axis: [number, number, number]; flipped: [boolean, boolean, boolean] } => {
  const spacing = spacingOf(affine);
  const along = (patient: number, series: number): number =>
    (affine[(patient * 4 + series) as 0] ?? 0) / (spacing[series as 0] || 1);
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ] as const;
  const fit = (order: readonly [number, number, number]): number =>
    order.reduce((sum, series, patient) => sum + Math.abs(along(patient, series)), 0);
  const best = orders.reduce((a, b) => (fit(b) > fit(a) + 1e-9 ? b : a));
  return { axis: [...best], flipped: three((n) => along(n, best[n]) < 0) };
};

/** The grid that the steps 'reorient' and 'resample' ask for. */
export const networkGrid = (dims: Vec3, affine: Affine, steps: readonly VolumeStep[]): NetworkGrid => {
  const { axis, flipped } = nearestAxes(affine);
  const seriesSpacing = spacingOf(affine);
  const of = (v: Vec3, n: number): number => v[n as 0] ?? Number.NaN;
  const wanted = steps.find((step) => step.step === 'resample')?.spacingMm;
  const spacingMm = three((n) => wanted?.[n] ?? of(seriesSpacing, axis[n]));
  const step = three((n) => spacingMm[n] / of(seriesSpacing, axis[n]));
  if (!step.every((s) => Number.isFinite(s) && s > 0)) throw new RangeError('the volume has an axis without length');
  const grid = three((n) => Math.max(1, Math.floor(of(dims, axis[n]) / step[n] + 0.5)));
  // direction in patient mm of one network step, and of the first voxel's centre
  const direction = (n: 0 | 1 | 2): Vec3 =>
    three((p) => (affine[(p * 4 + axis[n]) as 0] ?? 0) * step[n] * (flipped[n] ? -1 : 1));
  const start = three((n) => (flipped[n] ? of(dims, axis[n]) - 0.5 * step[n] - 0.5 : 0.5 * step[n] - 0.5));
  const first: [number, number, number] = [0, 0, 0];
  for (const n of [0, 1, 2] as const) first[axis[n] as 0] = start[n];
  const origin = three(
    (p) =>
      (affine[(p * 4) as 0] ?? 0) * first[0] +
      (affine[(p * 4 + 1) as 0] ?? 0) * first[1] +
      (affine[(p * 4 + 2) as 0] ?? 0) * first[2] +
      (affine[(p * 4 + 3) as 0] ?? 0),
  );
  const [dx, dy, dz] = three(direction);
  return {
    dims: grid,
    spacingMm,
    axis,
    flipped,
    step,
    seriesDims: dims,
    affineNetworkToPatient: [
      dx[0],
      dy[0],
      dz[0],
      origin[0],
      dx[1],
      dy[1],
      dz[1],
      origin[1],
      dx[2],
      dy[2],
      dz[2],
      origin[2],
    ],
  };
};

/**
 * Modality values on the network's grid, [z, y, x] float32. Slices of the series (k, in order) are read one by one, so
 * that a long series never lies in memory twice.
 */
export const resampleToNetwork = (
  grid: NetworkGrid,
  /** Modality values of slice k, [rows, columns]; may be reused by the reader. */
  slice: (k: number) => Float32Array,
): Float32Array => {
  const networkAxisOf = (series: number): 0 | 1 | 2 => grid.axis.indexOf(series) as 0 | 1 | 2;
  const weightsFor = (series: 0 | 1 | 2) => {
    const n = networkAxisOf(series);
    return axisWeights(grid.seriesDims[series], grid.dims[n], grid.step[n], 'clamp', grid.flipped[n]);
  };
  const [wi, wj, wk] = three(weightsFor);
  const [X, Y, Z] = grid.dims;
  const strides = [1, X, X * Y];
  const [si, sj, sk] = three((series) => strides[networkAxisOf(series)] ?? 0);
  const out = new Float32Array(X * Y * Z);
  // which new samples an old slice feeds
  const feeds: { n: number; weight: number }[][] = Array.from({ length: grid.seriesDims[2] }, () => []);
  for (let n = 0; n < wk.count; n++)
    for (let w = 0; w < wk.width; w++) {
      const weight = wk.weights[n * wk.width + w] ?? 0;
      if (weight !== 0) feeds[(wk.first[n] ?? 0) + w]?.push({ n, weight });
    }
  for (const [k, targets] of feeds.entries()) {
    if (targets.length === 0) continue;
    const plane = resamplePlane(slice(k), grid.seriesDims[0], grid.seriesDims[1], wi, wj);
    for (const { n, weight } of targets) {
      const at = n * sk;
      for (let j = 0; j < wj.count; j++) {
        let to = at + j * sj;
        const from = j * wi.count;
        for (let i = 0; i < wi.count; i++, to += si) out[to] = (out[to] ?? 0) + weight * (plane[from + i] ?? 0);
      }
    }
  }
  return out;
};

/** Steps on single values, in place; answers what the value outside the body and the volume (air) becomes. */
export const pointSteps = (data: Float32Array, steps: readonly VolumeStep[], airHu = -1024): number => {
  let air = airHu;
  for (const step of steps) {
    if (step.step === 'window') {
      const width = Math.max(step.high - step.low, 1e-6);
      const change = (v: number): number => Math.min(1, Math.max(0, (v - step.low) / width));
      for (let n = 0; n < data.length; n++) data[n] = change(data[n] ?? 0);
      air = change(air);
    } else if (step.step === 'normalise') {
      for (let n = 0; n < data.length; n++) data[n] = ((data[n] ?? 0) - step.mean) / step.deviation;
      air = (air - step.mean) / step.deviation;
    }
  }
  return air;
};

/** The steps after resampling, in place: [z, y, x] modality values of `dims` become the network's. Answers what air becomes. */
export const volumeSteps = (data: Float32Array, dims: Vec3, steps: readonly VolumeStep[]): number => {
  const own = steps.find((step) => step.step === 'isolate');
  if (own) isolate(data, dims, own);
  return pointSteps(data, steps);
};

/** For each index of a series axis, the network index that covers it: labels come back by the nearest. */
export const backTables = (grid: NetworkGrid): [Int32Array, Int32Array, Int32Array] =>
  three((series) => {
    const n = grid.axis.indexOf(series) as 0 | 1 | 2;
    const count = grid.seriesDims[series];
    const table = new Int32Array(count);
    for (let index = 0; index < count; index++) {
      // the series axis seen from its network end
      const seen = grid.flipped[n] ? count - 1 - index : index;
      table[index] = nearestIndex(grid.dims[n], seen, 1 / grid.step[n]);
    }
    return table;
  });

/** Offset of a network voxel (x, y, z) by series axis: stride of i, j, k in the [z, y, x] array. */
export const backStrides = (grid: NetworkGrid): [number, number, number] => {
  const strides = [1, grid.dims[0], grid.dims[0] * grid.dims[1]];
  return three((series) => strides[grid.axis.indexOf(series)] ?? 0);
};

/** For each index of a series axis: the network index below it, and how far towards the next, 0..1. */
export const backFractions = (grid: NetworkGrid): [AxisFractions, AxisFractions, AxisFractions] =>
  three((series) => {
    const n = grid.axis.indexOf(series) as 0 | 1 | 2;
    const count = grid.seriesDims[series];
    const last = grid.dims[n] - 1;
    const below = new Int32Array(count);
    const fraction = new Float32Array(count);
    for (let index = 0; index < count; index++) {
      const seen = grid.flipped[n] ? count - 1 - index : index;
      const at = Math.min(last, Math.max(0, (seen + 0.5) / grid.step[n] - 0.5));
      below[index] = Math.min(Math.floor(at), Math.max(0, last - 1));
      fraction[index] = at - (below[index] ?? 0);
    }
    return { below, fraction, more: last > 0 ? 1 : 0 };
  });

export interface AxisFractions {
  readonly below: Int32Array;
  readonly fraction: Float32Array;
  /** 1 where there is a next network index at all, 0 on an axis of one. */
  readonly more: 0 | 1;
}
