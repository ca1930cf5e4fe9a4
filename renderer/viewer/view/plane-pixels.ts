/** What is seen in planes that are no single plane of voxels: turned ones, and slabs. Modality-free stored values, NaN for nothing. */
import { invert, type Vec3, voxelToPatient } from '../../../models/kit/geometry.ts';
import type { Affine, VolumeShape } from '../../../preload/contract/index.ts';
import type { SeriesPixels } from '../data/series-pixels.svelte.ts';
import type { ImageShape } from './camera.ts';
import type { Cut } from './cut.ts';
import { type FreePlane, patientAt } from './free-plane.ts';
import { coarseFactor, type Job } from './refine.svelte.ts';
import { finish, type Laid, sampleImage } from './sample.ts';
import { gatherPlanes, reachOf, type Slab } from './slab.ts';

export interface Samples {
  readonly values: Float32Array<ArrayBuffer>;
  readonly image: ImageShape;
  /** Of the full picture, pixels in one of these. */
  readonly factor: number;
}

type Volume = Extract<VolumeShape, { kind: 'volume' }>;

const direction = (back: Affine, v: Vec3): Vec3 => {
  const [x, y, z] = voxelToPatient(back, v);
  return [x - back[3], y - back[7], z - back[11]];
};

/** The plane among the voxels, its pixels taken `factor` by `factor` together. */
export const laidOf = (plane: FreePlane, affine: Affine, factor = 1): Laid => {
  const back = invert(affine);
  const step = plane.pixelMm * factor;
  const along = (unit: Vec3): Vec3 => direction(back, [unit[0] * step, unit[1] * step, unit[2] * step]);
  return {
    first: voxelToPatient(back, patientAt(plane, factor / 2, factor / 2)),
    right: along(plane.right),
    down: along(plane.down),
    columns: Math.ceil(plane.columns / factor),
    rows: Math.ceil(plane.rows / factor),
  };
};

/** Slabs of more planes than this are first shown by fewer. */
const COARSE_PLANES = 9;

/** Also while images are coming: then again for each few of them. */
const arrivedKey = (series: SeriesPixels): string => (series.complete ? '' : `${series.arrived >> 4}`);

export const freeJob = (series: SeriesPixels, volume: Volume, plane: FreePlane, slab: Slab | null): Job<Samples> => {
  const affine = volume.affineVoxelToPatient;
  const reach = slab === null ? 0 : reachOf(slab, plane.stepMm);
  const grid = { slices: series.frames, dims: volume.dims, padding: series.images.frames[0]?.padding };
  const numbers = [...plane.right, ...plane.down, plane.depthMm].map((part) => part.toFixed(6)).join();
  const make = function* (factor: number, most: number): Generator<void, Samples> {
    const stride = Math.max(1, Math.ceil((2 * reach + 1) / most));
    const back = invert(affine);
    const by = plane.stepMm * stride;
    const step = direction(back, [plane.normal[0] * by, plane.normal[1] * by, plane.normal[2] * by]);
    const laid = laidOf(plane, affine, factor);
    const gathering = slab === null ? null : { kind: slab.kind, reach: Math.floor(reach / stride), step };
    const values = yield* sampleImage(grid, laid, gathering);
    const side = plane.pixelMm * factor;
    return { values, image: { columns: laid.columns, rows: laid.rows, pixelSize: [side, side] }, factor };
  };
  const pixels = plane.columns * plane.rows;
  const coarsePlanes = Math.min(2 * reach + 1, COARSE_PLANES);
  const factor = coarseFactor(pixels * coarsePlanes);
  return {
    key: `${series.images.pixelTag}/${numbers}/${slab?.kind}/${reach}/${arrivedKey(series)}`,
    cost: pixels * (2 * reach + 1),
    coarseCost: (pixels * coarsePlanes) / (factor * factor),
    coarse: () => finish(make(factor, COARSE_PLANES)),
    full: () => make(1, Number.POSITIVE_INFINITY),
  };
};

export const slabJob = (
  series: SeriesPixels,
  volume: Volume,
  cut: Cut,
  index: number,
  slab: Slab,
  image: ImageShape,
): Job<Samples> => {
  const across = volume.affineVoxelToPatient;
  const stepMm = Math.hypot(across[cut.normal] ?? 0, across[4 + cut.normal] ?? 0, across[8 + cut.normal] ?? 0);
  const reach = reachOf(slab, stepMm);
  const padding = series.images.frames[0]?.padding;
  const planes = { slices: series.frames, dims: volume.dims, cut, index, kind: slab.kind, reach, padding };
  const make = function* (stride: number): Generator<void, Samples> {
    const { values } = yield* gatherPlanes(planes, stride);
    return { values, image, factor: 1 };
  };
  return {
    key: `${series.images.pixelTag}/${JSON.stringify(cut)}/${index}/${slab.kind}/${reach}/${arrivedKey(series)}`,
    // A voxel that is read as it is costs a fraction of one that is computed.
    cost: (image.columns * image.rows * (2 * reach + 1)) / 8,
    coarseCost: (image.columns * image.rows * Math.min(2 * reach + 1, COARSE_PLANES)) / 8,
    coarse: () => finish(make(Math.ceil((2 * reach + 1) / COARSE_PLANES))),
    full: () => make(1),
  };
};
