/** Planes through a volume along its own axes: exact voxels, nothing resampled. */
import type { Vec3 } from '../../../models/kit/geometry.ts';
import { cross, normalize } from '../../../models/kit/geometry.ts';
import type { Affine } from '../../../preload/contract/index.ts';

export type Axis = 0 | 1 | 2;
export type PlaneName = 'axial' | 'sagittal' | 'coronal';
export const PLANES = ['axial', 'sagittal', 'coronal'] as const satisfies readonly PlaneName[];

export interface AxisUse {
  readonly axis: Axis;
  /** The screen runs against the axis. */
  readonly reversed: boolean;
}

/** Which axis is fixed and which run to the right and down on the screen. */
export interface Cut {
  readonly normal: Axis;
  readonly x: AxisUse;
  readonly y: AxisUse;
}

/** A frame as it is stored. */
export const STACK_CUT: Cut = { normal: 2, x: { axis: 0, reversed: false }, y: { axis: 1, reversed: false } };

/** Unit vectors of i, j and k in the patient, LPS. */
export const axesOf = (m: Affine): readonly [Vec3, Vec3, Vec3] => [
  normalize([m[0], m[4], m[8]]),
  normalize([m[1], m[5], m[9]]),
  normalize([m[2], m[6], m[10]]),
];

const PERMUTATIONS: readonly (readonly [Axis, Axis, Axis])[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/**
 * The three planes as they are read: axial seen from the feet, coronal from the front, sagittal from the left side.
 * Each is the volume's own plane that comes nearest to the patient's.
 */
export const cutsOf = (affine: Affine): Record<PlaneName, Cut> => {
  const axes = axesOf(affine);
  const along = (axis: Axis, patient: Axis): number => axes[axis][patient];
  let best = PERMUTATIONS[0] ?? [0, 1, 2];
  let bestSum = -1;
  for (const permutation of PERMUTATIONS) {
    const sum = permutation.reduce<number>((total, axis, patient) => total + Math.abs(along(axis, patient as Axis)), 0);
    if (sum > bestSum + 1e-9) {
      bestSum = sum;
      best = permutation;
    }
  }
  // leftAxis runs nearest to right-left, backAxis front-back, headAxis foot-head.
  const [leftAxis, backAxis, headAxis] = best;
  const toward = (axis: Axis, patient: Axis, sign: 1 | -1): AxisUse => ({
    axis,
    reversed: along(axis, patient) * sign < 0,
  });
  return {
    axial: { normal: headAxis, x: toward(leftAxis, 0, 1), y: toward(backAxis, 1, 1) },
    sagittal: { normal: leftAxis, x: toward(backAxis, 1, 1), y: toward(headAxis, 2, -1) },
    coronal: { normal: backAxis, x: toward(leftAxis, 0, 1), y: toward(headAxis, 2, -1) },
  };
};

/** Name of the plane that frames of this volume lie in. */
export const planeOfFrames = (affine: Affine): PlaneName => {
  const cuts = cutsOf(affine);
  return PLANES.find((name) => cuts[name].normal === 2) ?? 'axial';
};

/** Degrees between the volume's normal to this cut and the patient's: more than a little is said on the image. */
export const obliqueDegrees = (affine: Affine, name: PlaneName): number => {
  const patient: Axis = name === 'axial' ? 2 : name === 'coronal' ? 1 : 0;
  const axes = axesOf(affine);
  const { x, y } = cutsOf(affine)[name];
  // Of the plane itself: in a tilted series the third axis leans off it.
  const direction = normalize(cross(axes[x.axis], axes[y.axis]));
  return (Math.acos(Math.min(1, Math.abs(direction[patient]))) * 180) / Math.PI;
};

/** Continuous image coordinates (outer corner 0, 0) of a voxel's continuous coordinates (outer corner 0, 0, 0), and back. */
export const voxelToImage = (cut: Cut, dims: Vec3, v: Vec3): readonly [number, number] => [
  cut.x.reversed ? dims[cut.x.axis] - v[cut.x.axis] : v[cut.x.axis],
  cut.y.reversed ? dims[cut.y.axis] - v[cut.y.axis] : v[cut.y.axis],
];

export const imageToVoxel = (cut: Cut, dims: Vec3, x: number, y: number, along: number): Vec3 => {
  const v: [number, number, number] = [along, along, along];
  v[cut.x.axis] = cut.x.reversed ? dims[cut.x.axis] - x : x;
  v[cut.y.axis] = cut.y.reversed ? dims[cut.y.axis] - y : y;
  return v;
};

/** One array a slice k, or null where it has not come. */
export type Slices<T> = readonly (T | null)[];

interface Readable {
  readonly length: number;
  readonly [index: number]: number;
}

/**
 * The voxels of a plane into out, rows * columns, screen order. Answers whether all were there; missing ones are left as
 * they are in out.
 */
export const cutInto = (
  slices: Slices<Readable>,
  dims: Vec3,
  cut: Cut,
  index: number,
  out: { [index: number]: number },
): boolean => {
  const [columnsI, rowsJ] = dims;
  const columns = dims[cut.x.axis];
  const rows = dims[cut.y.axis];
  const at: [number, number, number] = [index, index, index];
  let whole = true;
  for (let row = 0; row < rows; row++) {
    at[cut.y.axis] = cut.y.reversed ? rows - 1 - row : row;
    if (cut.x.axis !== 2) {
      const slice = slices[at[2]];
      if (slice === null || slice === undefined) {
        whole = false;
        continue;
      }
      // Along a row of the screen the step within the slice is one column or one row of it.
      const step = (cut.x.axis === 0 ? 1 : columnsI) * (cut.x.reversed ? -1 : 1);
      at[cut.x.axis] = cut.x.reversed ? columns - 1 : 0;
      let from = at[0] + at[1] * columnsI;
      for (let column = 0; column < columns; column++, from += step) out[row * columns + column] = slice[from] ?? 0;
    } else {
      for (let column = 0; column < columns; column++) {
        at[2] = cut.x.reversed ? columns - 1 - column : column;
        const slice = slices[at[2]];
        if (slice === null || slice === undefined) whole = false;
        else out[row * columns + column] = slice[at[0] + at[1] * columnsI] ?? 0;
      }
    }
  }
  return whole && rowsJ > 0;
};
