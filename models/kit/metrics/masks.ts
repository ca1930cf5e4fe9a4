/** Two masks of one grid against each other: overlap, and distance between their surfaces in millimetres. */
import { quantile } from './bootstrap.ts';
import { distancesMm, type Grid } from './distance.ts';

/** 2 |A and B| / (|A| + |B|), 0..1 (Dice 1945); voxels other than 0 are inside. Null where both are empty. */
export const dice = (a: ArrayLike<number>, b: ArrayLike<number>): number | null => {
  if (a.length !== b.length) throw new RangeError('the masks have different grids');
  let [both, all] = [0, 0];
  for (let n = 0; n < a.length; n++) {
    const [inA, inB] = [a[n] !== 0, b[n] !== 0];
    if (inA && inB) both++;
    all += Number(inA) + Number(inB);
  }
  return all === 0 ? null : (2 * both) / all;
};

/**
 * 1 on voxels of the mask with a face neighbour outside it; outside the grid is outside. Along an axis with one voxel
 * there are no neighbours: a film's surface is an outline.
 */
export const surfaceOf = (
  mask: ArrayLike<number>,
  { dims: [nx, ny, nz] }: Grid,
  [flatX, flatY, flatZ]: readonly [boolean, boolean, boolean] = [nx === 1, ny === 1, nz === 1],
): Uint8Array => {
  const out = new Uint8Array(nx * ny * nz);
  const [row, slice] = [nx, nx * ny];
  const open = (at: number, place: number, count: number, step: number): boolean =>
    place === 0 || place === count - 1 || !mask[at - step] || !mask[at + step];
  for (let z = 0, at = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, at++) {
        if (!mask[at]) continue;
        const onSurface =
          (!flatX && open(at, x, nx, 1)) || (!flatY && open(at, y, ny, row)) || (!flatZ && open(at, z, nz, slice));
        if (onSurface) out[at] = 1;
      }
  return out;
};

export interface SurfaceDistances {
  /** Largest distance from a surface voxel of one to the nearest of the other, both ways, mm. */
  readonly hausdorffMm: number;
  /** The 95th percentile of the distances of either direction, the larger of both, mm (as MONAI and DeepMind's). */
  readonly hausdorff95Mm: number;
  /** Mean of both directions' means, mm. */
  readonly meanMm: number;
}

const along = (surface: Uint8Array, distances: Float64Array): number[] => {
  const out: number[] = [];
  for (const [n, inside] of surface.entries()) if (inside) out.push(distances[n] ?? 0);
  return out.sort((p, q) => p - q);
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Both masks on the box that holds them: far cheaper, and no surface voxel is lost (what lies around is outside). */
const cropped = (a: ArrayLike<number>, b: ArrayLike<number>, { dims, spacingMm }: Grid) => {
  const [nx, ny, nz] = dims;
  const low = [nx, ny, nz];
  const high = [0, 0, 0];
  for (let z = 0, at = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, at++) {
        if (!a[at] && !b[at]) continue;
        for (const [axis, v] of [x, y, z].entries()) {
          low[axis] = Math.min(low[axis] ?? v, v);
          high[axis] = Math.max(high[axis] ?? 0, v + 1);
        }
      }
  const [x0 = 0, y0 = 0, z0 = 0] = low;
  const [x1 = 0, y1 = 0, z1 = 0] = high;
  if (x1 <= x0) return null;
  const [w, h, d] = [x1 - x0, y1 - y0, z1 - z0];
  const cut = (mask: ArrayLike<number>): Uint8Array => {
    const out = new Uint8Array(w * h * d);
    for (let z = 0, at = 0; z < d; z++)
      for (let y = 0; y < h; y++)
        for (let x = 0; x < w; x++, at++) out[at] = mask[((z + z0) * ny + y + y0) * nx + x + x0] ? 1 : 0;
    return out;
  };
  return { a: cut(a), b: cut(b), grid: { dims: [w, h, d], spacingMm } satisfies Grid };
};

/** Between centres of surface voxels, exact. Null where a mask is empty: there is no distance to nothing. */
export const surfaceDistances = (a: ArrayLike<number>, b: ArrayLike<number>, grid: Grid): SurfaceDistances | null => {
  const size = grid.dims[0] * grid.dims[1] * grid.dims[2];
  if (a.length !== size || b.length !== size) throw new RangeError('the masks have different grids');
  const own = cropped(a, b, grid);
  if (!own) return null;
  // the box may be one voxel thick where the grid is not
  const flat = [grid.dims[0] === 1, grid.dims[1] === 1, grid.dims[2] === 1] as const;
  const [ofA, ofB] = [surfaceOf(own.a, own.grid, flat), surfaceOf(own.b, own.grid, flat)];
  if (!ofA.includes(1) || !ofB.includes(1)) return null;
  const there = along(ofA, distancesMm(ofB, own.grid));
  const back = along(ofB, distancesMm(ofA, own.grid));
  return {
    hausdorffMm: Math.max(there.at(-1) ?? 0, back.at(-1) ?? 0),
    hausdorff95Mm: Math.max(quantile(there, 0.95), quantile(back, 0.95)),
    meanMm: (mean(there) + mean(back)) / 2,
  };
};
