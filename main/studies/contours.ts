/** Contours of a structure set on the images they were drawn on: areas by the even-odd rule, image by image. */
import { cross, dot, subtract, type Vec3 } from '../../models/kit/geometry.ts';
import { labelColor } from '../../models/kit/labels/colors.ts';
import { fillPolygons, type Polygon } from '../../models/kit/labels/polygon.ts';
import type { SeriesImages } from '../../preload/contract/index.ts';
import type { Contour, Structure } from '../dicom/index.ts';
import type { LabelName } from './labels.ts';

/** A contour lies in the plane of an image where all its corners are not farther from it, mm; farther only on the one it names. */
const PLANE_MM = 0.2;
const NAMED_MM = 0.5;

export interface OnImages {
  /** By structure, by frame of the series: outlines in image coordinates. */
  readonly outlines: readonly ReadonlyMap<number, readonly Polygon[]>[];
  /** Contours that lie on an image, and on none. */
  readonly placed: number;
  readonly lost: number;
}

interface Plane {
  readonly frame: number;
  readonly uid: string;
  readonly position: Vec3;
  readonly row: Vec3;
  readonly column: Vec3;
  readonly normal: Vec3;
  /** [between rows, between columns] */
  readonly spacing: readonly [number, number];
}

const planesOf = (images: SeriesImages): Plane[] =>
  images.frames.flatMap((frame): Plane[] => {
    const { positionMm, rowDirection, columnDirection, calibration } = frame;
    if (!positionMm || !rowDirection || !columnDirection || calibration.kind === 'unknown') return [];
    return [
      {
        frame: frame.index,
        uid: frame.instanceUid,
        position: positionMm,
        row: rowDirection,
        column: columnDirection,
        normal: cross(rowDirection, columnDirection),
        spacing: calibration.spacingMm,
      },
    ];
  });

const eachPoint = function* (points: readonly number[]): Generator<Vec3> {
  for (let n = 0; n + 2 < points.length; n += 3) yield [points[n] ?? 0, points[n + 1] ?? 0, points[n + 2] ?? 0];
};

/** How far its farthest corner lies from the plane. */
const distanceOf = (contour: Contour, plane: Plane, most: number): number => {
  let farthest = 0;
  for (const point of eachPoint(contour.points)) {
    farthest = Math.max(farthest, Math.abs(dot(subtract(point, plane.position), plane.normal)));
    if (farthest > most) return Infinity;
  }
  return farthest;
};

const planeUnder = (contour: Contour, planes: readonly Plane[]): Plane | null => {
  const named = planes.filter((plane) => plane.uid === contour.instanceUid);
  const own = named.find((plane) => distanceOf(contour, plane, NAMED_MM) <= NAMED_MM);
  if (own) return own;
  let best: Plane | null = null;
  let least = PLANE_MM;
  for (const plane of planes) {
    const distance = distanceOf(contour, plane, least);
    if (distance <= least) [best, least] = [plane, distance];
  }
  return best;
};

/** Image coordinates, outer corner 0, 0: the middle of the first pixel is at half a pixel. */
const outlineOn = (contour: Contour, { position, row, column, spacing }: Plane): Polygon =>
  [...eachPoint(contour.points)].flatMap((point) => {
    const off = subtract(point, position);
    return [dot(off, row) / spacing[1] + 0.5, dot(off, column) / spacing[0] + 0.5];
  });

export const contoursOn = (images: SeriesImages, structures: readonly Structure[]): OnImages => {
  const planes = planesOf(images);
  let [placed, lost] = [0, 0];
  const outlines = structures.map(({ contours }) => {
    const found = new Map<number, Polygon[]>();
    for (const contour of contours) {
      const plane = planeUnder(contour, planes);
      if (plane === null) {
        lost += 1;
        continue;
      }
      placed += 1;
      found.set(plane.frame, [...(found.get(plane.frame) ?? []), outlineOn(contour, plane)]);
    }
    return found;
  });
  return { outlines, placed, lost };
};

const MOST_LABELS = 255;

interface Layer {
  readonly map: Uint8Array;
  readonly names: LabelName[];
}

/** Label maps of the structures: one, or several where they overlap. */
export const structureLayers = (
  images: SeriesImages,
  structures: readonly Structure[],
  outlines: OnImages['outlines'],
): Layer[] => {
  const [first] = images.frames;
  if (!first) return [];
  const { columns, rows } = first;
  const size = columns * rows;
  const numbers = structures.map(({ number }) => number);
  const fit =
    new Set(numbers).size === numbers.length && numbers.every((n) => n >= 1 && n <= MOST_LABELS && n % 1 === 0);
  const layers: Layer[] = [];
  for (const [n, { number, name, color, code }] of structures.entries()) {
    const value = fit ? number : (n % MOST_LABELS) + 1;
    const runs: (readonly [from: number, to: number])[] = [];
    for (const [frame, polygons] of outlines[n] ?? [])
      fillPolygons(polygons, columns, rows, (y, x0, x1) => {
        const base = frame * size + y * columns;
        runs.push([base + x0, base + x1]);
      });
    const isFree = ({ map, names }: Layer): boolean =>
      !names.some((one) => one.value === value) &&
      runs.every(([from, to]) => {
        for (let at = from; at < to; at++) if (map[at] !== 0) return false;
        return true;
      });
    let layer = layers.find(isFree);
    if (layer === undefined) {
      layer = { map: new Uint8Array(size * images.frames.length), names: [] };
      layers.push(layer);
    }
    for (const [from, to] of runs) layer.map.fill(value, from, to);
    layer.names.push({ value, name: name || `Structure ${number}`, code, color: color ?? labelColor(number) });
  }
  return layers;
};
