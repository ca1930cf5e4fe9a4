/** A photograph of the retina on its way to a network: its round field as a square, equalised; and what its quality is. */
import type { PhotographStep } from '../manifest.ts';
import { axisWeights, resamplePlane } from '../resample.ts';
import { clahe } from './clahe.ts';
import { EDGE_SHARE, type Field, findField, type Photograph } from './field.ts';
import type { PreparedImage } from './image.ts';

export type { Photograph } from './field.ts';

/** The last rim of the field is left out: it is dark, blurred or coloured by the camera. */
const FIELD_SHARE = 0.98;

/** What the gate looks at; all but `light` inside the field. */
export interface Quality {
  /** 99th percentile of brightness. */
  readonly light: number;
  /** Share of the round field that lies in the photograph. */
  readonly framed: number;
  /** Share of what lies in the photograph that is bright. */
  readonly lit: number;
  /** Mean of red less blue over the mean of the brightest channel. */
  readonly red: number;
  /** Contrast of details of 3 to 9 pixels over that of 9 to 33. */
  readonly sharp: number;
}

/** As an image, but data is [3, size, size]. */
export interface PreparedPhotograph extends PreparedImage {
  /** 1 in the field. */
  readonly mask: Uint8Array;
  readonly quality: Quality;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly side: number;
  /** Blocks of k x k pixels are averaged before anything else. */
  readonly k: number;
}

const boxOf = (field: Field, size: number): Box => {
  const wanted = Math.floor(2 * field.radius + 0.5);
  const k = Math.max(1, Math.floor(wanted / size));
  const side = Math.floor(wanted / k) * k;
  return { left: Math.floor(field.x - side / 2 + 0.5), top: Math.floor(field.y - side / 2 + 0.5), side, k };
};

/** One channel of the square, 0 beyond the photograph, blocks averaged. */
const blocks = ({ rgb, columns, rows }: Photograph, { left, top, side, k }: Box, channel: number): Float32Array => {
  const count = side / k;
  const out = new Float32Array(count * count);
  for (let y = 0; y < count; y++)
    for (let x = 0; x < count; x++) {
      let sum = 0;
      for (let j = 0; j < k; j++) {
        const row = top + y * k + j;
        if (row < 0 || row >= rows) continue;
        for (let i = 0; i < k; i++) {
          const column = left + x * k + i;
          if (column >= 0 && column < columns) sum += rgb[(row * columns + column) * 3 + channel] ?? 0;
        }
      }
      out[y * count + x] = sum / (255 * k * k);
    }
  return out;
};

const shrunk = (plane: Float32Array, count: number, size: number): Float32Array => {
  if (count === size) return plane;
  const weights = axisWeights(count, size, count / size, 'renormalise');
  return resamplePlane(plane, count, count, weights, weights);
};

const masks = (photo: Photograph, field: Field, { left, top, side }: Box, size: number) => {
  const mask = new Uint8Array(size * size);
  const reach = (FIELD_SHARE * field.radius) ** 2;
  let full = 0;
  let seen = 0;
  for (let row = 0; row < size; row++) {
    const y = ((row + 0.5) * side) / size + top;
    for (let column = 0; column < size; column++) {
      const x = ((column + 0.5) * side) / size + left;
      if ((x - field.x) ** 2 + (y - field.y) ** 2 > reach) continue;
      full++;
      if (x < 1 || y < 1 || x > photo.columns - 1 || y > photo.rows - 1) continue;
      mask[row * size + column] = 1;
      seen++;
    }
  }
  return { mask, framed: seen / Math.max(1, full) };
};

/** Mean over width x width about each pixel, 0 beyond the edge. */
const boxMean = (plane: ArrayLike<number>, size: number, width: number): Float64Array => {
  const half = (width - 1) / 2;
  const wide = size + width;
  const sums = new Float64Array(wide * wide);
  for (let y = 1; y < wide; y++) {
    let row = 0;
    const from = y - 1 - half;
    for (let x = 1; x < wide; x++) {
      const column = x - 1 - half;
      if (from >= 0 && from < size && column >= 0 && column < size) row += plane[from * size + column] ?? 0;
      sums[y * wide + x] = (sums[(y - 1) * wide + x] ?? 0) + row;
    }
  }
  const out = new Float64Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const [a, b] = [y * wide + x, (y + width) * wide + x];
      out[y * size + x] =
        ((sums[b + width] ?? 0) - (sums[a + width] ?? 0) - (sums[b] ?? 0) + (sums[a] ?? 0)) / (width * width);
    }
  return out;
};

const sharpness = (green: Float32Array, mask: Uint8Array, size: number): number => {
  // far enough from every edge that no mean reaches beyond it
  const whole = boxMean(mask, size, 33);
  const [fine, middle, coarse] = [boxMean(green, size, 3), boxMean(green, size, 9), boxMean(green, size, 33)];
  let [detail, shape] = [0, 0];
  for (let n = 0; n < whole.length; n++) {
    if ((whole[n] ?? 0) <= 0.999) continue;
    detail += ((fine[n] ?? 0) - (middle[n] ?? 0)) ** 2;
    shape += ((middle[n] ?? 0) - (coarse[n] ?? 0)) ** 2;
  }
  return shape > 0 ? Math.sqrt(detail / shape) : 0;
};

const qualityOf = (
  light: number,
  planes: readonly [Float32Array, Float32Array, Float32Array],
  { mask, framed }: { mask: Uint8Array; framed: number },
  size: number,
): Quality => {
  let [seen, lit, red, most] = [0, 0, 0, 0];
  for (let n = 0; n < mask.length; n++) {
    if (mask[n] !== 1) continue;
    const [r, g, b] = [planes[0][n] ?? 0, planes[1][n] ?? 0, planes[2][n] ?? 0];
    const bright = Math.max(r, g, b);
    seen++;
    most += bright;
    red += r - b;
    if (bright > EDGE_SHARE * light) lit++;
  }
  const many = Math.max(1, seen);
  return {
    light,
    framed,
    lit: lit / many,
    red: red / many / Math.max(1e-6, most / many),
    sharp: sharpness(planes[1], mask, size),
  };
};

/** Null where no field is found. Throws RangeError where the photograph is shorter than it says. */
export const preparePhotograph = (photo: Photograph, steps: readonly PhotographStep[]): PreparedPhotograph | null => {
  if (photo.rgb.length < photo.rows * photo.columns * 3)
    throw new RangeError('the frame has fewer pixels than it says');
  const size = steps.find((step) => step.step === 'field-square')?.size;
  if (size === undefined) throw new RangeError('a photograph needs the step field-square');
  const field = findField(photo);
  if (!field) return null;
  const box = boxOf(field, size);
  const seen = masks(photo, field, box, size);
  if (!seen.mask.includes(1)) return null;
  const plain = [0, 1, 2].map((channel) => shrunk(blocks(photo, box, channel), box.side / box.k, size)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const quality = qualityOf(field.light, plain, seen, size);
  let planes: readonly Float32Array[] = plain.map((plane) => plane.map((v, n) => (seen.mask[n] === 1 ? v : 0)));
  for (const step of steps)
    if (step.step === 'clahe') planes = planes.map((plane) => clahe(plane, seen.mask, size, step));
  const data = new Float32Array(3 * size * size);
  for (const [channel, plane] of planes.entries()) data.set(plane, channel * size * size);
  return {
    data,
    columns: size,
    rows: size,
    content: [0, 0, size, size],
    scale: [size / box.side, size / box.side],
    shift: [(-box.left * size) / box.side, (-box.top * size) / box.side],
    mask: seen.mask,
    quality,
  };
};
