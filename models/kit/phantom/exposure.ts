import type { Random } from '../random.ts';
import { ID } from './labels.ts';

/**
 * 12 bits, as a reader gets it: the lungs' median and the densest tissue set the range, a film-like curve compresses the
 * mediastinum. Values 60 to 4000; the collimated border is near black.
 */
export const expose = (
  signal: Float32Array,
  labels: Uint8Array,
  width: number,
  height: number,
  random: Random,
): Uint16Array => {
  const n = width * height;
  const sample: number[] = [],
    lung: number[] = [];
  const pace = Math.max(1, Math.round(width / 128));
  for (let j = Math.floor(height * 0.08); j < height * 0.92; j += pace)
    for (let i = Math.floor(width * 0.08); i < width * 0.92; i += pace) {
      const p = i + width * j;
      sample.push(signal[p] as number);
      if (labels[p] === ID['lung-left'] || labels[p] === ID['lung-right']) lung.push(signal[p] as number);
    }
  const at = (values: number[], q: number): number =>
    values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? 0;
  const high = at(sample, 0.985) + random.between(0.02, 0.12);
  const middle = lung.length > 20 ? at(lung, 0.4) : at(sample, 0.3);
  const low = middle - random.between(0.36, 0.52) * (high - middle);
  const out = new Uint16Array(n);
  const border = random.next() < 0.5 ? Math.round(width * random.between(0.004, 0.016)) : 0;
  const curve = random.between(0.8, 1.3);
  for (let j = 0; j < height; j++)
    for (let i = 0; i < width; i++) {
      const p = i + width * j;
      if (i < border || j < border || i >= width - border || j >= height - border) {
        out[p] = 20;
        continue;
      }
      const t = Math.min(1.05, Math.max(0, ((signal[p] as number) - low) / (high - low)));
      out[p] = Math.min(4050, Math.round(60 + (3900 * (1 - Math.exp(-curve * t))) / (1 - Math.exp(-curve))));
    }
  return out;
};

const FONT: Readonly<Record<'L' | 'R', readonly string[]>> = {
  L: ['1....', '1....', '1....', '1....', '1....', '1....', '11111'],
  R: ['1111.', '1...1', '1...1', '1111.', '1.1..', '1..1.', '1...1'],
};

/** A lead letter at the upper corner of its own side: L at image right, or R at image left. */
export const drawMarker = (data: Uint16Array, width: number, height: number, random: Random): void => {
  const letter = random.next() < 0.5 ? 'L' : 'R';
  const scale = Math.max(1, Math.round(width / 150));
  const w = 5 * scale;
  const x0 = letter === 'L' ? Math.round(width * 0.95) - w : Math.round(width * 0.05);
  const y0 = Math.round(height * 0.07);
  FONT[letter].forEach((row, j) => {
    [...row].forEach((bit, i) => {
      if (bit !== '1') return;
      for (let y = 0; y < scale; y++)
        for (let x = 0; x < scale; x++) data[x0 + i * scale + x + width * (y0 + j * scale + y)] = 4060;
    });
  });
};
