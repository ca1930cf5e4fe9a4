import type { PixelArray } from '../data/pixels.ts';
import type { Picture } from '../view/slice-view.svelte.ts';
import type { Painter } from './painter.ts';

/** Opaque greys 0 to 255 as one little-endian RGBA word each. */
const GREYS = Uint32Array.from({ length: 256 }, (_, grey) => (0xff000000 | (grey << 16) | (grey << 8) | grey) >>> 0);

type Whole = Uint8Array | Uint16Array;

/** Values as they lie in memory, without their sign: one kind of array for what looks the words up. */
const unsigned = (pixels: PixelArray): { view: Whole; kinds: number; signed: boolean } | null => {
  const { buffer, byteOffset, length } = pixels;
  if (pixels instanceof Int16Array || pixels instanceof Uint16Array)
    return {
      view: new Uint16Array(buffer, byteOffset, length),
      kinds: 65_536,
      signed: pixels instanceof Int16Array,
    };
  if (pixels instanceof Int8Array || pixels instanceof Uint8Array)
    return { view: new Uint8Array(buffer, byteOffset, length), kinds: 256, signed: pixels instanceof Int8Array };
  return null;
};

/** Of the last picture: written anew for each. */
const tables = new Map<number, Uint32Array>();

/**
 * By the unsigned value its word: sooner made than as many pixels are reckoned. Only what lies on the ramp is reckoned, with
 * a value to spare on each side.
 */
const tableOf = (
  kinds: number,
  signed: boolean,
  word: (value: number) => number,
  [low, high]: readonly [number, number],
): Uint32Array => {
  const words = tables.get(kinds) ?? new Uint32Array(kinds);
  tables.set(kinds, words);
  const least = signed ? -kinds / 2 : 0;
  const end = least + kinds;
  const within = (value: number): number => Math.min(end, Math.max(least, value));
  const from = within(Math.floor(Math.min(low, high)) - 1);
  const to = within(Math.ceil(Math.max(low, high)) + 2);
  const fill = (first: number, last: number, filled: number): void => {
    // Those below zero lie behind the others.
    if (first < 0) words.fill(filled, first + kinds, Math.min(last, 0) + kinds);
    if (last > 0) words.fill(filled, Math.max(first, 0), last);
  };
  fill(least, from, word(least));
  for (let value = from; value < to; value++) words[value < 0 ? value + kinds : value] = word(value);
  fill(to, end, word(end - 1));
  return words;
};

/** A loop of its own: it is the same code for every series, and soon compiled. */
const lookUp = (view: Whole, words: Uint32Array, out: Uint32Array): void => {
  for (let index = 0; index < out.length; index++) out[index] = words[view[index] as number] as number;
};

/** [rows * columns] RGBA words: stored values through the window, black below and white above. */
export const windowed = (picture: Picture, out: Uint32Array): void => {
  const { pixels, edges } = picture;
  const [low, high] = edges;
  const gain = 255 / (high - low || 1e-9);
  const offset = 0.5 - low * gain;
  if (picture.rgb) {
    const level = (value: number): number => Math.min(255, Math.max(0, value * gain + offset)) | 0;
    for (let index = 0, at = 0; index < out.length; index++, at += 3) {
      const r = level(pixels[at] ?? 0);
      const g = level(pixels[at + 1] ?? 0);
      const b = level(pixels[at + 2] ?? 0);
      out[index] = 0xff000000 | (b << 16) | (g << 8) | r;
    }
    return;
  }
  const word = (value: number): number => {
    const level = value * gain + offset;
    return GREYS[level > 255 ? 255 : level > 0 ? level | 0 : 0] as number;
  };
  const whole = pixels.length < 65_536 ? null : unsigned(pixels);
  if (whole !== null) return lookUp(whole.view, tableOf(whole.kinds, whole.signed, word, edges), out);
  for (let index = 0; index < out.length; index++) out[index] = word(pixels[index] ?? 0);
};

/** Two-dimensional canvas: works wherever there is a screen. Smoothing is after the window, so narrow windows look a little softer. */
export const canvasPainter = (element: HTMLElement): Painter => {
  const canvas = document.createElement('canvas');
  element.append(canvas);
  const image = document.createElement('canvas');
  /** Of the image's size: made once, written for each. */
  let data: ImageData | null = null;
  let painted: { key: string; low: number; high: number } | null = null;

  const draw = (picture: Picture): void => {
    const { image: shape, edges } = picture;
    if (painted?.key === picture.key && painted.low === edges[0] && painted.high === edges[1]) return;
    if (data?.width !== shape.columns || data.height !== shape.rows) {
      image.width = shape.columns;
      image.height = shape.rows;
      data = new ImageData(shape.columns, shape.rows);
    }
    const context = image.getContext('2d');
    if (context === null) throw new Error('The browser gives no canvas to draw on.');
    windowed(picture, new Uint32Array(data.data.buffer));
    context.putImageData(data, 0, 0);
    painted = { key: picture.key, low: edges[0], high: edges[1] };
  };

  return {
    kind: 'canvas',
    paint: (painting) => {
      const ratio = window.devicePixelRatio;
      const width = Math.max(1, Math.round((painting?.width ?? element.clientWidth) * ratio));
      const height = Math.max(1, Math.round((painting?.height ?? element.clientHeight) * ratio));
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width;
        canvas.height = height;
      }
      const context = canvas.getContext('2d', { alpha: false });
      if (context === null) throw new Error('The browser gives no canvas to draw on.');
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.fillStyle = '#000';
      context.fillRect(0, 0, width, height);
      if (painting === null) return;
      draw(painting.picture);
      const p = painting.placement;
      context.setTransform(p.a * ratio, p.b * ratio, p.c * ratio, p.d * ratio, p.e * ratio, p.f * ratio);
      context.imageSmoothingEnabled = true;
      // Enlarged by lines between the pixels' middles, as graphics hardware does: 'high' blurs a pixel's own grey away.
      context.imageSmoothingQuality = Math.min(Math.hypot(p.a, p.b), Math.hypot(p.c, p.d)) * ratio < 1 ? 'high' : 'low';
      context.drawImage(image, 0, 0);
    },
    close: () => canvas.remove(),
  };
};

/** What the first image is drawn by is compiled while nobody waits for it. */
const rehearse = (): void => {
  const image = { columns: 256, rows: 256, pixelSize: [1, 1] } as const;
  const pixels = Int16Array.from({ length: 65_536 }, (_, n) => n - 32_768);
  const out = new Uint32Array(pixels.length);
  for (let n = 0; n < 6; n++) windowed({ key: '', image, rgb: false, pixels, edges: [-160 - n, 240] }, out);
};
if (typeof requestIdleCallback === 'function') requestIdleCallback(rehearse, { timeout: 2000 });
