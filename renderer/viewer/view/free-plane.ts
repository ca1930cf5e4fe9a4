/** Planes that lie in the patient as the reader has turned them: not along the volume's axes, so what they show is resampled. */
import {
  cross,
  dot,
  invert,
  normalize,
  scale,
  sliceGapMm,
  spacingOf,
  turnedAbout,
  uprightAxesOf,
  type Vec3,
  voxelToPatient,
} from '../../../models/kit/geometry.ts';
import type { Affine } from '../../../preload/contract/index.ts';
import type { Cut, PlaneName } from './cut.ts';

/** How a plane lies in the patient: unit vectors to the right and down on the screen, at right angles. */
export interface Turn {
  readonly right: Vec3;
  readonly down: Vec3;
}

export interface Grid {
  readonly dims: Vec3;
  readonly affineVoxelToPatient: Affine;
}

export interface FreePlane extends Turn {
  /** Unit; towards higher indexes. */
  readonly normal: Vec3;
  /** Of a square pixel, and between planes. */
  readonly pixelMm: number;
  readonly stepMm: number;
  readonly columns: number;
  readonly rows: number;
  /** Patient mm of the image's outer corner 0, 0. */
  readonly corner: Vec3;
  /** Along the normal: this plane, and the first and last that reach the volume. */
  readonly depthMm: number;
  readonly firstMm: number;
  readonly lastMm: number;
}

/** Sides are multiples of this, so that a coarser picture of the same plane has whole pixels. */
const WHOLE = 12;
const MOST_PIXELS = 2304;

export const normalOf = (turn: Turn): Vec3 => cross(turn.right, turn.down);

/** The volume's own plane of this cut, upright in the patient: of a tilted series, not sheared. */
export const ownTurn = (affine: Affine, cut: Cut): Turn => {
  const axes = uprightAxesOf(affine);
  return {
    right: scale(axes[cut.x.axis], cut.x.reversed ? -1 : 1),
    down: scale(axes[cut.y.axis], cut.y.reversed ? -1 : 1),
  };
};

/** About a unit axis in the patient; what rounding has bent is made straight again. */
export const turned = (turn: Turn, axis: Vec3, degrees: number): Turn => {
  const right = normalize(turnedAbout(turn.right, axis, degrees));
  const down = turnedAbout(turn.down, axis, degrees);
  const along = dot(down, right);
  return {
    right,
    down: normalize([down[0] - along * right[0], down[1] - along * right[1], down[2] - along * right[2]]),
  };
};

/** Less than this, over a whole body, moves nothing by a tenth of a pixel. */
const SAME = 1e-4;
const near = (a: Vec3, b: Vec3): boolean => a.every((part, n) => Math.abs(part - (b[n] ?? 0)) < SAME);
export const sameTurn = (a: Turn, b: Turn): boolean => near(a.right, b.right) && near(a.down, b.down);

/** The finest step of a volume: what planes through it are resampled at. */
const finestMm = (affine: Affine): number => {
  const spacing = spacingOf(affine);
  return Math.min(spacing[0], spacing[1], sliceGapMm(affine));
};

const cornersOf = ({ dims, affineVoxelToPatient }: Grid): Vec3[] =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((n) =>
    voxelToPatient(affineVoxelToPatient, [
      n & 1 ? dims[0] - 0.5 : -0.5,
      n & 2 ? dims[1] - 0.5 : -0.5,
      n & 4 ? dims[2] - 0.5 : -0.5,
    ]),
  );

/** The plane through a point of the patient, as large as the volume is seen from there: scrolling does not move it. */
export const freePlane = (grid: Grid, turn: Turn, through: Vec3): FreePlane => {
  const normal = normalOf(turn);
  const corners = cornersOf(grid);
  const span = (axis: Vec3): readonly [number, number] => {
    const all = corners.map((corner) => dot(corner, axis));
    return [Math.min(...all), Math.max(...all)];
  };
  const [left, right] = span(turn.right);
  const [top, bottom] = span(turn.down);
  const [firstMm, lastMm] = span(normal);
  const stepMm = finestMm(grid.affineVoxelToPatient);
  const pixelMm = Math.max(stepMm, (right - left) / MOST_PIXELS, (bottom - top) / MOST_PIXELS);
  const side = (mm: number): number => Math.ceil(mm / pixelMm / WHOLE - 1e-9) * WHOLE;
  const [columns, rows] = [side(right - left), side(bottom - top)];
  const depthMm = dot(through, normal);
  const u = (left + right - columns * pixelMm) / 2;
  const v = (top + bottom - rows * pixelMm) / 2;
  const corner = [0, 1, 2].map(
    (n) => u * (turn.right[n] ?? 0) + v * (turn.down[n] ?? 0) + depthMm * (normal[n] ?? 0),
  ) as unknown as Vec3;
  const half = stepMm / 2;
  return {
    ...turn,
    normal,
    pixelMm,
    stepMm,
    columns,
    rows,
    corner,
    depthMm,
    firstMm: firstMm + half,
    lastMm: Math.max(firstMm + half, lastMm - half),
  };
};

export const countOf = (plane: FreePlane): number =>
  Math.floor((plane.lastMm - plane.firstMm) / plane.stepMm + 1e-6) + 1;
export const indexOf = (plane: FreePlane, depthMm = plane.depthMm): number =>
  Math.min(countOf(plane) - 1, Math.max(0, Math.round((depthMm - plane.firstMm) / plane.stepMm)));

