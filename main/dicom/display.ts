/** What an instance says of how its values are to be shown. PS3.3 C.11.2, C.7.6.11, C.9.2, C.7.5.1.1.2 */
import type { OverlayPlane, Shutter, VoiTable, Window } from '../../preload/contract/index.ts';
import type { DataSet } from './data-set.ts';
import type { Layout } from './image.ts';
import { TAG } from './tags.ts';

/** Words of a table: 16 bits each, or one byte each where the table says 8 bits and has no more. */
export const tableEntries = (table: DataSet, entries: number, bits: number): number[] | Uint8Array => {
  const raw = table.raw(TAG.LUTData) ?? new Uint8Array();
  if (bits === 8 && raw.length < entries * 2) return raw;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const out: number[] = [];
  for (let at = 0; at + 2 <= raw.length; at += 2) out.push(view.getUint16(at, table.encoding.littleEndian));
  return out;
};

/** Number of entries, value of the first and bits of each. Null where the descriptor is not usable. */
export const tableDescriptor = (
  table: DataSet,
  signed: boolean,
): { entries: number; first: number; bits: number } | null => {
  const [entries, first, bits] = table.numbers(TAG.LUTDescriptor, signed ? 'SS' : 'US');
  if (entries === undefined || first === undefined || bits === undefined || bits < 8 || bits > 16) return null;
  // Read as signed, 65,535 entries look like -1; 0 stands for 65,536.
  const count = entries & 0xffff || 65_536;
  // Some writers say US of what is meant signed, and the other way round.
  const value = signed && first > 0x7fff ? first - 0x10000 : !signed && first < 0 ? first + 0x10000 : first;
  return { entries: count, first: value, bits };
};

const voiTableOf = (item: DataSet, signed: boolean): VoiTable | null => {
  const descriptor = tableDescriptor(item, signed);
  if (!descriptor) return null;
  const { entries, first, bits } = descriptor;
  const values = tableEntries(item, entries, bits);
  if (values.length < entries) return null;
  const words = new Uint16Array(entries);
  let most = 0;
  for (let n = 0; n < entries; n++) {
    const value = values[n] ?? 0;
    words[n] = value;
    if (value > most) most = value;
  }
  // Tables said to be wider than any of their entries hold greys of a byte.
  const width = most <= 255 && bits === 16 ? 8 : most >= 2 ** bits ? 16 : bits;
  const bytes = Buffer.alloc(entries * 2);
  words.forEach((word, n) => {
    bytes.writeUInt16LE(word, n * 2);
  });
  return { first, bits: width, values: bytes.toString('base64') };
};

const FUNCTIONS = ['LINEAR', 'LINEAR_EXACT', 'SIGMOID'] as const;

const linesOf = (dataSet: DataSet): Window[] => {
  const centers = dataSet.decimals(TAG.WindowCenter);
  const widths = dataSet.decimals(TAG.WindowWidth);
  const names = dataSet.texts(TAG.WindowExplanation);
  const said = dataSet.code(TAG.VOILUTFunction).toUpperCase();
  const shape = FUNCTIONS.find((one) => one === said);
  const windows: Window[] = [];
  centers.forEach((center, i) => {
    const width = widths[i];
    if (width === undefined || !Number.isFinite(center) || !(width > 0)) return;
    const name = names[i] ?? '';
    if (windows.some((w) => w.center === center && w.width === width)) return;
    windows.push({ center, width, name, ...(shape === undefined ? {} : { function: shape }) });
  });
  return windows;
};

/**
 * The tables and windows that the data set offers; tables come first, as the curve is what the file's maker means the
 * image to look like. New tables are added to `tables`. `signed`: modality values can be negative.
 */
export const windowsOf = (dataSet: DataSet, signed: boolean, tables: VoiTable[]): Window[] => {
  const windows: Window[] = [];
  for (const item of dataSet.items(TAG.VOILUTSequence)) {
    const table = voiTableOf(item, signed);
    if (table === null) continue;
    const known = tables.findIndex((other) => sameTable(other, table));
    const index = known < 0 ? tables.push(table) - 1 : known;
    const steps = Buffer.byteLength(table.values, 'base64') / 2 - 1;
    windows.push({
      center: table.first + steps / 2,
      width: Math.max(steps, 1e-6),
      name: item.text(TAG.LUTExplanation),
      table: index,
    });
  }
  return [...windows, ...linesOf(dataSet)];
};

export const sameTable = (a: VoiTable, b: VoiTable): boolean =>
  a.first === b.first && a.bits === b.bits && a.values === b.values;

/** Pixel Padding Value as decoded pixels have it. PS3.3 C.7.5.1.1.2 */
export const paddingOf = (dataSet: DataSet, layout: Layout): readonly [number, number] | undefined => {
  if (layout.samples !== 1 || layout.format === 'rgb8') return undefined;
  const stored = (value: number): number => {
    if (layout.format === 'float32') return value;
    const down = 32 - layout.bitsStored;
    return layout.signed ? (value << down) >> down : (value << down) >>> down;
  };
  const [tag, limitTag] =
    layout.format !== 'float32'
      ? [TAG.PixelPaddingValue, TAG.PixelPaddingRangeLimit]
      : layout.bitsAllocated === 64
        ? [TAG.DoubleFloatPixelPaddingValue, TAG.DoubleFloatPixelPaddingRangeLimit]
        : [TAG.FloatPixelPaddingValue, TAG.FloatPixelPaddingRangeLimit];
  const vr = layout.format !== 'float32' ? (layout.signed ? 'SS' : 'US') : layout.bitsAllocated === 64 ? 'FD' : 'FL';
  const value = dataSet.number(tag, vr);
  if (value === undefined || !Number.isFinite(value)) return undefined;
  const limit = dataSet.number(limitTag, vr);
  const ends = [stored(value), stored(limit ?? value)];
  return [Math.min(...ends), Math.max(...ends)];
};

