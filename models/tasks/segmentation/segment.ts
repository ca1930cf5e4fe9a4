/** A volume through a segmentation network: labels on the series' own grid, and each lesion measured. */
import type { Measurement } from '../../../preload/contract/terms/index.ts';
import { components, largestDiameterMm } from '../../kit/components.ts';
import type { Affine, Vec3 } from '../../kit/geometry.ts';
import type { ManifestLabel, PipelineOf } from '../../kit/manifest.ts';
import {
  backFractions,
  backStrides,
  backTables,
  type NetworkGrid,
  networkGrid,
  pointSteps,
  resampleToNetwork,
} from '../../kit/steps/volume.ts';
import { createBlender, cutPatch, planWindows } from '../../kit/window.ts';
import { probabilityOf, roundTo, severityOf, type VolumeFinding } from '../answer.ts';
import { type Anatomy, placeOf, readAnatomy, sideOf } from './anatomy.ts';

export interface VolumeSource {
  /** [columns, rows, slices] */
  readonly dims: Vec3;
  readonly affineVoxelToPatient: Affine;
  /** Modality values of slice k, [rows, columns]; may be reused. */
  slice(k: number): Float32Array;
}

/** Runs one patch, [1, 1, z, y, x] float32 -> logits [1, C, z, y, x]. */
export type RunPatch = (patch: Float32Array) => Promise<Float32Array>;

export interface Segmented {
  /** uint8 labels on the series' grid. */
  readonly labels: Uint8Array;
  /** By label value: voxels on the series' grid and their half-open bounds. */
  readonly counted: readonly { readonly value: number; readonly voxels: number; readonly bounds: Bounds }[];
  readonly findings: readonly VolumeFinding[];
  readonly remarks: readonly string[];
}
type Bounds = [number, number, number, number, number, number];

/** More network voxels than this would not fit beside the network (float32: 600 MB). */
const VOXEL_LIMIT = 150_000_000;
/** Fewer planes than this show no organ whole. */
const SMALLEST_MM = 20;

/** Label value and its probability (0..255) by network voxel, from mean logits of a plane. */
const decide = (
  logits: Float32Array,
  at: number,
  area: number,
  channels: number,
  byChannel: readonly (ManifestLabel | undefined)[],
  activation: 'softmax' | 'sigmoid',
): { value: number; probability: number } => {
  let value = 0;
  let probability = 0;
  if (activation === 'sigmoid') {
    for (let c = 0; c < channels; c++) {
      const label = byChannel[c];
      if (!label) continue;
      const p = 1 / (1 + Math.exp(-(logits[c * area + at] ?? 0)));
      if (p >= (label.threshold ?? 0.5)) {
        value = label.value;
        probability = p;
      }
    }
    return { value, probability };
  }
  let top = -Infinity;
  for (let c = 0; c < channels; c++) top = Math.max(top, logits[c * area + at] ?? 0);
  let sum = 0;
  for (let c = 0; c < channels; c++) sum += Math.exp((logits[c * area + at] ?? 0) - top);
  let best = -1;
  let forced = -1;
  for (let c = 0; c < channels; c++) {
    const p = Math.exp((logits[c * area + at] ?? 0) - top) / sum;
    const label = byChannel[c];
    const threshold = label?.threshold ?? null;
    if (threshold !== null) {
      // a label with a threshold of its own is taken from there on, and not below, whatever else is likelier
      if (p >= threshold && p > forced) {
        forced = p;
        value = label?.value ?? 0;
        probability = p;
      }
    } else if (forced < 0 && p > best) {
      best = p;
      value = label?.value ?? 0;
      probability = p;
    }
  }
  return { value, probability };
};

