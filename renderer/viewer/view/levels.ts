/** Greys that two edges cannot say: by table or sigmoid, and fill that would not be black. */
import { greyOf, isCurve } from '../../../models/kit/voi.ts';
import type { Frame } from '../../../preload/contract/index.ts';
import type { PixelArray } from '../data/pixels.ts';
import { type ShownWindow, windowEdges } from './presets.ts';

type Scaled = Pick<Frame, 'slope' | 'intercept' | 'padding' | 'format'>;

/** Grey of a stored value, 0 to 255, fill left out. */
export const levelOf = (frame: Scaled, window: ShownWindow, inverted: boolean): ((stored: number) => number) => {
  const grey = greyOf(window, window.curve ?? null);
  return (stored) => {
    const level = Math.floor(grey(stored * frame.slope + frame.intercept) * 255 + 0.5);
    return inverted ? 255 - level : level;
  };
};

/** Whether the picture must be made of levels: a line between two edges does not draw it. */
export const needsLevels = (frame: Scaled, window: ShownWindow, inverted: boolean): boolean => {
  if (frame.format === 'rgb8') return false;
  if (isCurve(window, window.curve ?? null)) return true;
  if (frame.padding === undefined) return false;
  const level = levelOf(frame, window, inverted);
  return frame.padding.some((stored) => level(stored) > 0);
};

const curves = new WeakMap<object, number>();
let nextCurve = 0;

/** Another key, other levels of the same pixels. */
export const levelsKey = (window: ShownWindow, inverted: boolean): string => {
  const { curve } = window;
  if (curve !== undefined && !curves.has(curve)) curves.set(curve, nextCurve++);
  const shape = curve === undefined ? window.function : curves.get(curve);
  return `${window.center}/${window.width}/${shape}/${inverted}`;
};

export const LEAST = { uint8: 0, int8: -128, uint16: 0, int16: -32768 } as const;

/** One level a pixel, 0 black to 255 white; fill is black. PS3.3 C.7.5.1.1.2 */
export const levelsOf = (
  pixels: PixelArray,
  frame: Scaled,
  window: ShownWindow,
  inverted: boolean,
): Uint8Array<ArrayBuffer> => {
  const level = levelOf(frame, window, inverted);
  const [from, to] = frame.padding ?? [Number.NaN, Number.NaN];
  const out = new Uint8Array(pixels.length);
  const { format } = frame;
  if (format === 'uint8' || format === 'int8' || format === 'uint16' || format === 'int16') {
    const least = LEAST[format];
    const table = Uint8Array.from({ length: 2 ** (8 * pixels.BYTES_PER_ELEMENT) }, (_, n) => {
      const stored = n + least;
      return stored >= from && stored <= to ? 0 : level(stored);
    });
    for (let n = 0; n < out.length; n++) out[n] = table[(pixels[n] ?? 0) - least] ?? 0;
    return out;
  }
  for (let n = 0; n < out.length; n++) {
    const stored = pixels[n] ?? 0;
    out[n] = stored >= from && stored <= to ? 0 : level(stored);
  }
  return out;
};

/** The same of values between the voxels: where there is nothing (NaN) it is black, however greys lie. */
export const levelsOfSamples = (
  values: Float32Array,
  frame: Scaled,
  window: ShownWindow,
  inverted: boolean,
): Uint8Array<ArrayBuffer> => {
  const out = new Uint8Array(values.length);
  if (isCurve(window, window.curve ?? null)) {
    const level = levelOf(frame, window, inverted);
    for (let n = 0; n < out.length; n++) {
      const value = values[n] ?? Number.NaN;
      if (!Number.isNaN(value)) out[n] = level(value);
    }
    return out;
  }
  const [low, high] = windowEdges(window);
  const gain = (255 / (high - low || 1e-9)) * frame.slope;
  const offset = ((frame.intercept - low) * 255) / (high - low || 1e-9) + 0.5;
  for (let n = 0; n < out.length; n++) {
    const value = values[n] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const level = value * gain + offset;
    const grey = level > 255 ? 255 : level > 0 ? level | 0 : 0;
    out[n] = inverted ? 255 - grey : grey;
  }
  return out;
};
