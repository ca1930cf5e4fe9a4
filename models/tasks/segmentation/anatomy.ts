/** Where a thing lies in the patient: side by patient millimetres, never by the order of the array. */
import { components } from '../../kit/components.ts';
import { type Vec3, voxelToPatient } from '../../kit/geometry.ts';
import type { ManifestLabel } from '../../kit/manifest.ts';
import type { NetworkGrid } from '../../kit/steps/volume.ts';

/** Sums over the voxels of one organ in one plane (network z). */
interface PlaneSums {
  readonly count: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export interface Anatomy {
  /** Patient x of the midline near network plane z, mm; null where nothing tells it. */
  midlineMm(z: number): number | null;
  /** Planes that hold the organ, from the feet; null where it is not there. */
  extent(key: string): { low: number; high: number; cutBelow: boolean; cutAbove: boolean } | null;
}

/** Planes with less than this share of an organ's largest plane are stray voxels, not its end. */
const STRAY = 0.03;
const NEAR_MM = 30;

export const readAnatomy = (
  grid: NetworkGrid,
  /** Label values, [z, y, x]. */
  labels: Uint8Array,
  manifestLabels: readonly ManifestLabel[],
): Anatomy => {
  const [X, Y, Z] = grid.dims;
  const organs = manifestLabels.filter((label) => label.kind === 'organ');
  const sums = new Map<string, PlaneSums>();
  const byValue: (PlaneSums | undefined)[] = [];
  for (const organ of organs) {
    const own = { count: new Float64Array(Z), x: new Float64Array(Z), y: new Float64Array(Z) };
    sums.set(organ.key, own);
    byValue[organ.value] = own;
  }
  // stray air beside the body or in the bowel is no lung and must not stretch it
  const strays = new Set<number>();
  for (const organ of organs) {
    if (!organ.key.startsWith('lung-')) continue;
    const found = components(grid.dims, (n) => labels[n] === organ.value);
    const largest = found.sizes.indexOf(Math.max(0, ...found.sizes)) + 1;
    for (const [n, id] of found.ids.entries()) if (id !== 0 && id !== largest) strays.add(n);
  }
  for (let z = 0, n = 0; z < Z; z++)
    for (let y = 0; y < Y; y++)
      for (let x = 0; x < X; x++, n++) {
        const own = byValue[labels[n] ?? 0];
        if (!own || strays.has(n)) continue;
        own.count[z] = (own.count[z] ?? 0) + 1;
        own.x[z] = (own.x[z] ?? 0) + x;
        own.y[z] = (own.y[z] ?? 0) + y;
      }
  /** Patient mm of the organ's mean between planes; null where it is not there. */
  const mean = (key: string, from: number, to: number): Vec3 | null => {
    const own = sums.get(key);
    if (!own) return null;
    let count = 0;
    const sum: [number, number, number] = [0, 0, 0];
    for (let z = Math.max(0, from); z <= Math.min(Z - 1, to); z++) {
      const n = own.count[z] ?? 0;
      count += n;
      sum[0] += own.x[z] ?? 0;
      sum[1] += own.y[z] ?? 0;
      sum[2] += z * n;
    }
    if (count === 0) return null;
    return voxelToPatient(grid.affineNetworkToPatient, [sum[0] / count, sum[1] / count, sum[2] / count]);
  };
  const reach = Math.ceil(NEAR_MM / grid.spacingMm[2]);
  return {
    midlineMm: (z) => {
      const spine = mean('spine', z - reach, z + reach);
      if (spine) return spine[0];
      const left = mean('lung-left', 0, Z - 1);
      const right = mean('lung-right', 0, Z - 1);
      return left && right ? (left[0] + right[0]) / 2 : null;
    },
    extent: (key) => {
      const own = sums.get(key);
      if (!own) return null;
      const most = own.count.reduce((a, b) => Math.max(a, b), 0);
      if (most === 0) return null;
      let low = -1;
      let high = -1;
      for (let z = 0; z < Z; z++)
        if ((own.count[z] ?? 0) > most * STRAY) {
          if (low < 0) low = z;
          high = z;
        }
      return { low, high, cutBelow: low === 0, cutAbove: high === Z - 1 };
    },
  };
};

/** Nearer to the midline than this, a side would be a guess. */
const MIDLINE_MM = 4;

export const sideOf = (anatomy: Anatomy, grid: NetworkGrid, centre: Vec3): 'left' | 'right' | null => {
  const midline = anatomy.midlineMm(Math.round(centre[2]));
  if (midline === null) return null;
  const x = voxelToPatient(grid.affineNetworkToPatient, centre)[0] - midline;
  return Math.abs(x) < MIDLINE_MM ? null : x > 0 ? 'left' : 'right';
};

/** 'left upper zone' by thirds of that lung's height; only '<side> lung' where the images cut the lung off. */
const zoneOf = (anatomy: Anatomy, side: 'left' | 'right', z: number): string => {
  const extent = anatomy.extent(`lung-${side}`);
  if (!extent || extent.cutAbove || extent.cutBelow) return `${side} lung`;
  const height = (z - extent.low + 0.5) / (extent.high - extent.low + 1);
  return `${side} ${height >= 2 / 3 ? 'upper' : height >= 1 / 3 ? 'middle' : 'lower'} zone`;
};

export const placeOf = (label: ManifestLabel, anatomy: Anatomy, side: 'left' | 'right' | null, z: number): string => {
  switch (label.place) {
    case 'lung-zone':
      return side ? zoneOf(anatomy, side, z) : '';
    case 'lung-side':
      return side ? `${side} hemithorax` : '';
    case 'liver':
      return 'segment not determined';
    case 'heart':
      return 'heart';
    case 'none':
      return '';
  }
};