/** Labels on the network's grid. */
const infer = async (
  source: VolumeSource,
  grid: NetworkGrid,
  pipeline: PipelineOf<'segmentation'>,
  labels: readonly ManifestLabel[],
  run: RunPatch,
  progress: (done: number, of: number) => void,
): Promise<{ values: Uint8Array; probabilities: Uint8Array }> => {
  const volume = resampleToNetwork(grid, (k) => source.slice(k)); // [z, y, x] modality values
  const air = pointSteps(volume, pipeline.pre);
  if (!volume.every(Number.isFinite)) throw new RangeError('the volume has values that are not finite');
  const { patch, overlap, blend } = pipeline.window;
  const plan = planWindows(grid.dims, patch, overlap);
  const [X, Y, Z] = grid.dims;
  const values = new Uint8Array(X * Y * Z);
  const probabilities = new Uint8Array(X * Y * Z);
  const byChannel: (ManifestLabel | undefined)[] = [];
  for (const label of labels) byChannel[label.channel] = label;
  const patchVoxels = patch[0] * patch[1] * patch[2];
  let blender: ReturnType<typeof createBlender> | null = null;
  for (const [n, corner] of plan.corners.entries()) {
    progress(n, plan.corners.length);
    const logits = await run(cutPatch(plan, volume, corner, air));
    const channels = logits.length / patchVoxels;
    if (!Number.isInteger(channels) || channels < 1) throw new RangeError('the network answered another size');
    blender ??= createBlender(plan, channels, blend, (paddedZ, mean) => {
      const z = paddedZ - plan.before[2];
      if (z < 0 || z >= Z) return;
      const area = plan.padded[0] * plan.padded[1];
      for (let y = 0; y < Y; y++)
        for (let x = 0; x < X; x++) {
          const from = (y + plan.before[1]) * plan.padded[0] + x + plan.before[0];
          const { value, probability } = decide(mean, from, area, channels, byChannel, pipeline.activation);
          const to = (z * Y + y) * X + x;
          values[to] = value;
          probabilities[to] = Math.round(probability * 255);
        }
    });
    blender.add(corner, logits);
  }
  blender?.finish();
  progress(plan.corners.length, plan.corners.length);
  return { values, probabilities };
};

interface Lesion {
  readonly label: ManifestLabel;
  /** In the id map. */
  readonly id: number;
  readonly ml: number;
  readonly diameterMm: number;
  readonly centre: Vec3;
  readonly probability: number;
}

/** Lesions that are large enough; voxels of smaller ones lose their label. Ids by network voxel in `ids`. */
const findLesions = (
  grid: NetworkGrid,
  values: Uint8Array,
  probabilities: Uint8Array,
  labels: readonly ManifestLabel[],
): { lesions: Lesion[]; ids: Int32Array } => {
  const [X, Y] = grid.dims;
  const voxelMl = (grid.spacingMm[0] * grid.spacingMm[1] * grid.spacingMm[2]) / 1000;
  const a = grid.affineNetworkToPatient;
  const linear = [a[0], a[1], a[2], a[4], a[5], a[6], a[8], a[9], a[10]] as const;
  const ids = new Int32Array(values.length);
  const lesions: Lesion[] = [];
  let next = 1;
  for (const label of labels.filter((candidate) => candidate.kind === 'finding')) {
    const found = components(grid.dims, (n) => values[n] === label.value, ids, next);
    const first = next;
    next += found.sizes.length;
    const members: number[][] = found.sizes.map(() => []);
    for (let n = 0; n < ids.length; n++) {
      const id = ids[n] ?? 0;
      if (id >= first) members[id - first]?.push(n);
    }
    for (const [at, own] of members.entries()) {
      const ml = own.length * voxelMl;
      if (ml < (label.minimumMl ?? 0)) {
        for (const n of own) {
          values[n] = 0;
          ids[n] = -1;
        }
        continue;
      }
      const voxels = own.map((n) => [n % X, Math.floor(n / X) % Y, Math.floor(n / (X * Y))] as const);
      const mean = (axis: 0 | 1 | 2): number => voxels.reduce((sum, v) => sum + v[axis], 0) / voxels.length;
      lesions.push({
        label,
        id: first + at,
        ml,
        diameterMm: largestDiameterMm(voxels, linear),
        centre: [mean(0), mean(1), mean(2)],
        probability: own.reduce((sum, n) => sum + (probabilities[n] ?? 0) / 255, 0) / own.length,
      });
    }
  }
  return { lesions, ids };
};

