import type { OverlayWords } from '../display.ts';
import { isEncapsulated } from '../image.ts';
import { Unreadable } from '../parse.ts';
import { TAG } from '../tags.ts';
import type { Instance } from './frames.ts';

/** A bit for each pixel, the first in the lowest bit of the first byte. */
const packed = (count: number, bit: (n: number) => number): Uint8Array => {
  const out = new Uint8Array(Math.ceil(count / 8));
  for (let n = 0; n < count; n++) if (bit(n) === 1) out[n >> 3] = (out[n >> 3] ?? 0) | (1 << (n & 7));
  return out;
};

/** Overlay Data, in the order of bytes of its file. PS3.5 8.1.2: words of 16 bits, the first pixel in the lowest bit. */
const ownBits = (instance: Instance, plane: OverlayWords, frame: number): Uint8Array => {
  const { dataSet } = instance.parsed;
  const tag = TAG.OverlayData + (plane.group - 0x6000) * 0x10000;
  const data = dataSet.raw(tag);
  const count = plane.rows * plane.columns;
  const first = plane.single ? 0 : (frame - plane.from) * count;
  if (data === undefined || data.length * 8 < first + count) throw new Unreadable('an overlay plane is cut short');
  const turned = !dataSet.encoding.littleEndian && dataSet.elements.get(tag)?.vr === 'OW' ? 1 : 0;
  return packed(count, (n) => {
    const at = first + n;
    return ((data[(at >> 3) ^ turned] ?? 0) >> (at & 7)) & 1;
  });
};

/** A bit of each pixel's word that the image itself does not use. */
const bitsOfPixels = (instance: Instance, plane: OverlayWords, frame: number, bit: number): Uint8Array => {
  const { layout } = instance.words;
  // Compression that knows only of the image's own bits has lost the others.
  if (isEncapsulated(layout.transferSyntax)) throw new Unreadable('an overlay plane within compressed pixels');
  const width = layout.bitsAllocated / 8;
  if (layout.samples !== 1 || !Number.isInteger(width)) throw new Unreadable('an overlay plane within colour or bits');
  const { bytes, bitOffset } = instance.stored(frame);
  const { littleEndian } = instance.parsed.dataSet.encoding;
  const byte = bit >> 3;
  const from = bitOffset / 8;
  const pairs = width === 1 && !littleEndian && instance.parsed.pixels?.vr === 'OW';
  return packed(plane.rows * plane.columns, (n) => {
    const at = from + n * width + (littleEndian ? byte : width - 1 - byte);
    return ((bytes[pairs ? at ^ 1 : at] ?? 0) >> (bit & 7)) & 1;
  });
};

/** The planes that lie on a frame, as media.overlayPlanes has them. Throws Unreadable. */
export const overlayPlaneBits = (instance: Instance, frame: number): Uint8Array => {
  const planes = (instance.words.overlays ?? [])
    .filter((plane) => plane.from <= frame && frame < plane.to)
    .map((plane) =>
      plane.bit === null ? ownBits(instance, plane, frame) : bitsOfPixels(instance, plane, frame, plane.bit),
    );
  return Buffer.concat(planes);
};
