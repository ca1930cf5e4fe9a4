import { BELLY, ID } from './labels.ts';
import type { Canvas } from './paint.ts';

/** A flat detector across y, seen from the front: columns along +x (patient left on image right), rows towards the feet. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly pixelMm: number;
  /** Patient x and z of the central ray; the source lies on it. */
  readonly centreX: number;
  readonly centreZ: number;
  readonly detectorY: number;
  readonly sourceY: number;
}

/** Maps at the canvas's own resolution in the detector plane scaled back to the mid-plane (y = 0). */
export interface Projection {
  readonly size: readonly [number, number];
  /** Integral of attenuation. */
  readonly thickness: Float32Array;
  /** Path in mm. */
  readonly lungLeft: Float32Array;
  readonly lungRight: Float32Array;
  readonly heart: Float32Array;
  readonly abdomen: Float32Array;
  /** Integral of a lesion's own change of attenuation. */
  readonly lesion: (id: number) => Float32Array;
}

/**
 * Sums a canvas (i along x, j towards the feet, k along y) along the rays of a point source: each layer of constant y
 * is magnified about the central ray and added (a shear-warp projection), at the canvas's resolution.
 */
export const project = (canvas: Canvas, plane: Plane, perMm: (hu: number) => number): Projection => {
  const [ni, nj, nk] = canvas.dims;
  const { hu, labels, affine } = canvas;
  const yMm = affine[6];
  const y0 = affine[7];
  const size = ni * nj;
  const thickness = new Float32Array(size),
    lungLeft = new Float32Array(size),
    lungRight = new Float32Array(size);
  const heart = new Float32Array(size),
    abdomen = new Float32Array(size);
  const ci = (ni - 1) / 2,
    cj = (nj - 1) / 2;
  const isAbdomen = new Uint8Array(32);
  for (const id of [ID.liver, ID.spleen, ID['kidney-left'], ID['kidney-right'], BELLY]) isAbdomen[id] = 1;
  const layer = new Float32Array(size);
  for (let k = 0; k < nk; k++) {
    const y = y0 + yMm * k;
    // a ray that crosses the mid-plane at distance d from the axis crosses this layer at d * m
    const m = (y - plane.sourceY) / -plane.sourceY;
    const base = size * k;
    for (let n = 0; n < size; n++) layer[n] = perMm(hu[base + n] as number) * yMm;
    for (let j = 0; j < nj; j++) {
      const v = cj + (j - cj) * m;
      const jv = Math.floor(v);
      if (jv < 0 || jv >= nj - 1) continue;
      const fv = v - jv;
      for (let i = 0; i < ni; i++) {
        const u = ci + (i - ci) * m;
        const iu = Math.floor(u);
        if (iu < 0 || iu >= ni - 1) continue;
        const fu = u - iu;
        const at = iu + ni * jv;
        const p = layer[at] as number,
          q = layer[at + 1] as number,
          r = layer[at + ni] as number,
          s = layer[at + ni + 1] as number;
        const n = i + ni * j;
        thickness[n] = (thickness[n] as number) + (p + (q - p) * fu) * (1 - fv) + (r + (s - r) * fu) * fv;
        const label = labels[base + (fu < 0.5 ? iu : iu + 1) + ni * (fv < 0.5 ? jv : jv + 1)] as number;
        if (label === 2) lungLeft[n] = (lungLeft[n] as number) + yMm;
        else if (label === 3) lungRight[n] = (lungRight[n] as number) + yMm;
        else if (label === 5) heart[n] = (heart[n] as number) + yMm;
        else if (isAbdomen[label] === 1) abdomen[n] = (abdomen[n] as number) + yMm;
      }
    }
  }
  return {
    size: [ni, nj],
    thickness,
    lungLeft,
    lungRight,
    heart,
    abdomen,
    lesion: (id) => {
      const out = new Float32Array(size);
      const change = canvas.changes.get(id) ?? [];
      for (let c = 0; c < change.length; c += 2) {
        const at = change[c] as number;
        const k = Math.floor(at / size),
          j = Math.floor((at % size) / ni),
          i = at % ni;
        const m = -plane.sourceY / (y0 + yMm * k - plane.sourceY);
        const u = ci + (i - ci) * m,
          v = cj + (j - cj) * m;
        const iu = Math.floor(u),
          jv = Math.floor(v);
        if (iu < 0 || jv < 0 || iu >= ni - 1 || jv >= nj - 1) continue;
        const fu = u - iu,
          fv = v - jv;
        // below vacuum nothing is lost any more
        const d = ((change[c + 1] as number) / 1000) * perMm(0) * yMm;
        const n = iu + ni * jv;
        out[n] = (out[n] as number) + d * (1 - fu) * (1 - fv);
        out[n + 1] = (out[n + 1] as number) + d * fu * (1 - fv);
        out[n + ni] = (out[n + ni] as number) + d * (1 - fu) * fv;
        out[n + ni + 1] = (out[n + ni + 1] as number) + d * fu * fv;
      }
      return out;
    },
  };
};

