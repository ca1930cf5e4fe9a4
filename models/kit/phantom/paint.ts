import { type Affine, invert, spacingOf, type Vec3 } from '../geometry.ts';
import type { Part, Solid, Tubes } from './shapes.ts';

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

const paintSolid = (canvas: Canvas, part: Solid, inverse: Affine, edgeMm: number): void => {
  const { dims, affine: m, hu, labels, instances } = canvas;
  const [ni, nj, nk] = dims;
  const { box, distance, within, label, instance, opacity } = part;
  const lo = [Infinity, Infinity, Infinity], hi = [-Infinity, -Infinity, -Infinity];
  for (let corner = 0; corner < 8; corner++) {
    const x = box[corner & 1] as number, y = box[2 + ((corner >> 1) & 1)] as number, z = box[4 + (corner >> 2)] as number;
    for (let d = 0; d < 3; d++) {
      const v =
        (inverse[d * 4] as number) * x + (inverse[d * 4 + 1] as number) * y + (inverse[d * 4 + 2] as number) * z +
        (inverse[d * 4 + 3] as number);
      lo[d] = Math.min(lo[d] as number, v);
      hi[d] = Math.max(hi[d] as number, v);
    }
  }
  const width = edgeMm + part.softMm;
  const inverseWidth = 1 / width, half = width / 2;
  const i0 = Math.max(0, Math.ceil(lo[0] as number)), i1 = Math.min(ni - 1, Math.floor(hi[0] as number));
  const j0 = Math.max(0, Math.ceil(lo[1] as number)), j1 = Math.min(nj - 1, Math.floor(hi[1] as number));
  const k0 = Math.max(0, Math.ceil(lo[2] as number)), k1 = Math.min(nk - 1, Math.floor(hi[2] as number));
  const changes = instance ? (canvas.changes.get(instance) ?? []) : null;
  if (changes) canvas.changes.set(instance, changes);
  const [dx, , , , dy, , , , dz] = m;
  const target = part.hu;
  for (let k = k0; k <= k1; k++) {
    for (let j = j0; j <= j1; j++) {
      const ox = m[1] * j + m[2] * k + m[3], oy = m[5] * j + m[6] * k + m[7], oz = m[9] * j + m[10] * k + m[11];
      let from = i0, to = i1;
      // the part of this row inside the box
      if (dx > 1e-9) { from = Math.max(from, Math.ceil((box[0] - ox) / dx)); to = Math.min(to, Math.floor((box[1] - ox) / dx)); }
      else if (dx < -1e-9) { from = Math.max(from, Math.ceil((box[1] - ox) / dx)); to = Math.min(to, Math.floor((box[0] - ox) / dx)); }
      else if (ox < box[0] || ox > box[1]) continue;
      if (dy > 1e-9) { from = Math.max(from, Math.ceil((box[2] - oy) / dy)); to = Math.min(to, Math.floor((box[3] - oy) / dy)); }
      else if (dy < -1e-9) { from = Math.max(from, Math.ceil((box[3] - oy) / dy)); to = Math.min(to, Math.floor((box[2] - oy) / dy)); }
      else if (oy < box[2] || oy > box[3]) continue;
      if (dz > 1e-9) { from = Math.max(from, Math.ceil((box[4] - oz) / dz)); to = Math.min(to, Math.floor((box[5] - oz) / dz)); }
      else if (dz < -1e-9) { from = Math.max(from, Math.ceil((box[5] - oz) / dz)); to = Math.min(to, Math.floor((box[4] - oz) / dz)); }
      else if (oz < box[4] || oz > box[5]) continue;
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
          if (label >= 0) labels[at] = label;
          if (instance) instances[at] = instance;
        }
        if (changes) changes.push(at, change);
      }
    }
  }
};

const tubeRange = (canvas: Canvas, inverse: Affine, segments: Float32Array, s: number, pad: number): Range => {
  const r = Math.max(segments[s + 3] as number, segments[s + 7] as number) + pad;
  const out: number[] = [];
  for (let d = 0; d < 3; d++) {
    const a = inverse[d * 4] as number, b = inverse[d * 4 + 1] as number, c = inverse[d * 4 + 2] as number;
    const t = inverse[d * 4 + 3] as number;
    const p = a * (segments[s] as number) + b * (segments[s + 1] as number) + c * (segments[s + 2] as number) + t;
    const q = a * (segments[s + 4] as number) + b * (segments[s + 5] as number) + c * (segments[s + 6] as number) + t;
    const reach = r * Math.hypot(a, b, c);
    out.push(Math.max(0, Math.ceil(Math.min(p, q) - reach)), Math.min((canvas.dims[d] as number) - 1, Math.floor(Math.max(p, q) + reach)));
  }
  return out as unknown as Range;
};

const paintTubes = (canvas: Canvas, part: Tubes, inverse: Affine, edgeMm: number): void => {
  const { dims, affine: m, hu, labels, instances } = canvas;
  const [ni, nj] = dims;
  const { segments, within, label, instance } = part;
  const half = edgeMm / 2, inverseWidth = 1 / edgeMm;
  const [dx, , , , dy, , , , dz] = m;
  const changes = instance ? (canvas.changes.get(instance) ?? []) : null;
  if (changes) canvas.changes.set(instance, changes);
  for (let s = 0; s < segments.length; s += 8) {
    const [i0, i1, j0, j1, k0, k1] = tubeRange(canvas, inverse, segments, s, half);
    if (i0 > i1 || j0 > j1 || k0 > k1) continue;
    const px = segments[s] as number, py = segments[s + 1] as number, pz = segments[s + 2] as number;
    const pr = segments[s + 3] as number, qr = segments[s + 7] as number;
    const ux = (segments[s + 4] as number) - px, uy = (segments[s + 5] as number) - py, uz = (segments[s + 6] as number) - pz;
    const length2 = ux * ux + uy * uy + uz * uz || 1e-9;
    for (let k = k0; k <= k1; k++) {
      for (let j = j0; j <= j1; j++) {
        const ox = m[1] * j + m[2] * k + m[3] - px, oy = m[5] * j + m[6] * k + m[7] - py, oz = m[9] * j + m[10] * k + m[11] - pz;
        const row = ni * (j + nj * k);
        for (let i = i0; i <= i1; i++) {
          const x = ox + dx * i, y = oy + dy * i, z = oz + dz * i;
          let t = (x * ux + y * uy + z * uz) / length2;
          t = t < 0 ? 0 : t > 1 ? 1 : t;
          const r = pr + (qr - pr) * t;
          // thinner than a voxel: drawn as wide as one, at the strength of its cross-section
          const thin = r < half;
          const reach = thin ? half : r;
          const ex = x - ux * t, ey = y - uy * t, ez = z - uz * t;
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
            if (label >= 0) labels[at] = label;
            if (instance) instances[at] = instance;
          }
          if (changes) changes.push(at, change);
        }
      }
    }
  }
};

/** Paints the parts in order. `edgeMm` is the width of a soft edge: about the voxel's size. */
export const paint = (canvas: Canvas, parts: readonly Part[], edgeMm?: number): void => {
  const spacing = spacingOf(canvas.affine);
  const edge = edgeMm ?? Math.cbrt(spacing[0] * spacing[1] * Math.min(spacing[2], 2 * spacing[0]));
  const inverse = invert(canvas.affine);
  for (const part of parts) {
    if (part.kind === 'solid') paintSolid(canvas, part, inverse, edge);
    else paintTubes(canvas, part, inverse, edge);
  }
};
