import { cross, dot, type Vec3 } from '../../models/kit/geometry.ts';
import type { Overlay, SeriesImages } from '../../preload/contract/index.ts';

type OverlayLabel = Extract<Overlay, { kind: 'labelmap' }>['labels'][number];
export type LabelName = Pick<OverlayLabel, 'value' | 'name' | 'code' | 'color'>;

/** Well apart from each other by turning the hue by the golden angle. */
export const labelColor = (n: number): [number, number, number] => {
  const hue = (n * 137.508) % 360;
  const part = (shift: number): number => {
    const k = (shift + hue / 30) % 12;
    return Math.round(255 * (0.55 - 0.4 * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
};

/** Millilitres of one voxel; null where the series is no volume with certain millimetres. */
const voxelMl = (images: SeriesImages): number | null => {
  if (images.volume.kind !== 'volume') return null;
  const m = images.volume.affineVoxelToPatient;
  const [i, j, k]: [Vec3, Vec3, Vec3] = [
    [m[0], m[4], m[8]],
    [m[1], m[5], m[9]],
    [m[2], m[6], m[10]],
  ];
  return Math.abs(dot(cross(i, j), k)) / 1000;
};

/** Counts and bounds of each label in a labelmap [columns, rows, slices] of the series. */
export const measureLabels = (
  map: Uint8Array,
  dims: Vec3,
  names: readonly LabelName[],
  images: SeriesImages,
): OverlayLabel[] => {
  const [columns, rows] = dims;
  const voxels = new Float64Array(256);
  const low = Array.from({ length: 256 }, () => [Infinity, Infinity, Infinity] as [number, number, number]);
  const high = Array.from({ length: 256 }, () => [-1, -1, -1] as [number, number, number]);
  for (let at = 0; at < map.length; at++) {
    const value = map[at] ?? 0;
    if (value === 0) continue;
    voxels[value] = (voxels[value] ?? 0) + 1;
    const x = at % columns;
    const y = Math.floor(at / columns) % rows;
    const z = Math.floor(at / (columns * rows));
    const l = low[value];
    const h = high[value];
    if (!l || !h) continue;
    if (x < l[0]) l[0] = x;
    if (y < l[1]) l[1] = y;
    if (z < l[2]) l[2] = z;
    if (x > h[0]) h[0] = x;
    if (y > h[1]) h[1] = y;
    if (z > h[2]) h[2] = z;
  }
  const ml = voxelMl(images);
  return names.map((name) => {
    const count = voxels[name.value] ?? 0;
    const l = low[name.value] ?? [0, 0, 0];
    const h = high[name.value] ?? [0, 0, 0];
    return {
      ...name,
      voxels: count,
      volumeMl: ml === null ? null : count * ml,
      bounds: count === 0 ? null : [l[0], l[1], l[2], h[0] + 1, h[1] + 1, h[2] + 1],
    };
  });
};