/** A projected map at detector resolution: cubic B-spline-like smooth interpolation (Catmull-Rom would ring at edges). */
export const upsample = (
  map: Float32Array,
  size: readonly [number, number],
  plane: Plane,
  xzMm: number,
): Float32Array => {
  const [ni, nj] = size;
  const { width, height, pixelMm, detectorY, sourceY } = plane;
  // one detector pixel at the mid-plane
  const step = (pixelMm * -sourceY) / (detectorY - sourceY) / xzMm;
  const ci = (ni - 1) / 2,
    cj = (nj - 1) / 2;
  const out = new Float32Array(width * height);
  const columns = new Int32Array(width),
    fraction = new Float32Array(width);
  for (let i = 0; i < width; i++) {
    const u = Math.min(ni - 2.001, Math.max(0, ci + (i - (width - 1) / 2) * step));
    columns[i] = Math.floor(u);
    fraction[i] = u - Math.floor(u);
  }
  for (let j = 0; j < height; j++) {
    const v = Math.min(nj - 2.001, Math.max(0, cj + (j - (height - 1) / 2) * step));
    const jv = Math.floor(v),
      fv = v - jv;
    for (let i = 0; i < width; i++) {
      const at = (columns[i] as number) + ni * jv,
        fu = fraction[i] as number;
      const p = map[at] as number,
        q = map[at + 1] as number,
        r = map[at + ni] as number,
        s = map[at + ni + 1] as number;
      out[i + width * j] = (p + (q - p) * fu) * (1 - fv) + (r + (s - r) * fu) * fv;
    }
  }
  return out;
};

/**
 * Adds the line integral of a bent tube: discs along it, each a flat circle, whose sum across the tube is the chord
 * 2 sqrt(r² - d²) of a round one. `density` is attenuation per mm against what the tube replaces.
 */
export const splatTube = (
  map: Float32Array,
  plane: Plane,
  path: readonly (readonly [number, number, number, number])[],
  radiusOf: (r: number) => number,
  density: number,
): void => {
  const { width, height, pixelMm, centreX, centreZ, detectorY, sourceY } = plane;
  let weights = new Float32Array(64);
  for (let n = 1; n < path.length; n++) {
    const a = path[n - 1],
      b = path[n];
    if (!a || !b) continue;
    const dx = b[0] - a[0],
      dy = b[1] - a[1],
      dz = b[2] - a[2];
    const length = Math.sqrt(dx * dx + dy * dy + dz * dz);
    const spacing = Math.max(0.5, pixelMm * 0.7);
    const steps = Math.max(1, Math.ceil(length / spacing));
    const ds = length / steps;
    for (let s = 0; s < steps; s++) {
      const t = (s + 0.5) / steps;
      const m = (detectorY - sourceY) / (a[1] + dy * t - sourceY);
      const scale = m / pixelMm;
      const u = (width - 1) / 2 + (a[0] + dx * t - centreX) * scale;
      const v = (height - 1) / 2 - (a[2] + dz * t - centreZ) * scale;
      const rMm = radiusOf(a[3] + (b[3] - a[3]) * t);
      const r = rMm * scale;
      const reach = Math.max(r, 0.5) + 0.5;
      const i0 = Math.max(0, Math.ceil(u - reach)),
        i1 = Math.min(width - 1, Math.floor(u + reach));
      const j0 = Math.max(0, Math.ceil(v - reach)),
        j1 = Math.min(height - 1, Math.floor(v + reach));
      if (i0 > i1 || j0 > j1) continue;
      const count = (i1 - i0 + 1) * (j1 - j0 + 1);
      if (weights.length < count) weights = new Float32Array(count * 2);
      let sum = 0,
        w = 0;
      for (let j = j0; j <= j1; j++) {
        const ey = (j - v) * (j - v);
        for (let i = i0; i <= i1; i++) {
          const c = reach - Math.sqrt((i - u) * (i - u) + ey);
          const cover = c <= 0 ? 0 : Math.min(c, 1);
          weights[w++] = cover;
          sum += cover;
        }
      }
      if (sum === 0) continue;
      // volume of this piece of tube, spread over the area of its pixels at its depth
      const amount = density * Math.PI * rMm * rMm * ds * scale * scale;
      // at the image's edge only part of the disc is inside: do not press all of it there
      const cut = i0 === 0 || j0 === 0 || i1 === width - 1 || j1 === height - 1;
      const gain = amount / (cut ? Math.max(sum, Math.PI * Math.max(r, 0.5) ** 2) : sum);
      w = 0;
      for (let j = j0; j <= j1; j++) {
        const row = width * j;
        for (let i = i0; i <= i1; i++) map[row + i] = (map[row + i] as number) + gain * (weights[w++] as number);
      }
    }
  }
};

/** Three box blurs: near a Gaussian of the given deviation in pixels; edges are extended. */
export const blurred = (map: Float32Array, width: number, height: number, sigma: number): Float32Array => {
  const reach = Math.max(1, Math.round(sigma));
  let from = map.slice(),
    to = new Float32Array(map.length);
  const line = (start: number, step: number, count: number): void => {
    let sum = 0;
    const at = (n: number): number => from[start + step * Math.min(count - 1, Math.max(0, n))] as number;
    for (let n = -reach; n <= reach; n++) sum += at(n);
    for (let n = 0; n < count; n++) {
      to[start + step * n] = sum / (2 * reach + 1);
      sum += at(n + reach + 1) - at(n - reach);
    }
  };
  for (let pass = 0; pass < 3; pass++) {
    for (let j = 0; j < height; j++) line(j * width, 1, width);
    [from, to] = [to, from];
    for (let i = 0; i < width; i++) line(i, width, height);
    [from, to] = [to, from];
  }
  return from;
};
