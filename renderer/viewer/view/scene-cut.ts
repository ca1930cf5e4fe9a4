/** What of the 3D view is cut away: a box along the patient's directions, and one plane of the slices. */
import { dot, norm, scale, type Vec3 } from '../../../models/kit/geometry.ts';
import type { PlaneName } from './cut.ts';
import type { ImagePlane } from './link.ts';
import type { Extent } from './scene-camera.ts';

/** Kept is where normal · place >= offset; the normal is a unit vector, LPS mm. */
export interface HalfSpace {
  readonly normal: Vec3;
  readonly offset: number;
}

/** Parts of the extent that are kept, 0 to 1: [right, left], [front, back], [feet, head]. */
export type CutBox = readonly [readonly [number, number], readonly [number, number], readonly [number, number]];
export const WHOLE_BOX: CutBox = [
  [0, 1],
  [0, 1],
  [0, 1],
];
/** Sides by their letters, with the axis and which end of it they are. */
export const BOX_SIDES = [
  { letter: 'R', name: 'Right', axis: 0, end: 0 },
  { letter: 'L', name: 'Left', axis: 0, end: 1 },
  { letter: 'A', name: 'Front', axis: 1, end: 0 },
  { letter: 'P', name: 'Back', axis: 1, end: 1 },
  { letter: 'H', name: 'Head', axis: 2, end: 1 },
  { letter: 'F', name: 'Feet', axis: 2, end: 0 },
] as const;
export type BoxSide = (typeof BOX_SIDES)[number];

/** Less than this part of the extent is never left. */
const LEAST = 0.02;

/** How much of the extent is cut away at a side, 0 to 1. */
export const cutAt = (box: CutBox, { axis, end }: BoxSide): number => (end === 0 ? box[axis][0] : 1 - box[axis][1]);

/** The box with so much cut away at one side; the other side keeps its place. */
export const withCut = (box: CutBox, { axis, end }: BoxSide, part: number): CutBox => {
  const [from, to] = box[axis];
  const side: readonly [number, number] =
    end === 0 ? [Math.min(to - LEAST, Math.max(0, part)), to] : [from, Math.max(from + LEAST, Math.min(1, 1 - part))];
  return [axis === 0 ? side : box[0], axis === 1 ? side : box[1], axis === 2 ? side : box[2]];
};

export const isWhole = (box: CutBox): boolean => box.every(([from, to]) => from <= 0 && to >= 1);

export const boxHalfSpaces = (box: CutBox, extent: Extent): HalfSpace[] =>
  ([0, 1, 2] as const).flatMap((axis) => {
    const [from, to] = box[axis];
    const at = (part: number): number => extent.lowest[axis] + part * (extent.highest[axis] - extent.lowest[axis]);
    const unit: Vec3 = [axis === 0 ? 1 : 0, axis === 1 ? 1 : 0, axis === 2 ? 1 : 0];
    return [
      ...(from > 0 ? [{ normal: unit, offset: at(from) }] : []),
      ...(to < 1 ? [{ normal: scale(unit, -1), offset: -at(to) }] : []),
    ];
  });

export interface PlaneCut {
  readonly plane: PlaneName;
  /** 1: what lies to the head, left or back is kept; -1: to the feet, right or front. */
  readonly keep: 1 | -1;
}
const PATIENT_AXIS = { sagittal: 0, coronal: 1, axial: 2 } as const satisfies Record<PlaneName, 0 | 1 | 2>;
export const KEPT_WORDS: Record<PlaneName, Record<1 | -1, string>> = {
  axial: { 1: 'head side', [-1]: 'feet side' },
  sagittal: { 1: 'left side', [-1]: 'right side' },
  coronal: { 1: 'back', [-1]: 'front' },
};

/** Along the plane as it is shown, oblique or not; null where it has no direction. */
export const planeHalfSpace = (cut: PlaneCut, { origin, normal }: ImagePlane): HalfSpace | null => {
  const length = norm(normal);
  if (length === 0) return null;
  const toward = normal[PATIENT_AXIS[cut.plane]] < 0 ? -cut.keep : cut.keep;
  const unit = scale(normal, toward / length);
  return { normal: unit, offset: dot(unit, origin) };
};

/** The stretch of a line that is kept, as [from, to] in units of `along`; empty where from >= to. */
export const keptOf = (
  halfSpaces: readonly HalfSpace[],
  from: Vec3,
  along: Vec3,
  within: readonly [number, number],
): readonly [number, number] => {
  let [low, high] = within;
  for (const { normal, offset } of halfSpaces) {
    const speed = dot(normal, along);
    const away = dot(normal, from) - offset;
    if (Math.abs(speed) < 1e-9) {
      if (away < 0) return [0, 0];
    } else if (speed > 0) low = Math.max(low, -away / speed);
    else high = Math.min(high, -away / speed);
  }
  return low < high ? [low, high] : [0, 0];
};
