/** Voxels between the voxels: trilinear for values, nearest for labels. NaN or 0 where there is nothing. */
import type { Vec3 } from '../../../models/kit/geometry.ts';
import type { Slices } from './cut.ts';
import { Gathered, type SlabKind } from './slab.ts';

interface Readable {
  readonly length: number;
  readonly [index: number]: number;
}

export interface Sampled {
  readonly slices: Slices<Readable>;
  readonly dims: Vec3;
  /** Stored values that are fill. */
  readonly padding?: readonly [number, number] | undefined;
}

/** An image laid into a volume: voxel indexes (a voxel's middle is whole) of its first pixel's middle, and steps. */
export interface Laid {
  readonly first: Vec3;
  readonly right: Vec3;
  readonly down: Vec3;
  readonly columns: number;
  readonly rows: number;
}

/** Of a row: the columns [from, to) whose middles lie in the volume, its outer faces included. */
const inside = (dims: Vec3, at: Vec3, step: Vec3, columns: number): readonly [number, number] => {
  let from = 0;
  let to = columns;
  for (const n of [0, 1, 2] as const) {
    const [low, high] = [-0.5 - at[n], dims[n] - 0.5 - at[n]];
    if (Math.abs(step[n]) < 1e-9) {
      if (low > 0 || high < 0) return [0, 0];
      continue;
    }
    const [a, b] = step[n] > 0 ? [low / step[n], high / step[n]] : [high / step[n], low / step[n]];
    from = Math.max(from, Math.ceil(a - 1e-6));
    to = Math.min(to, Math.floor(b + 1e-6) + 1);
  }
  return from < to ? [from, to] : [0, 0];
};

/** One value; NaN outside, where a slice that is needed has not come, and in fill. */
export const valueAt = (volume: Sampled, x: number, y: number, z: number): number => {
  const one = new Float32Array(1);
  row(volume, [x, y, z], [0, 0, 0], one, 0, 1);
  return one[0] ?? Number.NaN;
};

const isFill = (value: number, low: number, high: number): boolean => value >= low && value <= high;

/** Near fill: of the eight voxels about, only those that are none; fill where the nearest is. */
const besideFill = (
  eight: readonly number[],
  fx: number,
  fy: number,
  fz: number,
  low: number,
  high: number,
): number => {
  const nearest = (fx >= 0.5 ? 1 : 0) + (fy >= 0.5 ? 2 : 0) + (fz >= 0.5 ? 4 : 0);
  if (isFill(eight[nearest] ?? Number.NaN, low, high)) return Number.NaN;
  let [sum, weights] = [0, 0];
  for (const [n, value] of eight.entries()) {
    if (isFill(value, low, high)) continue;
    const weight = (n & 1 ? fx : 1 - fx) * (n & 2 ? fy : 1 - fy) * (n & 4 ? fz : 1 - fz);
    sum += weight * value;
    weights += weight;
  }
  return weights > 0 ? sum / weights : Number.NaN;
};

