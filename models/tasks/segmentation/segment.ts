/** A volume through a segmentation network: labels on the series' own grid, and each lesion measured. */
import type { Measurement } from '../../../preload/contract/terms/index.ts';
import { components, largestDiameterMm } from '../../kit/components.ts';
import type { Affine, Vec3 } from '../../kit/geometry.ts';
import type { ManifestLabel, PipelineOf } from '../../kit/manifest.ts';
import { type NetworkGrid, networkGrid } from '../../kit/steps/volume.ts';
import { probabilityOf, roundTo, severityOf, type VolumeFinding } from '../answer.ts';
import { type Anatomy, placeOf, readAnatomy, sideOf } from './anatomy.ts';
import { infer, type RunPatch, type Told } from './infer.ts';
import { type Bounds, bringBack } from './outline.ts';

export interface VolumeSource {
  /** [columns, rows, slices] */
  readonly dims: Vec3;
  readonly affineVoxelToPatient: Affine;
  /** Modality values of slice k, [rows, columns]; may be reused. */
  slice(k: number): Float32Array;
}

export interface Segmented {
  /** uint8 labels on the series' grid. */
  readonly labels: Uint8Array;
  /** By label value: voxels on the series' grid and their half-open bounds. */
  readonly counted: readonly { readonly value: number; readonly voxels: number; readonly bounds: Bounds }[];
  readonly findings: readonly VolumeFinding[];
  readonly remarks: readonly string[];
}

/** More network voxels than this would not fit beside the network (float32: 600 MB). */
const VOXEL_LIMIT = 150_000_000;
/** Fewer planes than this show no organ whole. */
const SMALLEST_MM = 20;

interface Lesion {
  readonly label: ManifestLabel;
  /** In the id map. */
  readonly id: number;
  readonly ml: number;
  readonly diameterMm: number;
  readonly centre: Vec3;
  readonly probability: number;
}

/** Lesions that are large enough; voxels of smaller ones become what lies there else. Ids by network voxel in `ids`. */
const findLesions = (
  grid: NetworkGrid,
  { values, organs, probabilities }: Told,
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
          values[n] = organs[n] ?? 0;
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
  const told = await infer((k) => source.slice(k), grid, pipeline, labels, run, progress);
  const { values } = told;
  const { lesions, ids } = findLesions(grid, told, labels);
  dropStrays(grid, values, labels);
  const anatomy = readAnatomy(grid, values, labels);
  const back = bringBack(
    grid,
    told,
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