/** Stray pieces of organs lose their label. */
const dropStrays = (grid: NetworkGrid, values: Uint8Array, labels: readonly ManifestLabel[]): void => {
  for (const { kind, value, strayShare } of labels) {
    if (kind !== 'organ' || !strayShare) continue;
    const { ids, sizes } = components(grid.dims, (n) => values[n] === value);
    const least = strayShare * sizes.reduce((a, b) => Math.max(a, b), 0);
    if (!sizes.some((size) => size < least)) continue;
    for (const [n, id] of ids.entries()) if (id !== 0 && (sizes[id - 1] ?? 0) < least) values[n] = 0;
  }
};

/**
 * The label at a series voxel between network voxels: findings by the nearest (a small lesion must not shrink), else the
 * label with the largest trilinear weight, so that an outline is not made of the network's coarse blocks.
 */
const smoothLabels = (grid: NetworkGrid, values: Uint8Array, labels: readonly ManifestLabel[]) => {
  const isFinding = new Uint8Array(256);
  for (const { kind, value } of labels) if (kind === 'finding') isFinding[value] = 1;
  const [fi, fj, fk] = backFractions(grid);
  const [si, sj, sk] = backStrides(grid);
  const [ni, nj, nk] = [si * fi.more, sj * fj.more, sk * fk.more];
  const corners = [0, ni, nj, ni + nj, nk, ni + nk, nj + nk, ni + nj + nk] as const;
  const weights = new Float32Array(256);
  return (i: number, j: number, k: number, nearest: number): number => {
    const own = values[nearest] ?? 0;
    if (isFinding[own] === 1) return own;
    const from = (fi.below[i] ?? 0) * si + (fj.below[j] ?? 0) * sj + (fk.below[k] ?? 0) * sk;
    let same = true;
    for (let c = 0; c < 8 && same; c++) same = values[from + (corners[c as 0] ?? 0)] === own;
    if (same) return own;
    const [u, v, w] = [fi.fraction[i] ?? 0, fj.fraction[j] ?? 0, fk.fraction[k] ?? 0];
    let best = own;
    for (let c = 0; c < 8; c++) {
      const value = values[from + (corners[c as 0] ?? 0)] ?? 0;
      if (isFinding[value] === 1) continue;
      const weight = ((c & 1) === 1 ? u : 1 - u) * ((c & 2) === 2 ? v : 1 - v) * ((c & 4) === 4 ? w : 1 - w);
      weights[value] = (weights[value] ?? 0) + weight;
      if ((weights[value] ?? 0) > (weights[best] ?? 0)) best = value;
    }
    for (let c = 0; c < 8; c++) weights[values[from + (corners[c as 0] ?? 0)] ?? 0] = 0;
    return best;
  };
};

