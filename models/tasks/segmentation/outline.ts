/** Labels from the network's grid on the series' own. */
import type { ManifestLabel } from '../../kit/manifest.ts';
import { backFractions, backStrides, backTables, type NetworkGrid } from '../../kit/steps/volume.ts';
import type { Told } from './infer.ts';

/** Half-open voxel bounds. */
export type Bounds = [number, number, number, number, number, number];

/** Logarithm of a probability told as 0 to 255, of which 0 means less than a half. */
const LOG = Float64Array.from({ length: 256 }, (_, share) => Math.log(Math.max(0.5, share) / 255));

/**
 * The label at a series voxel between network voxels: findings by the nearest (a small lesion must not shrink), else, of
 * the labels around, the one whose logarithm of probability between them is largest, so that an outline is not made of the
 * network's coarse blocks: near an edge it is that, and not the probability, which changes evenly with the distance.
 * Without probabilities each corner votes for its own label.
 */
const smoothLabels = (grid: NetworkGrid, { values, shares }: Told, labels: readonly ManifestLabel[]) => {
  const isFinding = new Uint8Array(256);
  for (const { kind, value } of labels) if (kind === 'finding') isFinding[value] = 1;
  const [fi, fj, fk] = backFractions(grid);
  const [si, sj, sk] = backStrides(grid);
  const [ni, nj, nk] = [si * fi.more, sj * fj.more, sk * fk.more];
  const corners = [0, ni, nj, ni + nj, nk, ni + nk, nj + nk, ni + nj + nk] as const;
  const weights = new Float64Array(8);
  return (i: number, j: number, k: number, nearest: number): number => {
    const own = values[nearest] ?? 0;
    if (isFinding[own] === 1) return own;
    const from = (fi.below[i] ?? 0) * si + (fj.below[j] ?? 0) * sj + (fk.below[k] ?? 0) * sk;
    let same = true;
    for (let c = 0; c < 8 && same; c++) same = values[from + (corners[c as 0] ?? 0)] === own;
    if (same) return own;
    const [u, v, w] = [fi.fraction[i] ?? 0, fj.fraction[j] ?? 0, fk.fraction[k] ?? 0];
    for (let c = 0; c < 8; c++)
      weights[c] = ((c & 1) === 1 ? u : 1 - u) * ((c & 2) === 2 ? v : 1 - v) * ((c & 4) === 4 ? w : 1 - w);
    const scoreOf = (value: number): number => {
      const share = shares?.get(value);
      let sum = 0;
      for (let c = 0; c < 8; c++) {
        const at = from + (corners[c as 0] ?? 0);
        sum += (weights[c] ?? 0) * (LOG[share ? (share[at] ?? 0) : values[at] === value ? 255 : 0] ?? 0);
      }
      return sum;
    };
    let best = own;
    let score = scoreOf(own);
    for (let c = 0; c < 8; c++) {
      const value = values[from + (corners[c as 0] ?? 0)] ?? 0;
      if (value === best || isFinding[value] === 1) continue;
      const other = scoreOf(value);
      if (other > score) {
        best = value;
        score = other;
      }
    }
    return best;
  };
};

/** Labels on the series' grid, with what is counted there. */
export const bringBack = (
  grid: NetworkGrid,
  told: Told,
  known: readonly ManifestLabel[],
  ids: Int32Array,
  lesionIds: readonly number[],
) => {
  const [I, J, K] = grid.seriesDims;
  const [ti, tj, tk] = backTables(grid);
  const [si, sj, sk] = backStrides(grid);
  const labelAt = smoothLabels(grid, told, known);
  const labels = new Uint8Array(I * J * K);
  const empty = (): Bounds => [I, J, K, 0, 0, 0];
  const voxels = new Float64Array(256);
  const bounds = Array.from({ length: 256 }, empty);
  const lesions = new Map(lesionIds.map((id) => [id, { bounds: empty(), bySlice: new Float64Array(K) }]));
  const widen = (b: Bounds, i: number, j: number, k: number): void => {
    if (i < b[0]) b[0] = i;
    if (j < b[1]) b[1] = j;
    if (k < b[2]) b[2] = k;
    if (i >= b[3]) b[3] = i + 1;
    if (j >= b[4]) b[4] = j + 1;
    if (k >= b[5]) b[5] = k + 1;
  };
  let to = 0;
  for (let k = 0; k < K; k++)
    for (let j = 0; j < J; j++) {
      const row = (tk[k] ?? 0) * sk + (tj[j] ?? 0) * sj;
      for (let i = 0; i < I; i++, to++) {
        const from = row + (ti[i] ?? 0) * si;
        const value = labelAt(i, j, k, from);
        if (value === 0) continue;
        labels[to] = value;
        voxels[value] = (voxels[value] ?? 0) + 1;
        const own = bounds[value];
        if (own) widen(own, i, j, k);
        const lesion = lesions.get(ids[from] ?? 0);
        if (lesion) {
          widen(lesion.bounds, i, j, k);
          lesion.bySlice[k] = (lesion.bySlice[k] ?? 0) + 1;
        }
      }
    }
  return { labels, voxels, bounds, lesions };
};
