import type { Layout } from '../image.ts';
import { Unreadable } from '../parse.ts';

/** PackBits of one segment into out[at], out[at + step], ... (`count` bytes). PS3.5 annex G.3 */
const unpack = (segment: Uint8Array, out: Uint8Array, at: number, step: number, count: number): void => {
  let read = 0;
  let written = 0;
  while (written < count) {
    const control = segment[read++];
    if (control === undefined) throw new Unreadable('an RLE segment is cut short');
    if (control === 128) continue;
    if (control < 128) {
      const run = Math.min(control + 1, count - written);
      if (read + run > segment.length) throw new Unreadable('an RLE segment is cut short');
      for (let i = 0; i < run; i++) out[at + step * written++] = segment[read + i] ?? 0;
      read += control + 1;
    } else {
      const run = Math.min(257 - control, count - written);
      const value = segment[read++];
      if (value === undefined) throw new Unreadable('an RLE segment is cut short');
      for (let i = 0; i < run; i++) out[at + step * written++] = value;
    }
  }
};

/**
 * One RLE frame as native little-endian bytes, colour by pixel: segments are the bytes of each sample, most significant
 * first, sample after sample. PS3.5 annex G
 */
export const rleFrame = (bytes: Uint8Array, layout: Layout): Uint8Array => {
  const width = layout.bitsAllocated / 8;
  if (!Number.isInteger(width)) throw new Unreadable('one-bit pixels in RLE');
  if (bytes.length < 64) throw new Unreadable('the RLE header is cut short');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const segments = view.getUint32(0, true);
  const expected = layout.samples * width;
  if (segments !== expected) throw new Unreadable(`${segments} RLE segments where ${expected} are needed`);
  const count = layout.rows * layout.columns;
  const stride = expected;
  const out = new Uint8Array(count * stride);
  for (let s = 0; s < segments; s++) {
    const from = view.getUint32(4 + 4 * s, true);
    const to = s + 1 < segments ? view.getUint32(8 + 4 * s, true) : bytes.length;
    if (from < 64 || to > bytes.length || from > to) throw new Unreadable('an RLE segment lies outside the frame');
    const sample = Math.floor(s / width);
    const byte = width - 1 - (s % width);
    unpack(bytes.subarray(from, to), out, sample * width + byte, stride, count);
  }
  return out;
};