/** Labels on the series' grid, with what is counted there. */
const bringBack = (
  grid: NetworkGrid,
  values: Uint8Array,
  known: readonly ManifestLabel[],
  ids: Int32Array,
  lesionIds: readonly number[],
) => {
  const [I, J, K] = grid.seriesDims;
  const [ti, tj, tk] = backTables(grid);
  const [si, sj, sk] = backStrides(grid);
  const labelAt = smoothLabels(grid, values, known);
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

const toFinding = (
  lesions: readonly (Lesion & { bounds: Bounds; frameIndex: number })[],
  side: 'left' | 'right' | null,
  anatomy: Anatomy,
): VolumeFinding | null => {
  const largest = lesions[0];
  if (!largest) return null;
  const { label } = largest;
  const ml = lesions.reduce((sum, lesion) => sum + lesion.ml, 0);
  const measured = { 'largest diameter': largest.diameterMm, volume: ml };
  const p = Math.min(1 - 1e-6, Math.max(1e-6, largest.probability));
  return {
    key: label.key,
    side: label.sided ? side : null,
    place: placeOf(label, anatomy, side, largest.centre[2]),
    severity: severityOf(
      label,
      label.severity?.measure === 'largest diameter' || label.severity?.measure === 'volume'
        ? measured[label.severity.measure]
        : undefined,
    ),
    measurements: label.measures.flatMap((name): Measurement[] =>
      name === 'largest diameter'
        ? [{ name, value: roundTo(measured[name], 1), unit: 'mm' }]
        : name === 'volume'
          ? [{ name, value: roundTo(measured[name], 2), unit: 'mL' }]
          : [],
    ),
    score: probabilityOf(label, Math.log(p / (1 - p))),
    parts: lesions.slice(0, 64).map(({ bounds, frameIndex }) => ({ bounds, frameIndex })),
  };
};

/** Throws RangeError where the volume cannot be meant for this network. */
export const segment = async (
  source: VolumeSource,
  pipeline: PipelineOf<'segmentation'>,
  labels: readonly ManifestLabel[],
  run: RunPatch,
  progress: (done: number, of: number) => void,
): Promise<Segmented> => {
  const grid = networkGrid(source.dims, source.affineVoxelToPatient, pipeline.pre);
  if (grid.dims[0] * grid.dims[1] * grid.dims[2] > VOXEL_LIMIT) throw new RangeError('the volume is too large');
  if (([0, 1, 2] as const).some((n) => grid.dims[n] * grid.spacingMm[n] < SMALLEST_MM))
    throw new RangeError(`the volume is thinner than ${SMALLEST_MM} mm`);
  const { values, probabilities } = await infer(source, grid, pipeline, labels, run, progress);
  const { lesions, ids } = findLesions(grid, values, probabilities, labels);
  dropStrays(grid, values, labels);
  const anatomy = readAnatomy(grid, values, labels);
  const back = bringBack(
    grid,
    values,
    labels,
    ids,
    lesions.map(({ id }) => id),
  );
  const placed = lesions.flatMap((lesion) => {
    const own = back.lesions.get(lesion.id);
    // a lesion between two thick slices has no voxel of the series' own, so there is no slice to show it on
    if (!own || own.bounds[3] === 0) return [];
    const most = own.bySlice.reduce((a, b) => Math.max(a, b), 0);
    return [{ ...lesion, bounds: own.bounds, frameIndex: own.bySlice.indexOf(most) }];
  });
  placed.sort((a, b) => b.ml - a.ml);
  const groups = new Map<string, { side: 'left' | 'right' | null; lesions: typeof placed }>();
  for (const lesion of placed) {
    const side = sideOf(anatomy, grid, lesion.centre);
    // fluid on one side is one finding, however many pockets it lies in; nodules are counted
    const name = lesion.label.place === 'lung-side' ? `${lesion.label.key} ${side}` : `${lesion.id}`;
    const group = groups.get(name) ?? { side, lesions: [] };
    group.lesions.push(lesion);
    groups.set(name, group);
  }
  const remarks: string[] = [];
  for (const side of ['left', 'right'] as const) {
    const extent = anatomy.extent(`lung-${side}`);
    const ends = [...(extent?.cutAbove ? ['top'] : []), ...(extent?.cutBelow ? ['bottom'] : [])];
    if (ends.length > 0)
      remarks.push(
        `The outline of the ${side} lung reaches the ${ends.join(' and the ')} of the images: its zones are not told.`,
      );
  }
  return {
    labels: back.labels,
    counted: labels.flatMap(({ value }) => {
      const bounds = back.bounds[value];
      const voxels = back.voxels[value] ?? 0;
      return bounds && voxels > 0 ? [{ value, voxels, bounds }] : [];
    }),
    findings: [...groups.values()].flatMap(({ side, lesions: own }) => toFinding(own, side, anatomy) ?? []),
    remarks,
  };
};