/** Columns [from, to) of a row of the image into out, all of them in the volume. */
const row = (volume: Sampled, at: Vec3, step: Vec3, out: Float32Array, from: number, to: number): void => {
  const { slices, dims, padding } = volume;
  const [nx, ny, nz] = dims;
  const [dx, dy] = [nx > 1 ? 1 : 0, ny > 1 ? nx : 0];
  const [lastX, lastY, lastZ] = [Math.max(0, nx - 2), Math.max(0, ny - 2), Math.max(0, nz - 2)];
  const [low, high] = padding ?? [Number.NaN, Number.NaN];
  for (let column = from; column < to; column++) {
    const x = Math.min(nx - 1, Math.max(0, at[0] + column * step[0]));
    const y = Math.min(ny - 1, Math.max(0, at[1] + column * step[1]));
    const z = Math.min(nz - 1, Math.max(0, at[2] + column * step[2]));
    const i = Math.min(lastX, x | 0);
    const j = Math.min(lastY, y | 0);
    const k = Math.min(lastZ, z | 0);
    const fx = x - i;
    const fy = y - j;
    const fz = z - k;
    const upper = fz < 1e-6 ? slices[k] : slices[k + 1];
    const lower = fz > 1 - 1e-6 ? upper : slices[k];
    if (!lower || !upper) {
      out[column] = Number.NaN;
      continue;
    }
    const o = i + j * nx;
    const a = lower[o] ?? 0;
    const b = lower[o + dx] ?? 0;
    const c = lower[o + dy] ?? 0;
    const d = lower[o + dx + dy] ?? 0;
    const e = upper[o] ?? 0;
    const f = upper[o + dx] ?? 0;
    const g = upper[o + dy] ?? 0;
    const h = upper[o + dx + dy] ?? 0;
    if (
      padding !== undefined &&
      (isFill(a, low, high) ||
        isFill(b, low, high) ||
        isFill(c, low, high) ||
        isFill(d, low, high) ||
        isFill(e, low, high) ||
        isFill(f, low, high) ||
        isFill(g, low, high) ||
        isFill(h, low, high))
    ) {
      out[column] = besideFill([a, b, c, d, e, f, g, h], fx, fy, fz, low, high);
      continue;
    }
    const p = a + (b - a) * fx;
    const q = c + (d - c) * fx;
    const r = e + (f - e) * fx;
    const s = g + (h - g) * fx;
    const t = p + (q - p) * fy;
    out[column] = t + (r + (s - r) * fy - t) * fz;
  }
};

const moved = (at: Vec3, step: Vec3, by: number): Vec3 => [
  at[0] + by * step[0],
  at[1] + by * step[1],
  at[2] + by * step[2],
];

/** Rows to do before another turn is let in. */
const ROWS_AT_ONCE = 24;

/** All of the image, NaN where there is nothing; yields now and then. */
export const sampleImage = function* (
  volume: Sampled,
  laid: Laid,
  /** Planes gathered on each side, and the step between them in voxels; null: this plane alone. */
  slab: { readonly kind: SlabKind; readonly reach: number; readonly step: Vec3 } | null,
): Generator<void, Float32Array<ArrayBuffer>> {
  const { columns, rows } = laid;
  const gathered = slab === null ? null : new Gathered(slab.kind, columns * rows);
  const out = gathered?.values ?? new Float32Array(columns * rows).fill(Number.NaN);
  const line = new Float32Array(columns);
  const reach = slab?.reach ?? 0;
  let since = 0;
  for (let y = 0; y < rows; y++) {
    const begin = moved(laid.first, laid.down, y);
    for (let n = -reach; n <= reach; n++) {
      const at = slab === null ? begin : moved(begin, slab.step, n);
      const [from, to] = inside(volume.dims, at, laid.right, columns);
      if (from >= to) continue;
      row(volume, at, laid.right, line, from, to);
      const found = line.subarray(from, to);
      if (gathered === null) out.set(found, y * columns + from);
      else gathered.take(found, y * columns + from);
      since++;
    }
    if (since < ROWS_AT_ONCE) continue;
    since = 0;
    yield;
  }
  return gathered?.end() ?? out;
};

/** Labels of the nearest voxels, 0 outside. */
export const nearestLabels = (slices: Slices<Readable>, dims: Vec3, laid: Laid): Uint8Array => {
  const { columns, rows, right } = laid;
  const out = new Uint8Array(columns * rows);
  const [nx, ny, nz] = dims;
  for (let y = 0; y < rows; y++) {
    const at = moved(laid.first, laid.down, y);
    const [from, to] = inside(dims, at, right, columns);
    for (let column = from; column < to; column++) {
      const i = Math.min(nx - 1, Math.max(0, (at[0] + column * right[0] + 0.5) | 0));
      const j = Math.min(ny - 1, Math.max(0, (at[1] + column * right[1] + 0.5) | 0));
      const k = Math.min(nz - 1, Math.max(0, (at[2] + column * right[2] + 0.5) | 0));
      out[y * columns + column] = slices[k]?.[i + j * nx] ?? 0;
    }
  }
  return out;
};

/** All at once. */
export const finish = <T>(work: Generator<void, T>): T => {
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
};
