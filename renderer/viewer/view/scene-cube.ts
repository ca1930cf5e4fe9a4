/** The cube of orientation and the frame of a box, as the camera sees them. */
import { add, dot, scale, type Vec3 } from '../../../models/kit/geometry.ts';
import { rightOf, type SceneCamera, SIDES, type Side, TOWARD } from './scene-camera.ts';

type Point = readonly [number, number];

export interface CubeFace {
  readonly side: Side;
  /** Corners, each -1.74 to 1.74 from the middle, y down. */
  readonly corners: readonly Point[];
  readonly middle: Point;
  /** 0 edge on, 1 facing the eye. */
  readonly facing: number;
}

const AXES: readonly Vec3[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** The faces that are seen, furthest turned away first. */
export const cubeFaces = (camera: SceneCamera): CubeFace[] => {
  const right = rightOf(camera);
  const flat = (place: Vec3): Point => [dot(place, right), -dot(place, camera.up)];
  return SIDES.flatMap((side) => {
    const toward = TOWARD[side];
    const facing = dot(toward, camera.back);
    if (facing < 0.02) return [];
    const [u, v] = AXES.filter((axis) => dot(axis, toward) === 0) as [Vec3, Vec3];
    const corners = (
      [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ] as const
    ).map(([p, q]) => flat(add(toward, add(scale(u, p), scale(v, q)))));
    return [{ side, corners, middle: flat(toward), facing }];
  }).sort((a, b) => a.facing - b.facing);
};

/** Twelve edges, as pairs of corners of [lowest, highest]. */
export const boxEdges = (lowest: Vec3, highest: Vec3): readonly (readonly [Vec3, Vec3])[] => {
  const corner = (n: number): Vec3 => [
    n & 1 ? highest[0] : lowest[0],
    n & 2 ? highest[1] : lowest[1],
    n & 4 ? highest[2] : lowest[2],
  ];
  return [0, 1, 2, 3, 4, 5, 6, 7].flatMap((n) =>
    [1, 2, 4].flatMap((bit) => ((n & bit) === 0 ? [[corner(n), corner(n | bit)] as const] : [])),
  );
};
