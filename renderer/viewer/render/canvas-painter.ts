import type { PixelArray } from '../data/pixels.ts';
import type { Picture } from '../view/slice-view.svelte.ts';
import type { Painter } from './painter.ts';

/** Opaque greys 0 to 255 as one little-endian RGBA word each. */
const GREYS = Uint32Array.from({ length: 256 }, (_, grey) => (0xff000000 | (grey << 16) | (grey << 8) | grey) >>> 0);

/** Of the last table: written anew for each picture. */
const tables = new Map<number, Uint32Array>();

/** Of each value that the pixels can have its word: sooner made than as many pixels are reckoned. */
const tableOf = (pixels: PixelArray, word: (value: number) => number): { least: number; words: Uint32Array } | null => {
  if (pixels.length < 65_536) return null;
  const least = pixels instanceof Int16Array ? -32_768 : pixels instanceof Int8Array ? -128 : 0;
  const kinds =
    pixels instanceof Int16Array || pixels instanceof Uint16Array
      ? 65_536
      : pixels instanceof Uint8Array || pixels instanceof Int8Array
        ? 256
        : 0;
  if (kinds === 0) return null;
  const words = tables.get(kinds) ?? new Uint32Array(kinds);
  tables.set(kinds, words);
  for (let n = 0; n < kinds; n++) words[n] = word(n + least);
  return { least, words };
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
  const table = tableOf(pixels, word);
  if (table === null) {
    for (let index = 0; index < out.length; index++) out[index] = word(pixels[index] ?? 0);
    return;
  }
  const { least, words } = table;
  for (let index = 0; index < out.length; index++) out[index] = words[(pixels[index] as number) - least] as number;
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
