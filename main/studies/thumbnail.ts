import { encode } from 'fast-png';
import type { Samples } from '../dicom/index.ts';
import type { DecodeRequest, FrameToDecode } from './decode-messages.ts';

const SIDE = 256;

type Look = Pick<
  Extract<DecodeRequest, { kind: 'thumbnail' }>,
  'slope' | 'intercept' | 'inverted' | 'window' | 'aspect'
>;

/** 2nd to 98th hundredth of the modality values, where the file gives no window. */
const windowOf = (samples: Samples, look: Look): { low: number; high: number } => {
  if (look.window) {
    const half = look.window.width / 2;
    return { low: look.window.center - half, high: look.window.center + half };
  }
  const step = Math.max(1, Math.floor(samples.length / 20_000));
  const values: number[] = [];
  for (let i = 0; i < samples.length; i += step) values.push((samples[i] ?? 0) * look.slope + look.intercept);
  values.sort((a, b) => a - b);
  const low = values[Math.floor(values.length * 0.02)] ?? 0;
  const high = values[Math.floor(values.length * 0.98)] ?? 1;
  return { low, high: high > low ? high : low + 1 };
};

/** PNG of at most 256 pixels a side, each the mean of the pixels it covers. */
export const thumbnailPng = (samples: Samples, frame: FrameToDecode, look: Look): Uint8Array => {
  const { rows, columns, format } = frame;
  const tall = rows * look.aspect;
  const scale = Math.min(1, SIDE / Math.max(columns, tall));
  const width = Math.max(1, Math.round(columns * scale));
  const height = Math.max(1, Math.min(SIDE, Math.round(tall * scale)));
  const channels = format === 'rgb8' ? 3 : 1;
  const { low, high } = channels === 1 ? windowOf(samples, look) : { low: 0, high: 255 };
  const out = new Uint8Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    const y0 = Math.floor((y * rows) / height);
    const y1 = Math.max(y0 + 1, Math.floor(((y + 1) * rows) / height));
    for (let x = 0; x < width; x++) {
      const x0 = Math.floor((x * columns) / width);
      const x1 = Math.max(x0 + 1, Math.floor(((x + 1) * columns) / width));
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let j = y0; j < y1; j++)
          for (let i = x0; i < x1; i++) sum += samples[(j * columns + i) * channels + c] ?? 0;
        const mean = sum / ((y1 - y0) * (x1 - x0));
        if (channels === 3) out[(y * width + x) * 3 + c] = Math.round(mean);
        else {
          const grey = Math.min(1, Math.max(0, (mean * look.slope + look.intercept - low) / (high - low)));
          out[y * width + x] = Math.round(255 * (look.inverted ? 1 - grey : grey));
        }
      }
    }
  }
  return encode({ width, height, data: out, channels, depth: 8 });
};
