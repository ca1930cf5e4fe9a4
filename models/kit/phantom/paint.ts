import { type Affine, invert, spacingOf, type Vec3 } from '../geometry.ts';
import type { Box, Field, Part, Solid, Tubes } from './shapes.ts';

/**
 * Paints shapes over each other into a grid of any orientation (shears included). Edges are blended by the part of
 * a voxel that they cover, so a thin vessel shows at partial strength and no edge is jagged.
 */
export interface Canvas {
  readonly dims: Vec3;
  readonly affine: Affine;
  /** HU. */
  readonly hu: Float32Array;
  readonly labels: Uint8Array;
  readonly instances: Uint8Array;
  /** Change in HU by lesion: voxel index and change, interleaved. */
  readonly changes: Map<number, number[]>;
}

export const blankCanvas = (dims: Vec3, affine: Affine): Canvas => {
  const n = dims[0] * dims[1] * dims[2];
  return {
    dims,
    affine,
    hu: new Float32Array(n).fill(-1000),
    labels: new Uint8Array(n),
    instances: new Uint8Array(n),
    changes: new Map(),
  };
};

type Range = readonly [number, number, number, number, number, number];

/** Voxels that a box in patient mm can touch: [i0, i1, j0, j1, k0, k1]. */
const boxRange = (canvas: Canvas, inverse: Affine, box: Box): Range => {
  const out: number[] = [];
  for (let d = 0; d < 3; d++) {
    let lo = Infinity,
      hi = -Infinity;
    for (let corner = 0; corner < 8; corner++) {
      const x = box[corner & 1] as number,
        y = box[2 + ((corner >> 1) & 1)] as number,
        z = box[4 + (corner >> 2)] as number;
      const v =
        (inverse[d * 4] as number) * x +
        (inverse[d * 4 + 1] as number) * y +
        (inverse[d * 4 + 2] as number) * z +
        (inverse[d * 4 + 3] as number);
      lo = Math.min(lo, v);
      hi = Math.max(hi, v);
    }
    out.push(Math.max(0, Math.ceil(lo)), Math.min((canvas.dims[d] as number) - 1, Math.floor(hi)));
  }
  return out as unknown as Range;
};

/** Part of a row (origin o, step d in one coordinate) between low and high, narrowing span[0] to span[1]. */
const clip = (span: Float64Array, o: number, d: number, low: number, high: number): void => {
  if (d > 1e-9 || d < -1e-9) {
    const a = (low - o) / d,
      b = (high - o) / d;
    const from = Math.ceil(d > 0 ? a : b),
      to = Math.floor(d > 0 ? b : a);
    if (from > (span[0] as number)) span[0] = from;
    if (to < (span[1] as number)) span[1] = to;
  } else if (o < low || o > high) span[1] = -1;
};

const paintSolid = (canvas: Canvas, part: Solid, inverse: Affine, edgeMm: number): void => {
  const { dims, affine: m, hu, labels, instances } = canvas;
  const [ni, nj] = dims;
  const { box, distance, within, label, instance, opacity, hu: target } = part;
  const width = edgeMm + part.softMm;
  const inverseWidth = 1 / width,
    half = width / 2;
  const [i0, i1, j0, j1, k0, k1] = boxRange(canvas, inverse, box);
  const changes = instance ? (canvas.changes.get(instance) ?? []) : null;
  if (changes) canvas.changes.set(instance, changes);
  const [dx, , , , dy, , , , dz] = m;
  const span = new Float64Array(2);
  for (let k = k0; k <= k1; k++) {
    for (let j = j0; j <= j1; j++) {
      const ox = m[1] * j + m[2] * k + m[3],
        oy = m[5] * j + m[6] * k + m[7],
        oz = m[9] * j + m[10] * k + m[11];
      span[0] = i0;
      span[1] = i1;
      clip(span, ox, dx, box[0], box[1]);
      clip(span, oy, dy, box[2], box[3]);
      clip(span, oz, dz, box[4], box[5]);
      const from = span[0],
        to = span[1];
      const row = ni * (j + nj * k);
      for (let i = from; i <= to; i++) {
        const at = row + i;
        if (within !== 0 && (within & (1 << (labels[at] as number))) === 0) continue;
        const d = distance(ox + dx * i, oy + dy * i, oz + dz * i);
        if (d >= half) continue;
        let cover = 0.5 - d * inverseWidth;
        if (cover > 1) cover = 1;
        const old = hu[at] as number;
        const change = cover * opacity * (target - old);
        hu[at] = old + change;
        if (cover >= 0.5) {
          if (label >= 0) {
            labels[at] = label;
            // what covers a lesion takes its voxel
            instances[at] = instance;
          } else if (instance) instances[at] = instance;
        }
        if (changes) changes.push(at, change);
      }
    }
  }
};

