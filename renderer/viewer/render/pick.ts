/** What a line of sight meets first: the place that a click in the 3D view means. */
import { add, invert, scale, type Vec3, voxelToPatient } from '../../../models/kit/geometry.ts';
import type { Affine, Frame } from '../../../preload/contract/index.ts';
import type { PixelArray } from '../data/pixels.ts';
import { type HalfSpace, keptOf } from '../view/scene-cut.ts';
import { opacityOfStep } from '../view/transfer.ts';
import { firstInside, type PlacedMesh } from './mesh-points.ts';

export interface PickedVolume {
  readonly kind: 'light' | 'most';
  readonly frames: readonly Frame[];
  readonly pixels: readonly (PixelArray | null)[];
  readonly affine: Affine;
  readonly dims: Vec3;
  readonly domain: readonly [number, number];
  readonly table: Float32Array;
}

interface Pick {
  readonly volume: PickedVolume | null;
  readonly surfaces: readonly { readonly mesh: PlacedMesh; readonly opacity: number }[];
  readonly cuts: readonly HalfSpace[];
  readonly from: Vec3;
  /** Unit vector. */
  readonly along: Vec3;
  readonly reachMm: number;
}

/** So much in all, from the eye on, is what the reader sees there. */
const SEEN = 0.4;
/** Less than this in all is nothing. */
const FAINT = 0.05;

/** Modality value at continuous voxel indices (centres whole), joined by lines; null outside. */
const valueAt = (volume: PickedVolume, v: Vec3): number | null => {
  const [nx, ny, nz] = volume.dims;
  if (v[0] < -0.5 || v[1] < -0.5 || v[2] < -0.5 || v[0] > nx - 0.5 || v[1] > ny - 0.5 || v[2] > nz - 0.5) return null;
  const base = v.map((part, n) => Math.min((volume.dims[n] ?? 1) - 1, Math.max(0, part)));
  const low = base.map(Math.floor);
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    let weight = 1;
    const at = [0, 1, 2].map((n) => {
      const upper = (corner >> n) & 1;
      const part = (base[n] ?? 0) - (low[n] ?? 0);
      weight *= upper === 1 ? part : 1 - part;
      return Math.min((volume.dims[n] ?? 1) - 1, (low[n] ?? 0) + upper);
    });
    if (weight === 0) continue;
    const [i = 0, j = 0, k = 0] = at;
    const frame = volume.frames[k];
    const stored = volume.pixels[k]?.[i + nx * j];
    if (frame === undefined || stored === undefined) return null;
    const isFill = frame.padding !== undefined && stored >= frame.padding[0] && stored <= frame.padding[1];
    sum += weight * (isFill ? volume.domain[0] : stored * frame.slope + frame.intercept);
  }
  return sum;
};

const opacityOf = ({ domain, table }: PickedVolume, value: number): number => {
  const entries = table.length / 4;
  const part = Math.min(1, Math.max(0, (value - domain[0]) / (domain[1] - domain[0])));
  return table[Math.round(part * (entries - 1)) * 4 + 3] ?? 0;
};

/**
 * Patient millimetres of what is seen there; null where nothing is. Of a projection the place of the highest value. Surfaces
 * that are seen through count as much as they hide.
 */
export const pick = ({ volume, surfaces, cuts, from, along, reachMm }: Pick): Vec3 | null => {
  const kept = keptOf(cuts, from, along, [-reachMm, reachMm]);
  if (kept[0] >= kept[1]) return null;
  const place = (t: number): Vec3 => add(from, scale(along, t));
  const hits = surfaces
    .flatMap(({ mesh, opacity }) => {
      const at = firstInside(mesh, from, along, kept);
      return at === null || opacity <= 0 ? [] : [{ at, opacity }];
    })
    .sort((a, b) => a.at - b.at);
  if (volume === null || volume.kind === 'most') {
    const solid = hits.find(({ opacity }) => opacity >= SEEN) ?? hits[0];
    if (solid !== undefined) return place(solid.at);
    if (volume === null) return null;
  }
  const toVoxel = invert(volume.affine);
  const stepMm = 0.5;
  let [sum, best, bestAt, most, mostAt] = [0, 0, Number.NaN, Number.NEGATIVE_INFINITY, Number.NaN];
  let next = 0;
  const meet = (opacity: number, t: number): boolean => {
    const gain = (1 - sum) * opacity;
    if (gain > best) [best, bestAt] = [gain, t];
    sum += gain;
    return sum >= SEEN;
  };
  for (let t = kept[0]; t <= kept[1]; t += stepMm) {
    for (; (hits[next]?.at ?? Number.POSITIVE_INFINITY) <= t; next++) {
      const hit = hits[next];
      if (volume.kind === 'light' && hit && meet(hit.opacity, hit.at)) return place(hit.at);
    }
    const value = valueAt(volume, voxelToPatient(toVoxel, place(t)));
    if (value === null) continue;
    if (volume.kind === 'most') {
      if (value > most) [most, mostAt] = [value, t];
    } else if (meet(opacityOfStep(opacityOf(volume, value), stepMm), t)) return place(t);
  }
  if (volume.kind === 'most')
    return most > Number.NEGATIVE_INFINITY && opacityOf(volume, most) > 0 ? place(mostAt) : null;
  return sum >= FAINT ? place(bestAt) : null;
};
