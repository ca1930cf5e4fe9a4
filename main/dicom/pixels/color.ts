import type { DataSet } from '../data-set.ts';
import { tableDescriptor, tableEntries } from '../display.ts';
import type { Layout } from '../image.ts';
import { Unreadable } from '../parse.ts';
import { TAG } from '../tags.ts';
import type { Samples } from './native.ts';

const clip = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : Math.round(value));

/** Planar to by-pixel order, and down to 8 bits by dropping the lowest. */
export const interleave8 = (samples: Samples, count: number, planar: boolean, bitsStored: number): Uint8Array => {
  const shift = Math.max(0, bitsStored - 8);
  const out = new Uint8Array(count * 3);
  for (let i = 0; i < count; i++)
    for (let c = 0; c < 3; c++)
      out[i * 3 + c] = ((planar ? samples[c * count + i] : samples[i * 3 + c]) ?? 0) >>> shift;
  return out;
};

/** ITU-R BT.601 full range, in place. PS3.3 C.7.6.3.1.2 */
export const ybrToRgb = (pixels: Uint8Array): void => {
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const y = pixels[i] ?? 0;
    const b = (pixels[i + 1] ?? 0) - 128;
    const r = (pixels[i + 2] ?? 0) - 128;
    pixels[i] = clip(y + 1.402 * r);
    pixels[i + 1] = clip(y - 0.344136 * b - 0.714136 * r);
    pixels[i + 2] = clip(y + 1.772 * b);
  }
};

/** Uncompressed YBR_FULL_422: Y1 Y2 Cb Cr for two pixels of a row. Answers Y Cb Cr by pixel. */
export const expand422 = (samples: Samples, count: number): Uint8Array => {
  const out = new Uint8Array(count * 3);
  for (let pair = 0; pair * 2 < count; pair++) {
    const at = pair * 4;
    for (let n = 0; n < 2 && pair * 2 + n < count; n++) {
      const to = (pair * 2 + n) * 3;
      out[to] = samples[at + n] ?? 0;
      out[to + 1] = samples[at + 2] ?? 0;
      out[to + 2] = samples[at + 3] ?? 0;
    }
  }
  return out;
};

interface Palette {
  readonly first: number;
  /** 8-bit values. */
  readonly red: Uint8Array;
  readonly green: Uint8Array;
  readonly blue: Uint8Array;
}

/** Segmented tables: discrete, linear and indirect segments. PS3.3 C.7.9.2 */
const segmented = (data: readonly number[], entries: number): number[] => {
  const out: number[] = [];
  const run = (from: number, segments: number, indirect: boolean): void => {
    let at = from;
    for (let n = 0; n < segments && at < data.length && out.length < entries; n++) {
      const opcode = data[at];
      const length = data[at + 1] ?? 0;
      if (opcode === 0) {
        for (let i = 0; i < length; i++) out.push(data[at + 2 + i] ?? 0);
        at += 2 + length;
      } else if (opcode === 1) {
        const end = data[at + 2] ?? 0;
        const start = out.at(-1);
        if (start === undefined) throw new Unreadable('a segmented palette starts with a line');
        for (let i = 1; i <= length; i++) out.push(Math.round(start + ((end - start) * i) / length));
        at += 3;
      } else if (opcode === 2 && !indirect) {
        const offset = (data[at + 2] ?? 0) + 65_536 * (data[at + 3] ?? 0);
        if (offset >= data.length) throw new Unreadable('a segmented palette points outside itself');
        run(offset, length, true);
        at += 4;
      } else throw new Unreadable('a segmented palette has an unknown segment');
    }
  };
  run(0, Number.POSITIVE_INFINITY, false);
  return out;
};

/** Read once for all frames of a file. */
const palettes = new WeakMap<DataSet, Palette>();
export const paletteOf = (dataSet: DataSet, signed: boolean): Palette => {
  const known = palettes.get(dataSet);
  if (known) return known;
  const palette = readPalette(dataSet, signed);
  palettes.set(dataSet, palette);
  return palette;
};