const paintField = (canvas: Canvas, part: Field, inverse: Affine, edgeMm: number): void => {
  const { dims, affine: m, hu, labels } = canvas;
  const [ni, nj] = dims;
  const { box, sample } = part;
  const [i0, i1, j0, j1, k0, k1] = boxRange(canvas, inverse, box);
  const [dx, , , , dy, , , , dz] = m;
  const span = new Float64Array(2),
    out = new Float64Array(2);
  for (let k = k0; k <= k1; k++) {
    for (let j = j0; j <= j1; j++) {
      const ox = m[1] * j + m[2] * k + m[3],
        oy = m[5] * j + m[6] * k + m[7],
        oz = m[9] * j + m[10] * k + m[11];
      span[0] = i0;
      span[1] = i1;
      clip(span, ox, dx, box[0], box[1]);
      clip(span, oy, dy, box[2], box[3]);
      clip(span, oz, dz, box[4], box[5]);
      const from = span[0],
        to = span[1];
      const row = ni * (j + nj * k);
      for (let i = from; i <= to; i++) {
        sample(ox + dx * i, oy + dy * i, oz + dz * i, edgeMm, out);
        if ((out[1] as number) < 0) continue;
        hu[row + i] = out[0] as number;
        labels[row + i] = out[1] as number;
      }
    }
  }
};

const tubeRange = (canvas: Canvas, inverse: Affine, segments: Float32Array, s: number, pad: number): Range => {
  const r = Math.max(segments[s + 3] as number, segments[s + 7] as number) + pad;
  const out: number[] = [];
  for (let d = 0; d < 3; d++) {
    const a = inverse[d * 4] as number,
      b = inverse[d * 4 + 1] as number,
      c = inverse[d * 4 + 2] as number;
    const t = inverse[d * 4 + 3] as number;
    const p = a * (segments[s] as number) + b * (segments[s + 1] as number) + c * (segments[s + 2] as number) + t;
    const q = a * (segments[s + 4] as number) + b * (segments[s + 5] as number) + c * (segments[s + 6] as number) + t;
    const reach = r * Math.hypot(a, b, c);
    out.push(
      Math.max(0, Math.ceil(Math.min(p, q) - reach)),
      Math.min((canvas.dims[d] as number) - 1, Math.floor(Math.max(p, q) + reach)),
    );
  }
  return out as unknown as Range;
};

const paintTubes = (canvas: Canvas, part: Tubes, inverse: Affine, edgeMm: number): void => {
  const { dims, affine: m, hu, labels, instances } = canvas;
  const [ni, nj] = dims;
  const { segments, within, label, instance } = part;
  const half = edgeMm / 2,
    inverseWidth = 1 / edgeMm;
  const [dx, , , , dy, , , , dz] = m;
  const changes = instance ? (canvas.changes.get(instance) ?? []) : null;
  if (changes) canvas.changes.set(instance, changes);
  for (let s = 0; s < segments.length; s += 8) {
    const [i0, i1, j0, j1, k0, k1] = tubeRange(canvas, inverse, segments, s, half);
    if (i0 > i1 || j0 > j1 || k0 > k1) continue;
    const px = segments[s] as number,
      py = segments[s + 1] as number,
      pz = segments[s + 2] as number;
    const pr = segments[s + 3] as number,
      qr = segments[s + 7] as number;
    const ux = (segments[s + 4] as number) - px,
      uy = (segments[s + 5] as number) - py,
      uz = (segments[s + 6] as number) - pz;
    const length2 = ux * ux + uy * uy + uz * uz || 1e-9;
    for (let k = k0; k <= k1; k++) {
      for (let j = j0; j <= j1; j++) {
        const ox = m[1] * j + m[2] * k + m[3] - px,
          oy = m[5] * j + m[6] * k + m[7] - py,
          oz = m[9] * j + m[10] * k + m[11] - pz;
        const row = ni * (j + nj * k);
        for (let i = i0; i <= i1; i++) {
          const x = ox + dx * i,
            y = oy + dy * i,
            z = oz + dz * i;
          let t = (x * ux + y * uy + z * uz) / length2;
          t = t < 0 ? 0 : Math.min(t, 1);
          const r = pr + (qr - pr) * t;
          // thinner than a voxel: drawn as wide as one, at the strength of its cross-section
          const thin = r < half;
          const reach = thin ? half : r;
          const ex = x - ux * t,
            ey = y - uy * t,
            ez = z - uz * t;
          const square = ex * ex + ey * ey + ez * ez;
          if (square >= (reach + half) * (reach + half)) continue;
          let cover = 0.5 - (Math.sqrt(square) - reach) * inverseWidth;
          if (cover > 1) cover = 1;
          if (thin) cover *= (r * r) / (half * half);
          const at = row + i;
          if (within !== 0 && (within & (1 << (labels[at] as number))) === 0) continue;
          const old = hu[at] as number;
          const change = cover * (part.hu - old);
          hu[at] = old + change;
          if (cover >= 0.5) {
            if (label >= 0) {
              labels[at] = label;
              // what covers a lesion takes its voxel
              instances[at] = instance;
            } else if (instance) instances[at] = instance;
          }
          if (changes) changes.push(at, change);
        }
      }
    }
  }
};

/** Width of a soft edge on a grid, mm: about the voxel's size, less along thick slices. */
export const edgeOf = (affine: Affine): number => {
  const [a, b, c] = spacingOf(affine);
  return Math.cbrt(a * b * Math.min(c, 2 * a));
};

/** Paints the parts in order. `edgeMm` is the width of a soft edge: about the voxel's size. */
export const paint = (canvas: Canvas, parts: readonly Part[], edgeMm?: number): void => {
  const edge = edgeMm ?? edgeOf(canvas.affine);
  const inverse = invert(canvas.affine);
  for (const part of parts) {
    if (part.kind === 'solid') paintSolid(canvas, part, inverse, edge);
    else if (part.kind === 'field') paintField(canvas, part, inverse, edge);
    else paintTubes(canvas, part, inverse, edge);
  }
};
