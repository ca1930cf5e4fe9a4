import type { ImageStep } from '../manifest.ts';
import { axisWeights, resamplePlane } from '../resample.ts';

/** One frame on its way to a network: [rows, columns] float32, and where its pixels lie in the image it came from. */
export interface PreparedImage {
  readonly data: Float32Array;
  readonly columns: number;
  readonly rows: number;
  /** Part that shows the image, half-open; the rest is padding. */
  readonly content: readonly [x0: number, y0: number, x1: number, y1: number];
  /** image x = (x - shift[0]) / scale[0]; the same for y. */
  readonly scale: readonly [number, number];
  readonly shift: readonly [number, number];
}

export interface StoredFrame {
  readonly stored: ArrayLike<number>;
  readonly columns: number;
  readonly rows: number;
  readonly slope: number;
  readonly intercept: number;
  readonly inverted: boolean;
}

const each = (image: PreparedImage, change: (value: number) => number): PreparedImage => {
  const data = image.data.slice();
  const [x0, y0, x1, y1] = image.content;
  for (let y = y0; y < y1; y++)
    for (let n = y * image.columns + x0; n < y * image.columns + x1; n++) data[n] = change(data[n] ?? 0);
  return { ...image, data };
};

const contentOf = (image: PreparedImage): Float32Array => {
  const [x0, y0, x1, y1] = image.content;
  const out = new Float32Array((x1 - x0) * (y1 - y0));
  for (let y = y0; y < y1; y++)
    out.set(image.data.subarray(y * image.columns + x0, y * image.columns + x1), (y - y0) * (x1 - x0));
  return out;
};

/** Percentiles (0..100) of values, linear between ranks, as numpy's default. Sorts its argument. */
export const percentiles = (values: Float32Array, wanted: readonly number[]): number[] => {
  if (values.length === 0) throw new RangeError('no values, no percentiles');
  values.sort();
  return wanted.map((p) => {
    const rank = (Math.min(100, Math.max(0, p)) / 100) * (values.length - 1);
    const low = Math.floor(rank);
    const a = values[low] ?? 0;
    const b = values[Math.min(values.length - 1, low + 1)] ?? a;
    return a + (b - a) * (rank - low);
  });
};

const invertMonochrome1 = (image: PreparedImage): PreparedImage => {
  let low = Infinity;
  let high = -Infinity;
  for (const value of contentOf(image)) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return each(image, (value) => high + low - value);
};

export const windowed = (image: PreparedImage, low: number, high: number): PreparedImage => {
  const width = Math.max(high - low, 1e-6);
  return each(image, (value) => Math.min(1, Math.max(0, (value - low) / width)));
};

/** To size x size: aspect kept, centred, the rest 0. Counts are rounded half up. */
export const letterbox = (image: PreparedImage, size: number): PreparedImage => {
  const shrink = size / Math.max(image.columns, image.rows);
  const columns = Math.min(size, Math.max(1, Math.floor(image.columns * shrink + 0.5)));
  const rows = Math.min(size, Math.max(1, Math.floor(image.rows * shrink + 0.5)));
  const small = resamplePlane(
    image.data,
    image.columns,
    image.rows,
    axisWeights(image.columns, columns, image.columns / columns, 'renormalise'),
    axisWeights(image.rows, rows, image.rows / rows, 'renormalise'),
  );
  const left = Math.floor((size - columns) / 2);
  const top = Math.floor((size - rows) / 2);
  const data = new Float32Array(size * size);
  for (let y = 0; y < rows; y++) data.set(small.subarray(y * columns, (y + 1) * columns), (y + top) * size + left);
  return {
    data,
    columns: size,
    rows: size,
    content: [left, top, left + columns, top + rows],
    scale: [columns / image.columns, rows / image.rows],
    shift: [left, top],
  };
};

/** Throws RangeError where a frame is empty, not finite, or the steps come in an order that cannot be meant. */
export const prepareImage = (frame: StoredFrame, steps: readonly ImageStep[]): PreparedImage => {
  const count = frame.columns * frame.rows;
  if (count < 1 || frame.stored.length < count) throw new RangeError('the frame has fewer pixels than it says');
  const raw = new Float32Array(count);
  for (let n = 0; n < count; n++) raw[n] = frame.stored[n] ?? 0;
  let image: PreparedImage = {
    data: raw,
    columns: frame.columns,
    rows: frame.rows,
    content: [0, 0, frame.columns, frame.rows],
    scale: [1, 1],
    shift: [0, 0],
  };
  for (const step of steps) {
    switch (step.step) {
      case 'modality':
        image = each(image, (value) => value * frame.slope + frame.intercept);
        break;
      case 'invert-monochrome1':
        if (frame.inverted) image = invertMonochrome1(image);
        break;
      case 'letterbox':
        if (image.shift[0] !== 0 || image.shift[1] !== 0) throw new RangeError('letterbox comes once');
        image = letterbox(image, step.size);
        break;
      case 'percentile-window': {
        const [low = 0, high = 1] = percentiles(contentOf(image), [step.low, step.high]);
        image = windowed(image, low, high);
        break;
      }
      case 'window':
        image = windowed(image, step.low, step.high);
        break;
      case 'normalise':
        image = { ...image, data: image.data.map((value) => (value - step.mean) / step.deviation) };
        break;
    }
  }
  if (!image.data.every(Number.isFinite)) throw new RangeError('the frame has values that are not finite');
  return image;
};

/** A box of the prepared image in pixels of the original, clipped to it; null where nothing of it is inside. */
export const boxToImage = (
  image: PreparedImage,
  original: { columns: number; rows: number },
  box: readonly [number, number, number, number],
): [number, number, number, number] | null => {
  const x = (v: number): number => Math.min(original.columns, Math.max(0, (v - image.shift[0]) / image.scale[0]));
  const y = (v: number): number => Math.min(original.rows, Math.max(0, (v - image.shift[1]) / image.scale[1]));
  const out: [number, number, number, number] = [x(box[0]), y(box[1]), x(box[2]), y(box[3])];
  return out[2] > out[0] && out[3] > out[1] ? out : null;
};
