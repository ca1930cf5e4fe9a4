/** Bright balls at known places of one patient, acquired in many ways: what is found on the screen is held against these. */
import { affineOf, invert, normalize, type Vec3, voxelToPatient } from '../../models/kit/geometry.ts';
import type { Affine } from '../../preload/contract/index.ts';

/** Patient mm; no two share a coordinate, and mirrored or swapped axes would put each elsewhere. */
export const MARKS: readonly Vec3[] = [
  [-21.3, -14.2, 17.7],
  [19.4, -18.8, -13.1],
  [4.6, 15.9, -20.4],
  [-16.7, 19.3, 1.2],
  [23.8, 7.5, 20.9],
];
export const RADIUS_MM = 5;
const BALL_HU = 1000;
const GROUND_HU = -1000;

export interface Letters {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

export interface Acquisition {
  readonly name: string;
  /** Patient Position (0018,5100). */
  readonly position: string;
  readonly dims: Vec3;
  readonly affine: Affine;
  readonly row: Vec3;
  readonly column: Vec3;
  /** Between rows, between columns. */
  readonly spacingMm: readonly [number, number];
  readonly sliceMm: number;
  readonly tiltDegrees: number;
  /** As a reader expects them, stack first: written by hand, not computed. */
  readonly letters: Readonly<Record<'stack' | 'axial' | 'sagittal' | 'coronal', Letters>>;
}

const letters = (left: string, right: string, top: string, bottom: string): Letters => ({ left, right, top, bottom });
const AXIAL = letters('R', 'L', 'A', 'P');
const PLANES = { axial: AXIAL, sagittal: letters('A', 'P', 'H', 'F'), coronal: letters('R', 'L', 'H', 'F') };

const acquired = (
  name: string,
  position: string,
  row: Vec3,
  column: Vec3,
  stepDirection: Vec3,
  of: Acquisition['letters'],
  tiltDegrees = 0,
): Acquisition => {
  const spacingMm = [2, 2.4] as const;
  const sliceMm = 3;
  const dims: Vec3 = [34, 42, 28];
  const step: Vec3 = [stepDirection[0] * sliceMm, stepDirection[1] * sliceMm, stepDirection[2] * sliceMm];
  // The middle of the grid lies near, but not at, the patient's origin.
  const unplaced = affineOf([0, 0, 0], row, column, step, spacingMm);
  const middle = voxelToPatient(unplaced, [(dims[0] - 1) / 2, (dims[1] - 1) / 2, (dims[2] - 1) / 2]);
  const origin: Vec3 = [1.1 - middle[0], -0.7 - middle[1], 0.4 - middle[2]];
  const affine = affineOf(origin, row, column, step, spacingMm);
  return { name, position, dims, affine, row, column, spacingMm, sliceMm, tiltDegrees, letters: of };
};

const radians = (degrees: number): number => (degrees * Math.PI) / 180;
const tilt = radians(14);
const OBLIQUE_ROW = normalize([Math.cos(radians(17)), Math.sin(radians(17)), 0]);
const OBLIQUE_COLUMN: Vec3 = [
  -Math.sin(radians(17)) * Math.cos(radians(22)),
  Math.cos(radians(17)) * Math.cos(radians(22)),
  -Math.sin(radians(22)),
];
const OBLIQUE_NORMAL: Vec3 = [
  -Math.sin(radians(17)) * Math.sin(radians(22)),
  Math.cos(radians(17)) * Math.sin(radians(22)),
  Math.cos(radians(22)),
];

/** Steps run along the images' normal, as the viewer sorts them: labels are laid on slices by their index. */
export const ACQUISITIONS: readonly Acquisition[] = [
  acquired('axial', 'HFS', [1, 0, 0], [0, 1, 0], [0, 0, 1], { stack: AXIAL, ...PLANES }),
  acquired('feet first', 'FFS', [-1, 0, 0], [0, 1, 0], [0, 0, -1], { stack: letters('L', 'R', 'A', 'P'), ...PLANES }),
  acquired('prone', 'HFP', [-1, 0, 0], [0, -1, 0], [0, 0, 1], { stack: letters('L', 'R', 'P', 'A'), ...PLANES }),
  acquired('sagittal', 'HFS', [0, 1, 0], [0, 0, -1], [-1, 0, 0], { stack: letters('A', 'P', 'H', 'F'), ...PLANES }),
  acquired('coronal', 'HFS', [1, 0, 0], [0, 0, -1], [0, 1, 0], { stack: letters('R', 'L', 'H', 'F'), ...PLANES }),
  acquired('oblique', 'HFS', OBLIQUE_ROW, OBLIQUE_COLUMN, OBLIQUE_NORMAL, {
    stack: letters('RA', 'LP', 'AHL', 'PFR'),
    axial: letters('RA', 'LP', 'AHL', 'PFR'),
    sagittal: letters('AHL', 'PFR', 'HPR', 'FAL'),
    coronal: letters('RA', 'LP', 'HPR', 'FAL'),
  }),
  // The table runs along the patient; the images lean against it.
  acquired(
    'gantry tilted',
    'HFS',
    [1, 0, 0],
    [0, Math.cos(tilt), -Math.sin(tilt)],
    [0, 0, 1],
    {
      stack: letters('R', 'L', 'AH', 'PF'),
      axial: letters('R', 'L', 'AH', 'PF'),
      sagittal: letters('AH', 'PF', 'HP', 'FA'),
      coronal: letters('R', 'L', 'HP', 'FA'),
    },
    14,
  ),
];

/** How much of a voxel lies in a ball, by 4 x 4 x 4 points of it. */
const FINE = 4;
const coverage = (affine: Affine, mark: Vec3, i: number, j: number, k: number): number => {
  let inside = 0;
  for (let a = 0; a < FINE; a++)
    for (let b = 0; b < FINE; b++)
      for (let c = 0; c < FINE; c++) {
        const at = (n: number, whole: number): number => whole + (n + 0.5) / FINE - 0.5;
        const [x, y, z] = voxelToPatient(affine, [at(a, i), at(b, j), at(c, k)]);
        if (Math.hypot(x - mark[0], y - mark[1], z - mark[2]) <= RADIUS_MM) inside++;
      }
  return inside / FINE ** 3;
};

/** HU, and which ball more than half of a voxel lies in: 0 for none, else its number from 1. */
export const painted = (acquisition: Acquisition): { readonly hu: Int16Array; readonly labels: Uint8Array } => {
  const { dims, affine } = acquisition;
  const [nx, ny, nz] = dims;
  const hu = new Int16Array(nx * ny * nz).fill(GROUND_HU);
  const labels = new Uint8Array(hu.length);
  const back = invert(affine);
  for (const [n, mark] of MARKS.entries()) {
    const middle = voxelToPatient(back, mark);
    const span = (axis: 0 | 1 | 2): readonly [number, number] => [
      Math.max(0, Math.floor(middle[axis] - 5)),
      Math.min(dims[axis] - 1, Math.ceil(middle[axis] + 5)),
    ];
    const [[i0, i1], [j0, j1], [k0, k1]] = [span(0), span(1), span(2)];
    for (let k = k0; k <= k1; k++)
      for (let j = j0; j <= j1; j++)
        for (let i = i0; i <= i1; i++) {
          const part = coverage(affine, mark, i, j, k);
          if (part === 0) continue;
          const at = i + nx * (j + ny * k);
          hu[at] = Math.round(GROUND_HU + part * (BALL_HU - GROUND_HU));
          if (part > 0.5) labels[at] = n + 1;
        }
  }
  return { hu, labels };
};

/** How far a found place lies from the true one, in voxels, along the axis where it is farthest. */
export const errorInVoxels = (affine: Affine, found: Vec3, mark: Vec3): number => {
  const back = invert(affine);
  const [a, b] = [voxelToPatient(back, found), voxelToPatient(back, mark)];
  return Math.max(...a.map((part, n) => Math.abs(part - (b[n] ?? 0))));
};