const readPalette = (dataSet: DataSet, signed: boolean): Palette => {
  const descriptor = dataSet.numbers(TAG.RedPaletteDescriptor, signed ? 'SS' : 'US');
  const [rawEntries, first, bits] = descriptor;
  if (rawEntries === undefined || first === undefined || (bits !== 8 && bits !== 16))
    throw new Unreadable('the palette has no usable descriptor');
  // Read as signed, 65,535 entries look like -1; 0 stands for 65,536.
  const entries = rawEntries & 0xffff || 65_536;
  const channel = (tag: number, segmentedTag: number): number[] => {
    let values: number[];
    const plain = dataSet.raw(tag);
    if (plain) {
      // 8-bit entries may lie one to a byte, or (from some writers) one to a word.
      if (bits === 8 && plain.length < entries * 2) values = [...byteOrder(plain, dataSet, tag)];
      else values = words(dataSet, tag);
    } else if (dataSet.has(segmentedTag)) {
      const raw = dataSet.raw(segmentedTag) ?? new Uint8Array();
      values = segmented(bits === 8 ? [...raw] : words(dataSet, segmentedTag), entries);
    } else throw new Unreadable('the palette has no table');
    if (values.length < entries) throw new Unreadable('the palette is shorter than its descriptor says');
    return values.length > entries ? values.slice(0, entries) : values;
  };
  const red = channel(TAG.RedPalette, TAG.SegmentedRedPalette);
  const green = channel(TAG.GreenPalette, TAG.SegmentedGreenPalette);
  const blue = channel(TAG.BluePalette, TAG.SegmentedBluePalette);
  // Tables said to be 16 bits wide hold 8-bit values where none of the three uses the upper byte: one dark channel beside
  // two bright ones is dark.
  const wide = bits === 16 && [red, green, blue].some((values) => values.some((value) => value > 255));
  const bytes = (values: readonly number[]): Uint8Array =>
    Uint8Array.from(values, (value) => (wide ? value >>> 8 : value));
  return { first, red: bytes(red), green: bytes(green), blue: bytes(blue) };
};

/** 16-bit words whatever the VR says: palettes are OW, and US in old files. */
const words = (dataSet: DataSet, tag: number): number[] => {
  const raw = dataSet.raw(tag) ?? new Uint8Array();
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const out: number[] = [];
  for (let at = 0; at + 2 <= raw.length; at += 2) out.push(view.getUint16(at, dataSet.encoding.littleEndian));
  return out;
};
/** Bytes packed into words: in big endian files each pair is turned round. */
const byteOrder = (raw: Uint8Array, dataSet: DataSet, tag: number): Uint8Array => {
  if (dataSet.encoding.littleEndian || dataSet.elements.get(tag)?.vr !== 'OW') return raw;
  return raw.map((_, i) => raw[i ^ 1] ?? 0);
};

export const throughPalette = (samples: Samples, palette: Palette): Uint8Array => {
  const out = new Uint8Array(samples.length * 3);
  const last = palette.red.length - 1;
  for (let i = 0; i < samples.length; i++) {
    const index = Math.min(last, Math.max(0, (samples[i] ?? 0) - palette.first));
    out[i * 3] = palette.red[index] ?? 0;
    out[i * 3 + 1] = palette.green[index] ?? 0;
    out[i * 3 + 2] = palette.blue[index] ?? 0;
  }
  return out;
};

/** Modality values by table, where the file has one in place of a slope. PS3.3 C.11.1.1 */
export const throughModalityTable = (samples: Samples, dataSet: DataSet, layout: Layout): Uint16Array => {
  const table = dataSet.item(TAG.ModalityLUTSequence);
  const descriptor = table && tableDescriptor(table, layout.signed);
  if (!table || !descriptor) throw new Unreadable('the modality table has no usable descriptor');
  const { entries, first, bits } = descriptor;
  const values = tableEntries(table, entries, bits);
  if (values.length < entries) throw new Unreadable('the modality table is shorter than its descriptor says');
  const out = new Uint16Array(samples.length);
  for (let i = 0; i < samples.length; i++)
    out[i] = values[Math.min(entries - 1, Math.max(0, (samples[i] ?? 0) - first))] ?? 0;
  return out;
};