/** Patient mm of an image point (outer corner 0, 0), and the other way round; `off` mm in front of the plane. */
export const patientAt = (plane: FreePlane, x: number, y: number): Vec3 => {
  const [u, v] = [x * plane.pixelMm, y * plane.pixelMm];
  const at = (n: 0 | 1 | 2): number => plane.corner[n] + u * plane.right[n] + v * plane.down[n];
  return [at(0), at(1), at(2)];
};
export const imageAt = (
  plane: FreePlane,
  mm: Vec3,
): { readonly x: number; readonly y: number; readonly offMm: number } => {
  const from: Vec3 = [mm[0] - plane.corner[0], mm[1] - plane.corner[1], mm[2] - plane.corner[2]];
  return {
    x: dot(from, plane.right) / plane.pixelMm,
    y: dot(from, plane.down) / plane.pixelMm,
    offMm: dot(from, plane.normal),
  };
};

const CORNERS = [0, 1, 2, 3, 4, 5, 6, 7] as const;
const EDGES = CORNERS.flatMap((n) => [1, 2, 4].filter((bit) => (n & bit) === 0).map((bit) => [n, n | bit] as const));

/** Where a plane cuts the edges of a box of voxels (half-open bounds), patient mm. */
const cutEdges = (affine: Affine, bounds: readonly [Vec3, Vec3], normal: Vec3, depthMm: number): Vec3[] => {
  const [low, high] = bounds;
  const corners = CORNERS.map((n) => {
    const side = (bit: 1 | 2 | 4, axis: 0 | 1 | 2): number => (n & bit ? high[axis] : low[axis]) - 0.5;
    const mm = voxelToPatient(affine, [side(1, 0), side(2, 1), side(4, 2)]);
    return { mm, off: dot(mm, normal) - depthMm };
  });
  return EDGES.flatMap(([from, to]): Vec3[] => {
    const [a, b] = [corners[from], corners[to]];
    if (!a || !b || a.off < 0 === b.off < 0) return [];
    const part = a.off / (a.off - b.off);
    const at = (n: 0 | 1 | 2): number => a.mm[n] + part * (b.mm[n] - a.mm[n]);
    return [[at(0), at(1), at(2)]];
  });
};

/** Where the plane cuts a box of voxels (half-open bounds), in turn, image points; empty where it does not. */
export const outlineIn = (
  plane: FreePlane,
  affine: Affine,
  bounds: readonly [Vec3, Vec3],
): (readonly [number, number])[] => {
  const points = cutEdges(affine, bounds, plane.normal, plane.depthMm).map((mm) => {
    const { x, y } = imageAt(plane, mm);
    return [x, y] as const;
  });
  const middle = [0, 1].map((n) => points.reduce((sum, point) => sum + (point[n] ?? 0), 0) / points.length);
  const around = ([x, y]: readonly [number, number]): number => Math.atan2(y - (middle[1] ?? 0), x - (middle[0] ?? 0));
  return points.toSorted((p, q) => around(p) - around(q));
};

/**
 * A point of the plane at this depth that lies in the volume: the one asked for, or, where the plane has left the volume
 * there, the first on the way to the middle of where it cuts it. Patient mm; null where the plane misses the volume.
 */
export const withinVolume = (grid: Grid, normal: Vec3, depthMm: number, wanted: Vec3): Vec3 | null => {
  const { affineVoxelToPatient, dims } = grid;
  const cut = cutEdges(affineVoxelToPatient, [[0, 0, 0], dims], normal, depthMm);
  if (cut.length === 0) return null;
  const off = depthMm - dot(wanted, normal);
  const middle = (n: 0 | 1 | 2): number => cut.reduce((sum, point) => sum + point[n], 0) / cut.length;
  const toward = (part: number): Vec3 => {
    const at = (n: 0 | 1 | 2): number => (1 - part) * (wanted[n] + off * normal[n]) + part * middle(n);
    return [at(0), at(1), at(2)];
  };
  const back = invert(affineVoxelToPatient);
  const inside = (part: number): boolean =>
    voxelToPatient(back, toward(part)).every((at, n) => at >= -0.5 && at <= (dims[n] ?? 1) - 0.5);
  if (inside(0)) return toward(0);
  let [out, within] = [0, 1];
  for (let round = 0; round < 40; round++) {
    const half = (out + within) / 2;
    if (inside(half)) within = half;
    else out = half;
  }
  return toward(within);
};

/** Degrees between two planes. */
export const degreesBetween = (a: Vec3, b: Vec3): number =>
  (Math.acos(Math.min(1, Math.abs(dot(normalize(a), normalize(b))))) * 180) / Math.PI;

/** By patient axis across them. */
const NAMES = ['sagittal', 'coronal', 'axial'] as const;
/** The patient's own plane that it comes nearest to. */
export const nearestPlane = (normal: Vec3): PlaneName => {
  const sizes = normal.map(Math.abs);
  return NAMES[sizes.indexOf(Math.max(...sizes)) as 0] ?? 'axial';
};

/** How far it leans off the patient's own plane, by the planes it leans to: 'to coronal 12.0°'; nothing under 0.05°. */
export const leanWords = (normal: Vec3): readonly string[] => {
  const sizes = normal.map(Math.abs);
  const own = NAMES.indexOf(nearestPlane(normal));
  return [0, 1, 2]
    .filter((axis) => axis !== own)
    .map((axis) => ({ axis, degrees: (Math.atan2(sizes[axis] ?? 0, sizes[own] ?? 1) * 180) / Math.PI }))
    .filter(({ degrees }) => degrees >= 0.05)
    .toSorted((a, b) => b.degrees - a.degrees)
    .map(({ axis, degrees }) => `to ${NAMES[axis]} ${degrees.toFixed(1)}°`);
};
