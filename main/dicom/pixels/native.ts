import type { Layout } from '../image.ts';
import { Unreadable } from '../parse.ts';

export type Samples = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array;

/** A copy of its own, aligned, in which every group of `width` bytes is turned round. */
const swapped = (bytes: Uint8Array, width: 2 | 4 | 8): Uint8Array => {
  const copy = Buffer.alloc(bytes.length - (bytes.length % width));
  copy.set(bytes.subarray(0, copy.length));
  if (width === 2) copy.swap16();
  else if (width === 4) copy.swap32();
  else copy.swap64();
  return copy;
};
const aligned = (bytes: Uint8Array, width: number): ArrayBuffer => {
  const { buffer, byteOffset, byteLength } = bytes;
  return byteOffset % width === 0 &&
    byteOffset === 0 &&
    byteLength === buffer.byteLength &&
    buffer instanceof ArrayBuffer
    ? buffer
    : (new Uint8Array(bytes).buffer as ArrayBuffer);
};

/** Keeps the stored bits and extends their sign: what lies in the other bits (old overlays, junk) is no pixel. */
export const keepStoredBits = (
  samples: Samples,
  layout: Layout,
  lowBit = layout.highBit + 1 - layout.bitsStored,
): void => {
  if (samples instanceof Float32Array) return;
  const { bitsStored, bitsAllocated, signed } = layout;
  if (bitsStored === bitsAllocated || bitsAllocated === 1) return;
  const up = 32 - bitsStored - lowBit;
  const down = 32 - bitsStored;
  if (signed) for (let i = 0; i < samples.length; i++) samples[i] = ((samples[i] ?? 0) << up) >> down;
  else for (let i = 0; i < samples.length; i++) samples[i] = ((samples[i] ?? 0) << up) >>> down;
};

/** [rows * columns * samples] stored values of one uncompressed frame; colour as it lies (planar or by pixel). */
export const nativeSamples = (
  stored: { bytes: Uint8Array; bitOffset: number },
  layout: Layout,
  littleEndian: boolean,
  vr: string,
  samplesPerPixel: number = layout.samples,
): Samples => {
  const count = layout.rows * layout.columns * samplesPerPixel;
  let { bytes } = stored;
  const { bitsAllocated, signed } = layout;
  if (bitsAllocated === 1) {
    if (!littleEndian && vr === 'OW') bytes = swapped(bytes, 2);
    const out = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const bit = stored.bitOffset + i;
      out[i] = ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1;
    }
    return out;
  }
  if (bitsAllocated === 8) {
    if (!littleEndian && vr === 'OW') bytes = swapped(bytes, 2);
    const from = stored.bitOffset / 8;
    const own = new Uint8Array(count);
    if (bytes.length < from + count) throw new Unreadable('the frame is cut short');
    own.set(bytes.subarray(from, from + count));
    const samples = signed ? new Int8Array(own.buffer) : own;
    keepStoredBits(samples, layout);
    return samples;
  }
  const width = (bitsAllocated / 8) as 2 | 4 | 8;
  if (bytes.length < count * width) throw new Unreadable('the frame is cut short');
  bytes = bytes.subarray(0, count * width);
  const buffer = aligned(littleEndian ? bytes : swapped(bytes, width), width);
  if (layout.format === 'float32' && vr !== 'OW' && vr !== 'OB')
    return width === 8 ? Float32Array.from(new Float64Array(buffer)) : new Float32Array(buffer);
  const samples =
    width === 2
      ? signed
        ? new Int16Array(buffer)
        : new Uint16Array(buffer)
      : signed
        ? new Int32Array(buffer)
        : new Uint32Array(buffer);
  keepStoredBits(samples, layout);
  return samples;
};