/** A shape that is not understood leaves the image whole: a shutter hides, and what it should hide is then not known. */
export const shutterOf = (dataSet: DataSet): Shutter | undefined => {
  const shapes: Shutter['shapes'] = [];
  // Pixels are counted from 1; the edges named are the last pixels that are seen.
  for (const shape of dataSet.codes(TAG.ShutterShape)) {
    if (shape === 'RECTANGULAR') {
      const [left, right, top, bottom] = [
        TAG.ShutterLeftVerticalEdge,
        TAG.ShutterRightVerticalEdge,
        TAG.ShutterUpperHorizontalEdge,
        TAG.ShutterLowerHorizontalEdge,
      ].map((tag) => dataSet.decimal(tag));
      if (left === undefined || right === undefined || top === undefined || bottom === undefined) continue;
      if (right < left || bottom < top) continue;
      shapes.push({ kind: 'rectangle', left: left - 1, right, top: top - 1, bottom });
    } else if (shape === 'CIRCULAR') {
      const [row, column] = dataSet.decimals(TAG.CenterOfCircularShutter);
      const radius = dataSet.decimal(TAG.RadiusOfCircularShutter);
      if (row === undefined || column === undefined || radius === undefined || !(radius > 0)) continue;
      if (!Number.isFinite(row) || !Number.isFinite(column)) continue;
      shapes.push({ kind: 'circle', center: [column - 0.5, row - 0.5], radius });
    } else if (shape === 'POLYGONAL') {
      const numbers = dataSet.decimals(TAG.VerticesOfThePolygonalShutter);
      if (numbers.length < 6 || numbers.length % 2 !== 0 || !numbers.every(Number.isFinite)) continue;
      const points: (readonly [number, number])[] = [];
      for (let n = 0; n < numbers.length; n += 2) points.push([(numbers[n + 1] ?? 0) - 0.5, (numbers[n] ?? 0) - 0.5]);
      shapes.push({ kind: 'polygon', points });
    } else if (shape === 'BITMAP') {
      const group = dataSet.number(TAG.ShutterOverlayGroup);
      if (group === undefined || group < 0x6000 || group > 0x60fe || group % 2 === 1) continue;
      shapes.push({ kind: 'bitmap', group });
    }
  }
  if (shapes.length === 0) return undefined;
  return { shapes, grey: Math.min(1, Math.max(0, (dataSet.number(TAG.ShutterPresentationValue) ?? 0) / 0xffff)) };
};

/** An overlay plane of an instance, and where its bits are. */
export interface OverlayWords extends OverlayPlane {
  /** Frames that it lies on, from 0: [from, to). Its own frames are as many, or one for all of them. */
  readonly from: number;
  readonly to: number;
  readonly single: boolean;
  /** Bit of each pixel where it lies within the pixel data (retired, but written for decades); null: bits of its own. */
  readonly bit: number | null;
}

const MOST_PLANES = 16;
const GROUP_STEP = 0x20000;

/** `compressed`: bits that the image itself does not use are lost. */
export const overlayWords = (dataSet: DataSet, layout: Layout, compressed: boolean): OverlayWords[] => {
  const planes: OverlayWords[] = [];
  for (let n = 0; n < MOST_PLANES; n++) {
    const at = n * GROUP_STEP;
    const rows = dataSet.number(TAG.OverlayRows + at);
    const columns = dataSet.number(TAG.OverlayColumns + at);
    if (rows === undefined || columns === undefined || rows < 1 || columns < 1) continue;
    const data = dataSet.raw(TAG.OverlayData + at);
    const [y = 1, x = 1] = dataSet.numbers(TAG.OverlayOrigin + at, 'SS');
    const count = dataSet.decimal(TAG.NumberOfFramesInOverlay + at);
    const first = (dataSet.decimal(TAG.ImageFrameOrigin + at) ?? 1) - 1;
    const bit = dataSet.number(TAG.OverlayBitPosition + at) ?? 0;
    const low = layout.highBit + 1 - layout.bitsStored;
    const free = bit < layout.bitsAllocated && (bit > layout.highBit || bit < low);
    const embedded =
      data === undefined &&
      free &&
      bit > 0 &&
      rows === layout.rows &&
      columns === layout.columns &&
      layout.samples === 1 &&
      layout.bitsAllocated >= 8 &&
      !compressed;
    if (data === undefined ? !embedded : data.length * 8 < rows * columns * (count ?? 1)) continue;
    const single = count === undefined;
    const from = single || embedded ? 0 : first;
    planes.push({
      group: 0x6000 + n * 2,
      rows,
      columns,
      origin: [x - 1, y - 1],
      label: dataSet.text(TAG.OverlayLabel + at) || dataSet.text(TAG.OverlayDescription + at),
      from,
      to: single || embedded ? layout.frames : first + count,
      single,
      bit: data === undefined ? bit : null,
    });
  }
  return planes.filter((plane) => plane.from >= 0 && plane.to > plane.from);
};
