import { BYTES_PER_PIXEL, type Frame, type PixelFormat } from '../../../preload/contract/index.ts';

export type PixelArray =
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>;

const VIEWS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  rgb8: Uint8Array,
} as const satisfies Record<PixelFormat, unknown>;

/** Stored values of one frame: rows * columns of them (3 times that for rgb8). Little endian, as every machine we run on. */
export const pixelsOf = (frame: Pick<Frame, 'rows' | 'columns' | 'format'>, buffer: ArrayBuffer): PixelArray => {
  const samples = frame.rows * frame.columns * (frame.format === 'rgb8' ? 3 : 1);
  // Frames may carry trailing pad bytes.
  return new VIEWS[frame.format](buffer, 0, samples);
};

export const blank = (format: PixelFormat, samples: number): PixelArray => new VIEWS[format](samples);

export const frameBytes = (frame: Pick<Frame, 'rows' | 'columns' | 'format'>): number =>
  frame.rows * frame.columns * BYTES_PER_PIXEL[frame.format];

const ranges = new WeakMap<PixelArray, readonly [number, number]>();

/** Stored values that are fill, from the first to the second. */
type Padding = readonly [number, number] | undefined;

/** robustRange, remembered as long as the pixels are held. */
export const rangeOf = (pixels: PixelArray, padding: Padding): readonly [number, number] => {
  let range = ranges.get(pixels);
  if (range === undefined) {
    range = robustRange(pixels, padding);
    ranges.set(pixels, range);
  }
  return range;
};

/** Of all values at each side so small a part lies outside the range. */
const OUTSIDE = 0.005;

/** Whole numbers of two bytes at most are counted, which is much quicker than to sort them. */
const counted = (pixels: PixelArray): readonly [least: number, kinds: number] | null => {
  if (pixels instanceof Uint8Array) return [0, 256];
  if (pixels instanceof Int8Array) return [-128, 256];
  if (pixels instanceof Uint16Array) return [0, 65_536];
  if (pixels instanceof Int16Array) return [-32_768, 65_536];
  return null;
};

/** [low, high] between which all but a small part (each side) of the values lie; a sample of at most 65,536 of them. */
export const robustRange = (pixels: PixelArray, padding?: Padding): [number, number] => {
  const step = Math.max(1, Math.floor(pixels.length / 65_536));
  const [from, to] = padding ?? [1, 0];
  const ranks = (n: number): readonly [number, number] => [
    Math.floor((n - 1) * OUTSIDE),
    Math.ceil((n - 1) * (1 - OUTSIDE)),
  ];
  const count = counted(pixels);
  let n = 0;
  let low: number;
  let high: number;
  if (count !== null) {
    const [least, kinds] = count;
    const counts = new Uint32Array(kinds);
    for (let index = 0; index < pixels.length; index += step) {
      const value = pixels[index] as number;
      if (value >= from && value <= to) continue;
      counts[value - least] = (counts[value - least] as number) + 1;
      n++;
    }
    if (n === 0) return [0, 1];
    const [first, last] = ranks(n);
    let passed = 0;
    let kind = -1;
    while (passed <= first) passed += counts[++kind] as number;
    low = kind + least;
    while (passed <= last) passed += counts[++kind] as number;
    high = kind + least;
  } else {
    const sample = new Float64Array(Math.ceil(pixels.length / step));
    for (let index = 0; index < pixels.length; index += step) {
      const value = pixels[index] as number;
      if (!(value >= from && value <= to)) sample[n++] = value;
    }
    if (n === 0) return [0, 1];
    const [first, last] = ranks(n);
    const sorted = sample.subarray(0, n).sort();
    low = sorted[first] as number;
    high = sorted[last] as number;
  }
  return high > low ? [low, high] : [low, low + 1];
};
