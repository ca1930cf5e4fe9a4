/**
 * The camera of the 3D view: parallel, about the middle of the volume. Patient millimetres, LPS; screen millimetres run to
 * the right and up from the middle of the view, depth away from the eye.
 */
import {
  add,
  cross,
  dot,
  normalize,
  scale,
  subtract,
  type Vec3,
  voxelToPatient,
} from '../../../models/kit/geometry.ts';
import type { Affine } from '../../../preload/contract/index.ts';

export interface SceneCamera {
  /** Unit vector from the middle of the volume to the eye. */
  readonly back: Vec3;
  /** Unit vector, across back. */
  readonly up: Vec3;
  readonly zoom: number;
  /** Screen millimetres that the middle of the volume lies from that of the view. */
  readonly pan: readonly [number, number];
}

export const SIDES = ['A', 'P', 'L', 'R', 'H', 'F'] as const;
export type Side = (typeof SIDES)[number];
export const SIDE_WORDS: Record<Side, string> = {
  A: 'From the front',
  P: 'From the back',
  L: 'From the left',
  R: 'From the right',
  H: 'From the head',
  F: 'From the feet',
};

/** Outward directions of the six sides. */
export const TOWARD: Record<Side, Vec3> = {
  A: [0, -1, 0],
  P: [0, 1, 0],
  L: [1, 0, 0],
  R: [-1, 0, 0],
  H: [0, 0, 1],
  F: [0, 0, -1],
};

/** Head up; from head and feet the front is up, as on axial images. */
export const fromSide = (side: Side, camera: SceneCamera): SceneCamera => ({
  ...camera,
  back: TOWARD[side],
  up: side === 'H' || side === 'F' ? [0, -1, 0] : [0, 0, 1],
});

/** A little from the patient's right and above the front, head up. */
export const OPENING: SceneCamera = (() => {
  const back = normalize([-0.35, -1, 0.25]);
  const up = normalize(subtract([0, 0, 1], scale(back, back[2])));
  return { back, up, zoom: 1, pan: [0, 0] };
})();

export const rightOf = ({ up, back }: SceneCamera): Vec3 => cross(up, back);

/** Rodrigues: v about a unit axis. */
const turned = (v: Vec3, axis: Vec3, radians: number): Vec3 => {
  const [c, s] = [Math.cos(radians), Math.sin(radians)];
  return add(add(scale(v, c), scale(cross(axis, v), s)), scale(axis, dot(axis, v) * (1 - c)));
};

/** Turned by degrees as if the hand held the body: to the right and down. */
export const orbited = (camera: SceneCamera, right: number, down: number): SceneCamera => {
  const aside = turned(camera.back, camera.up, (-right * Math.PI) / 180);
  const across = cross(camera.up, aside);
  const back = normalize(turned(aside, across, (-down * Math.PI) / 180));
  const up = turned(camera.up, across, (-down * Math.PI) / 180);
  return { ...camera, back, up: normalize(subtract(up, scale(back, dot(up, back)))) };
};

const [LEAST_ZOOM, MOST_ZOOM] = [0.3, 40];
export const zoomedBy = (camera: SceneCamera, factor: number): SceneCamera => {
  const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, camera.zoom * factor));
  const by = zoom / camera.zoom;
  return { ...camera, zoom, pan: [camera.pan[0] * by, camera.pan[1] * by] };
};

/** What is looked at: the middle of a volume and how far it reaches from there. */
export interface Extent {
  readonly middle: Vec3;
  readonly radiusMm: number;
  /** Smallest and largest along x, y and z of the patient. */
  readonly lowest: Vec3;
  readonly highest: Vec3;
}

/** Of the outer corners of the voxels. */
export const extentOf = (affine: Affine, dims: Vec3): Extent => {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((n) =>
    voxelToPatient(affine, [(n & 1 ? dims[0] : 0) - 0.5, (n & 2 ? dims[1] : 0) - 0.5, (n & 4 ? dims[2] : 0) - 0.5]),
  );
  const along = (axis: 0 | 1 | 2): number[] => corners.map((corner) => corner[axis]);
  const lowest: Vec3 = [Math.min(...along(0)), Math.min(...along(1)), Math.min(...along(2))];
  const highest: Vec3 = [Math.max(...along(0)), Math.max(...along(1)), Math.max(...along(2))];
  const middle = voxelToPatient(affine, [(dims[0] - 1) / 2, (dims[1] - 1) / 2, (dims[2] - 1) / 2]);
  const radiusMm = Math.max(...corners.map((corner) => Math.hypot(...subtract(corner, middle))));
  return { middle, radiusMm, lowest, highest };
};

/** How a view of so many canvas pixels lies in the patient. */
export interface Sight {
  readonly right: Vec3;
  readonly up: Vec3;
  readonly forward: Vec3;
  /** Patient place in the middle of the view, at depth 0. */
  readonly middle: Vec3;
  readonly mmPerPixel: number;
  readonly width: number;
  readonly height: number;
  /** Everything lies within this of depth 0. */
  readonly reachMm: number;
}

/** At zoom 1 this part of the volume's radius is half the smaller side. */
const FILL = 0.72;

export const sightOf = (camera: SceneCamera, extent: Extent, width: number, height: number): Sight => {
  const right = rightOf(camera);
  const mmPerPixel = (2 * FILL * extent.radiusMm) / (Math.max(1, Math.min(width, height)) * camera.zoom);
  const moved = add(scale(right, -camera.pan[0] / camera.zoom), scale(camera.up, -camera.pan[1] / camera.zoom));
  return {
    right,
    up: camera.up,
    forward: scale(camera.back, -1),
    middle: add(extent.middle, moved),
    mmPerPixel,
    width,
    height,
    reachMm: extent.radiusMm + 20,
  };
};

/** Canvas pixels and depth of a patient place. */
export const toScreen = (sight: Sight, place: Vec3): readonly [x: number, y: number, depthMm: number] => {
  const from = subtract(place, sight.middle);
  return [
    sight.width / 2 + dot(from, sight.right) / sight.mmPerPixel,
    sight.height / 2 - dot(from, sight.up) / sight.mmPerPixel,
    dot(from, sight.forward),
  ];
};

/** The line of sight through a canvas point: the place at depth 0, and the direction. */
export const rayAt = (sight: Sight, x: number, y: number): { readonly from: Vec3; readonly along: Vec3 } => ({
  from: add(
    sight.middle,
    add(
      scale(sight.right, (x - sight.width / 2) * sight.mmPerPixel),
      scale(sight.up, (sight.height / 2 - y) * sight.mmPerPixel),
    ),
  ),
  along: sight.forward,
});

/** So many canvas pixels of the hand. */
export const panned = (camera: SceneCamera, extent: Extent, sight: Sight, dx: number, dy: number): SceneCamera => {
  const most = extent.radiusMm * camera.zoom;
  const within = (mm: number): number => Math.min(most, Math.max(-most, mm));
  const mm = sight.mmPerPixel * camera.zoom;
  return { ...camera, pan: [within(camera.pan[0] + dx * mm), within(camera.pan[1] - dy * mm)] };
};
