/** A window from the values in a part of the image. */
import type { Frame } from '../../../preload/contract/index.ts';
import type { PixelArray } from '../data/pixels.ts';
import { type ImageShape, type Placement, toCanvas, toImage } from '../view/camera.ts';
import type { ShownWindow } from '../view/presets.ts';

/** Canvas pixels: two corners across. */
export type Rectangle = readonly [x0: number, y0: number, x1: number, y1: number];

/** Of all values at each side so small a part lies outside the window. */
const OUTSIDE = 0.01;
/** More values than these say nothing new. */
const MOST_VALUES = 65_536;
/** A press without a drag. */
const LEAST_SIDE = 4;

export const isDrawn = ([x0, y0, x1, y1]: Rectangle): boolean =>
  Math.abs(x1 - x0) >= LEAST_SIDE && Math.abs(y1 - y0) >= LEAST_SIDE;

/** Stored values, sorted, of the pixels whose middles lie in the rectangle; fill is left out. */
export const valuesIn = (
  pixels: PixelArray,
  image: ImageShape,
  placement: Placement,
  rectangle: Rectangle,
  padding: Frame['padding'],
): Float64Array => {
  const [left, right] = [Math.min(rectangle[0], rectangle[2]), Math.max(rectangle[0], rectangle[2])];
  const [top, bottom] = [Math.min(rectangle[1], rectangle[3]), Math.max(rectangle[1], rectangle[3])];
  // The image may be turned: its rows and columns around the rectangle, of which some lie outside.
  const corners = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
  ].map(([x = 0, y = 0]) => toImage(placement, x, y));
  const reach = (axis: 0 | 1, size: number): [number, number] => [
    Math.max(0, Math.floor(Math.min(...corners.map((corner) => corner[axis])))),
    Math.min(size, Math.ceil(Math.max(...corners.map((corner) => corner[axis])))),
  ];
  const [fromX, toX] = reach(0, image.columns);
  const [fromY, toY] = reach(1, image.rows);
  const step = Math.max(1, Math.ceil(Math.sqrt((Math.max(0, toX - fromX) * Math.max(0, toY - fromY)) / MOST_VALUES)));
  const [fillFrom, fillTo] = padding ?? [Number.NaN, Number.NaN];
  const values: number[] = [];
  for (let y = fromY; y < toY; y += step) {
    for (let x = fromX; x < toX; x += step) {
      const [cx, cy] = toCanvas(placement, x + 0.5, y + 0.5);
      if (cx < left || cx > right || cy < top || cy > bottom) continue;
      const value = pixels[y * image.columns + x] ?? 0;
      if (!(value >= fillFrom && value <= fillTo) && Number.isFinite(value)) values.push(value);
    }
  }
  return Float64Array.from(values).sort();
};

/** From the 1st to the 99th percentile; where all values are the same, as wide as the window was, about them. */
export const windowOfValues = (
  values: Float64Array,
  frame: Pick<Frame, 'slope' | 'intercept'>,
  before: ShownWindow | null,
): ShownWindow | null => {
  const last = values.length - 1;
  if (last < 0) return null;
  const [low = 0, high = 0] = [values[Math.floor(last * OUTSIDE)], values[Math.ceil(last * (1 - OUTSIDE))]].map(
    (stored) => (stored ?? 0) * frame.slope + frame.intercept,
  );
  const width = Math.abs(high - low);
  const center = (low + high) / 2;
  if (width === 0) return { name: 'Region', center, width: before?.width ?? 1, function: 'LINEAR_EXACT' };
  return { name: 'Region', center, width, function: 'LINEAR_EXACT' };
};
