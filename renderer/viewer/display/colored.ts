/** Pictures in colour of images of one channel: by a map over their greys, or by the palette that the file lays over them. */
import type { Frame, SupplementalPalette } from '../../../preload/contract/index.ts';
import type { PixelArray } from '../data/pixels.ts';
import { LEAST, levelOf } from '../view/levels.ts';
import type { ShownWindow } from '../view/presets.ts';
import { type ColorMapId, colorTable } from './color-maps.ts';

/** Colours for stored values from `first` on, three bytes each. */
export interface Palette {
  readonly first: number;
  readonly colors: Uint8Array;
}

const palettes = new WeakMap<SupplementalPalette, Palette>();
export const paletteOf = (encoded: SupplementalPalette): Palette => {
  const known = palettes.get(encoded);
  if (known !== undefined) return known;
  const colors = Uint8Array.from(atob(encoded.colors), (letter) => letter.charCodeAt(0));
  const palette = { first: encoded.first, colors };
  palettes.set(encoded, palette);
  return palette;
};

type Scaled = Pick<Frame, 'slope' | 'intercept' | 'padding' | 'format'>;

/** Writes the colour of a stored value at out[at]. Fill, and what lies outside a volume (NaN), is black whatever the map's first colour is. */
const painter = (
  frame: Scaled,
  window: ShownWindow,
  inverted: boolean,
  map: ColorMapId,
  palette: Palette | null,
): ((stored: number, out: Uint8Array, at: number) => void) => {
  const level = levelOf(frame, window, inverted);
  const table = colorTable(map);
  const [from, to] = frame.padding ?? [Number.NaN, Number.NaN];
  const last = palette === null ? 0 : palette.colors.length / 3 - 1;
  return (stored, out, at) => {
    if ((stored >= from && stored <= to) || Number.isNaN(stored)) {
      out[at] = out[at + 1] = out[at + 2] = 0;
      return;
    }
    const colored = palette !== null && stored >= palette.first;
    const source = colored ? palette.colors : table;
    const entry = 3 * (colored ? Math.min(last, Math.floor(stored - palette.first)) : level(stored));
    out[at] = source[entry] ?? 0;
    out[at + 1] = source[entry + 1] ?? 0;
    out[at + 2] = source[entry + 2] ?? 0;
  };
};

/** [pixels * 3] red, green, blue. */
export const coloredOf = (
  pixels: PixelArray,
  frame: Scaled,
  window: ShownWindow,
  inverted: boolean,
  map: ColorMapId,
  palette: Palette | null,
): Uint8Array<ArrayBuffer> => {
  const paint = painter(frame, window, inverted, map, palette);
  const out = new Uint8Array(pixels.length * 3);
  const { format } = frame;
  if (format === 'uint8' || format === 'int8' || format === 'uint16' || format === 'int16') {
    const least = LEAST[format];
    const size = 2 ** (8 * pixels.BYTES_PER_ELEMENT);
    // Each stored value is worked out once, where there are more pixels than values.
    if (pixels.length > size / 4) {
      const table = new Uint8Array(size * 3);
      for (let n = 0; n < size; n++) paint(n + least, table, n * 3);
      for (let n = 0, at = 0; n < pixels.length; n++, at += 3) {
        const entry = ((pixels[n] ?? 0) - least) * 3;
        out[at] = table[entry] ?? 0;
        out[at + 1] = table[entry + 1] ?? 0;
        out[at + 2] = table[entry + 2] ?? 0;
      }
      return out;
    }
  }
  for (let n = 0; n < pixels.length; n++) paint(pixels[n] ?? 0, out, n * 3);
  return out;
};

/** [count * 3] colours of modality values that lie evenly from low to high, for the bar beside the image. */
export const colorsAlong = (
  window: ShownWindow,
  inverted: boolean,
  map: ColorMapId,
  range: readonly [number, number],
  count: number,
): Uint8Array => {
  const paint = painter({ slope: 1, intercept: 0, format: 'float32' }, window, inverted, map, null);
  const out = new Uint8Array(count * 3);
  const step = (range[1] - range[0]) / Math.max(1, count - 1);
  for (let n = 0; n < count; n++) paint(range[0] + n * step, out, n * 3);
  return out;
};
