import { encode } from 'fast-png';
import { greyOf, tableOf } from '../../models/kit/voi.ts';
import type { Samples } from '../dicom/index.ts';
import type { DecodeRequest, FrameToDecode } from './decode-messages.ts';

const SIDE = 256;

type Look = Pick<
  Extract<DecodeRequest, { kind: 'thumbnail' }>,
  'slope' | 'intercept' | 'inverted' | 'window' | 'voiTable' | 'aspect'
>;

/** 2nd to 98th hundredth of the modality values, where the file gives no window. */
const spread = (samples: Samples, look: Look, padding: FrameToDecode['padding']): { center: number; width: number } => {
  const step = Math.max(1, Math.floor(samples.length / 20_000));
  const values: number[] = [];
  for (let i = 0; i < samples.length; i += step) {
    const stored = samples[i] ?? 0;
    if (!isFill(stored, padding)) values.push(stored * look.slope + look.intercept);
  }
  values.sort((a, b) => a - b);
  const low = values[Math.floor(values.length * 0.02)] ?? 0;
  const high = values[Math.floor(values.length * 0.98)] ?? 1;
  const width = high > low ? high - low : 1;
  return { center: low + width / 2, width };
};

const isFill = (stored: number, padding: FrameToDecode['padding']): boolean =>
  padding !== null && stored >= padding[0] && stored <= padding[1];

/** PNG of at most 256 pixels a side, each the mean of the pixels it covers. */
export const thumbnailPng = (samples: Samples, frame: FrameToDecode, look: Look): Uint8Array => {
  const { rows, columns, format, padding } = frame;
  const tall = rows * look.aspect;
  const scale = Math.min(1, SIDE / Math.max(columns, tall));
  const width = Math.max(1, Math.round(columns * scale));
  const height = Math.max(1, Math.min(SIDE, Math.round(tall * scale)));
  const channels = format === 'rgb8' ? 3 : 1;
  const voi = look.window ?? { ...spread(samples, look, padding), function: 'LINEAR_EXACT' as const };
  const grey = greyOf(voi, look.voiTable && tableOf(look.voiTable));
  const out = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const y0 = Math.floor((y * rows) / height);
    const y1 = Math.max(y0 + 1, Math.floor(((y + 1) * rows) / height));
    for (let x = 0; x < width; x++) {
      const x0 = Math.floor((x * columns) / width);
      const x1 = Math.max(x0 + 1, Math.floor(((x + 1) * columns) / width));
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        let count = 0;
        for (let j = y0; j < y1; j++)
          for (let i = x0; i < x1; i++) {
            const stored = samples[(j * columns + i) * channels + c] ?? 0;
            if (isFill(stored, padding)) continue;
            sum += stored;
            count++;
          }
        const mean = sum / Math.max(1, count);
        const level = channels === 3 ? mean / 255 : grey(mean * look.slope + look.intercept);
        out[(y * width + x) * channels + c] =
          count === 0 ? 0 : Math.round(255 * (channels === 1 && look.inverted ? 1 - level : level));
      }
    }
  }
  return encode({ width, height, data: out, channels, depth: 8 });
};
