/** Key frames as pictures, where it is known that no name is burned into them. */
import { open } from 'node:fs/promises';
import { encode } from 'fast-png';
import { greyOf, tableOf, type Voi, type VoiTable } from '../../models/kit/voi.ts';
import type { Frame, PixelFormat, SeriesSummary } from '../../preload/contract/index.ts';
import { headerValue } from '../deidentification/index.ts';
import type { SeriesHeaders, Studies } from '../domains.ts';

const BURNED_IN = 0x00280301;
const SOP_CLASS = 0x00080016;
const CONVERSION = 0x00080064;
const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
/** Reconstructed from measurements: their pixels hold no text unless somebody said so. */
const COMPUTED = new Set(['CT', 'MR', 'PT', 'NM']);

/** Why a series' pixels must not leave; null where they may. headers null: not read. */
export const pixelsRefused = (series: SeriesSummary, headers: SeriesHeaders | null): string | null => {
  if (series.kind !== 'image' || series.refused) return 'it has no images';
  if (series.modality === 'US') return 'ultrasound often has the name burned into the image';
  if (!headers) return 'its headers could not be read to learn whether a name is burned in';
  const said = (tag: number): string[] => headerValue(headers.texts, tag);
  if (
    said(SOP_CLASS).some((uid) => uid.startsWith(SECONDARY_CAPTURE)) ||
    ['SC', 'OT', 'XC', 'DOC'].includes(series.modality)
  )
    return 'secondary captures may have the name burned in';
  if (said(CONVERSION).some((type) => type !== '')) return 'it was scanned or captured from something else';
  const annotation = said(BURNED_IN);
  if (annotation.some((value) => value !== 'NO')) return 'Burned In Annotation says that text is in the image';
  if (annotation.length === 0 && !COMPUTED.has(series.modality))
    return 'Burned In Annotation does not say that the image is free of text';
  return null;
};

type Reader = (view: DataView, at: number) => number;
const READ: Readonly<Record<Exclude<PixelFormat, 'rgb8'>, Reader>> = {
  uint8: (view, at) => view.getUint8(at),
  int8: (view, at) => view.getInt8(at),
  uint16: (view, at) => view.getUint16(at, true),
  int16: (view, at) => view.getInt16(at, true),
  uint32: (view, at) => view.getUint32(at, true),
  int32: (view, at) => view.getInt32(at, true),
  float32: (view, at) => view.getFloat32(at, true),
};
const STEP: Readonly<Record<Exclude<PixelFormat, 'rgb8'>, number>> = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
};

/** [rows * columns] 0 to 255 by the file's own window or table, else from the least to the greatest value; fill black. */
const grey = (
  frame: Frame,
  table: VoiTable | null,
  bytes: Uint8Array,
  format: Exclude<PixelFormat, 'rgb8'>,
): Uint8Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = Float64Array.from({ length: frame.rows * frame.columns }, (_, i) =>
    READ[format](view, i * STEP[format]),
  );
  const [from, to] = frame.padding ?? [Number.NaN, Number.NaN];
  const isFill = (value: number): boolean => value >= from && value <= to;
  const modality = (value: number): number => value * frame.slope + frame.intercept;
  const whole = (): Voi => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (const one of stored) {
      if (isFill(one)) continue;
      low = Math.min(low, modality(one));
      high = Math.max(high, modality(one));
    }
    const width = high > low ? high - low : 1;
    return { center: low + width / 2, width, function: 'LINEAR_EXACT' };
  };
  const level = greyOf(frame.windows[0] ?? whole(), table);
  return Uint8Array.from(stored, (value) => {
    if (isFill(value)) return 0;
    const shown = Math.round(level(modality(value)) * 255);
    return frame.inverted ? 255 - shown : shown;
  });
};

/** PNG of one frame, with nothing in it but pixels. */
export const framePng = async (
  studies: Pick<Studies, 'decoded'>,
  seriesId: string,
  frameIndex: number,
  signal: AbortSignal,
): Promise<Uint8Array> => {
  const decoded = await studies.decoded(seriesId, signal);
  try {
    const frame = decoded.images.frames[frameIndex];
    if (!frame) throw new Error('the region names a frame that is not there');
    const bytes = new Uint8Array(frame.byteLength);
    const file = await open(decoded.path, 'r');
    try {
      const { bytesRead } = await file.read(bytes, 0, frame.byteLength, frame.byteOffset);
      if (bytesRead !== frame.byteLength) throw new Error('the decoded series is cut short');
    } finally {
      await file.close();
    }
    const rgb = frame.format === 'rgb8';
    const encoded = decoded.images.voiTables?.[frame.windows[0]?.table ?? -1];
    const table = encoded === undefined ? null : tableOf(encoded);
    const data =
      frame.format === 'rgb8'
        ? bytes.subarray(0, frame.rows * frame.columns * 3)
        : grey(frame, table, bytes, frame.format);
    return encode({ width: frame.columns, height: frame.rows, data, channels: rgb ? 3 : 1, depth: 8 });
  } finally {
    decoded.release();
  }
};
