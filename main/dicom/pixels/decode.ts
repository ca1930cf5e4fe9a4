import { hasModalityTable, isEncapsulated, type Layout } from '../image.ts';
import { Unreadable } from '../parse.ts';
import { type Decoded, decodeFrame, RLE } from './codecs.ts';
import { expand422, interleave8, paletteOf, throughModalityTable, throughPalette, ybrToRgb } from './color.ts';
import type { Instance } from './frames.ts';
import { keepStoredBits, nativeSamples, type Samples } from './native.ts';
import { rleFrame } from './rle.ts';

const typed = (bytes: Uint8Array, width: 1 | 2 | 4, signed: boolean): Samples => {
  const own = new Uint8Array(bytes);
  if (width === 1) return signed ? new Int8Array(own.buffer) : own;
  if (width === 2) return signed ? new Int16Array(own.buffer) : new Uint16Array(own.buffer);
  return signed ? new Int32Array(own.buffer) : new Uint32Array(own.buffer);
};

/** Samples of a decoded codestream in the width and sign that the file's header says. */
const conform = (decoded: Decoded, layout: Layout): Samples => {
  const count = layout.rows * layout.columns;
  if (decoded.columns !== layout.columns || decoded.rows !== layout.rows)
    throw new Unreadable('the compressed image has another size than the header says');
  if (decoded.components !== layout.samples)
    throw new Unreadable(
      `the compressed image has ${decoded.components} components, the header says ${layout.samples}`,
    );
  const width = decoded.bits <= 8 ? 1 : decoded.bits <= 16 ? 2 : 4;
  if (decoded.bytes.length < count * decoded.components * width)
    throw new Unreadable('the compressed image is cut short');
  if (decoded.bits > layout.bitsAllocated)
    throw new Unreadable(`the compressed image has ${decoded.bits} bits, the header allocates ${layout.bitsAllocated}`);
  const raw = typed(decoded.bytes.subarray(0, count * decoded.components * width), width, decoded.signed);
  const target = (layout.bitsAllocated <= 8 ? 1 : layout.bitsAllocated / 8) as 1 | 2 | 4;
  const same = target === width && decoded.signed === layout.signed;
  let samples = raw;
  if (!same) {
    samples = typed(new Uint8Array(raw.length * target), target, layout.signed);
    samples.set(raw);
  }
  // The codestream's precision tells the sign bit where the file says signed and the codestream does not.
  if (decoded.signed !== layout.signed)
    keepStoredBits(samples, { ...layout, bitsStored: decoded.bits, highBit: decoded.bits - 1 }, 0);
  return samples;
};

/** Stored values of one frame as its layout's format says, rows top to bottom. Throws Unreadable. */
export const decodePixels = async (instance: Instance, frame: number): Promise<Samples> => {
  const { words, parsed } = instance;
  const { layout } = words;
  const { transferSyntax, photometric } = layout;
  const { littleEndian } = parsed.dataSet.encoding;
  const vr = parsed.pixels?.vr ?? '';
  const count = layout.rows * layout.columns;
  const stored = instance.stored(frame);
  let samples: Samples;
  let { planar } = layout;
  let rgb = photometric === 'RGB' || photometric === 'YBR_ICT' || photometric === 'YBR_RCT';
  if (transferSyntax === RLE) {
    samples = nativeSamples({ bytes: rleFrame(stored.bytes, layout), bitOffset: 0 }, layout, true, 'OB');
    planar = 0;
  } else if (isEncapsulated(transferSyntax)) {
    const decoded = await decodeFrame(transferSyntax, stored.bytes, layout, photometric === 'RGB');
    samples = conform(decoded, layout);
    planar = decoded.planar ? 1 : 0;
    // The baseline decoder answers RGB; so does JPEG 2000 where its own transform was used.
    if (/\.4\.(50|51)$/.test(transferSyntax)) rgb = true;
  } else if (photometric === 'YBR_FULL_422') {
    const pairs = nativeSamples(stored, layout, littleEndian, vr, 2);
    samples = expand422(pairs, count);
    planar = 0;
  } else samples = nativeSamples(stored, layout, littleEndian, vr);

  if (layout.samples === 3) {
    const pixels = interleave8(samples, count, planar === 1, layout.bitsStored);
    if (!rgb) ybrToRgb(pixels);
    return pixels;
  }
  if (layout.format === 'rgb8') return throughPalette(samples, paletteOf(parsed.dataSet, layout.signed));
  if (layout.format === 'uint16' && hasModalityTable(parsed.dataSet))
    return throughModalityTable(samples, parsed.dataSet, layout);
  return samples;
};
