import { gunzipSync } from 'node:zlib';
import type { Calibration, PixelFormat, Vec3 } from '../../../preload/contract/index.ts';
import { type ImageWords, type Samples, Unreadable } from '../../dicom/index.ts';

/**
 * NIfTI-1 and NIfTI-2, single file. https://nifti.nimh.nih.gov/nifti-1
 *
 * Not by nifti-reader-js (0.8.0): it overwrites the sform where the qform's code is higher, reads no qform in NIfTI-2,
 * and an extension of negative size keeps it going for ever.
 */
export interface Nifti {
  readonly words: ImageWords;
  /** File intent says that values are labels. */
  readonly labelIntent: boolean;
  decode(frame: number): Samples;
}

const MOST_BYTES = 2 ** 30;
const LABEL_INTENT = 1002;

export const looksLikeNifti = (head: Uint8Array): boolean => {
  if (head.length < 348) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const size = [view.getInt32(0, true), view.getInt32(0, false)];
  const magic = (at: number): string => String.fromCharCode(...head.subarray(at, at + 3));
  return (size.includes(348) && magic(344) === 'n+1') || (size.includes(540) && magic(4) === 'n+2');
};

/** Whole file, inflated where it is gzip, within bounds. */
export const inflated = (bytes: Uint8Array): Uint8Array => {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (error) {
    const code = (error as { code?: string }).code;
    throw new Unreadable(
      code === 'ERR_BUFFER_TOO_LARGE' ? `inflates to more than ${MOST_BYTES / 2 ** 20} MB` : 'the gzip data is broken',
    );
  }
};

type Reading = readonly [
  bytes: number,
  format: PixelFormat,
  read: (view: DataView, at: number, little: boolean) => number,
];
/** By datatype code. What is wider than the pixel stream's formats must fit them. */
const TYPES: Readonly<Record<number, Reading>> = {
  2: [1, 'uint8', (v, at) => v.getUint8(at)],
  256: [1, 'int8', (v, at) => v.getInt8(at)],
  4: [2, 'int16', (v, at, l) => v.getInt16(at, l)],
  512: [2, 'uint16', (v, at, l) => v.getUint16(at, l)],
  8: [4, 'int32', (v, at, l) => v.getInt32(at, l)],
  768: [4, 'uint32', (v, at, l) => v.getUint32(at, l)],
  16: [4, 'float32', (v, at, l) => v.getFloat32(at, l)],
  64: [8, 'float32', (v, at, l) => v.getFloat64(at, l)],
  1024: [8, 'int32', (v, at, l) => Number(v.getBigInt64(at, l))],
  1280: [8, 'uint32', (v, at, l) => Number(v.getBigUint64(at, l))],
};
const RGB24 = 128;

const empty = (format: PixelFormat, count: number): Samples => {
  const make = {
    uint8: Uint8Array,
    int8: Int8Array,
    uint16: Uint16Array,
    int16: Int16Array,
    uint32: Uint32Array,
    int32: Int32Array,
    float32: Float32Array,
    rgb8: Uint8Array,
  }[format];
  return new make(format === 'rgb8' ? count * 3 : count);
};

/** Columns of voxel-to-patient, mm, in the file's own RAS frame; null where the file locates nothing. */
const matrixOf = (get: Header): { i: Vec3; j: Vec3; k: Vec3; origin: Vec3 } | null => {
  if (get.sformCode > 0) {
    const [x, y, z] = get.srow;
    const column = (n: number): Vec3 => [x?.[n] ?? 0, y?.[n] ?? 0, z?.[n] ?? 0];
    return { i: column(0), j: column(1), k: column(2), origin: column(3) };
  }
  if (get.qformCode <= 0) return null;
  const [b, c, d] = get.quaternion;
  const a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
  const [si, sj, sk] = get.pixdim;
  const q = get.qfac < 0 ? -1 : 1;
  const times = (v: Vec3, s: number): Vec3 => [v[0] * s, v[1] * s, v[2] * s];
  return {
    i: times([a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)], si),
    j: times([2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)], sj),
    k: times([2 * (b * d + a * c), 2 * (c * d - a * b), a * a + d * d - b * b - c * c], sk * q),
    origin: get.offset,
  };
};

interface Header {
  readonly little: boolean;
  readonly dims: readonly number[];
  readonly datatype: number;
  readonly dataAt: number;
  readonly slope: number;
  readonly intercept: number;
  readonly window: readonly [number, number];
  readonly intent: number;
  readonly units: number;
  readonly pixdim: Vec3;
  readonly qfac: number;
  readonly qformCode: number;
  readonly sformCode: number;
  readonly quaternion: Vec3;
  readonly offset: Vec3;
  readonly srow: readonly (readonly number[])[];
}

const headerOf = (bytes: Uint8Array): Header => {
  const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const two = v.getInt32(0, true) === 540 || v.getInt32(0, false) === 540;
  const l = v.getInt32(0, true) === (two ? 540 : 348);
  if (two && bytes.length < 540) throw new Unreadable('the NIfTI header is cut short');
  const f = (at1: number, at2: number): number => (two ? v.getFloat64(at2, l) : v.getFloat32(at1, l));
  const many = (count: number, at1: number, at2: number): number[] =>
    Array.from({ length: count }, (_, n) => f(at1 + 4 * n, at2 + 8 * n));
  const three = (at1: number, at2: number): Vec3 => [f(at1, at2), f(at1 + 4, at2 + 8), f(at1 + 8, at2 + 16)];
  return {
    little: l,
    dims: Array.from({ length: 8 }, (_, n) => (two ? Number(v.getBigInt64(16 + 8 * n, l)) : v.getInt16(40 + 2 * n, l))),
    datatype: v.getInt16(two ? 12 : 70, l),
    dataAt: two ? Number(v.getBigInt64(168, l)) : v.getFloat32(108, l),
    slope: f(112, 176),
    intercept: f(116, 184),
    window: [f(128, 200), f(124, 192)],
    intent: two ? v.getInt32(504, l) : v.getInt16(68, l),
    units: two ? v.getInt32(500, l) : v.getUint8(123),
    pixdim: three(80, 112),
    qfac: f(76, 104),
    qformCode: two ? v.getInt32(344, l) : v.getInt16(252, l),
    sformCode: two ? v.getInt32(348, l) : v.getInt16(254, l),
    quaternion: three(256, 352),
    offset: three(268, 376),
    srow: [many(4, 280, 400), many(4, 296, 432), many(4, 312, 464)],
  };
};

const unit = (v: Vec3): Vec3 | null => {
  const length = Math.hypot(...v);
  return length > 1e-9 && Number.isFinite(length) ? [v[0] / length, v[1] / length, v[2] / length] : null;
};

/** Reads a whole (inflated) file. Throws Unreadable. */
export const readNifti = (bytes: Uint8Array): Nifti => {
  if (!looksLikeNifti(bytes)) throw new Unreadable('not a NIfTI file');
  const header = headerOf(bytes);
  const [rank = 0, columns = 0, rows = 0, slices = 1, times = 1, ...higher] = header.dims;
  if (rank < 2 || rank > 7 || columns < 1 || rows < 1) throw new Unreadable('the NIfTI header gives no image size');
  const depth = rank >= 3 ? Math.max(1, slices) : 1;
  const moments = rank >= 4 ? Math.max(1, times) : 1;
  if (higher.slice(0, Math.max(0, rank - 4)).some((n) => n > 1))
    throw new Unreadable('a NIfTI file of more than four dimensions cannot be shown');
  const type = TYPES[header.datatype];
  const color = header.datatype === RGB24;
  if (!type && !color) throw new Unreadable(`NIfTI data of type ${header.datatype} cannot be shown`);
  const frames = depth * moments;
  const voxelBytes = color ? 3 : (type?.[0] ?? 1);
  const frameBytes = columns * rows * voxelBytes;
  const { dataAt } = header;
  if (!Number.isSafeInteger(dataAt) || dataAt < 348 || dataAt + frameBytes * frames > bytes.length)
    throw new Unreadable('the NIfTI data is cut short');
  const format: PixelFormat = color ? 'rgb8' : (type?.[1] ?? 'uint8');
  const matrix = matrixOf(header);
  const factor = (header.units & 7) === 1 ? 1000 : (header.units & 7) === 3 ? 0.001 : 1;
  // RAS of the file to LPS of DICOM: x and y change their signs.
  const patient = (v: Vec3): Vec3 => [-v[0] * factor, -v[1] * factor, v[2] * factor];
  const i = matrix && patient(matrix.i);
  const j = matrix && patient(matrix.j);
  const k = matrix && patient(matrix.k);
  const origin = matrix && patient(matrix.origin);
  const row = i && unit(i);
  const column = j && unit(j);
  const placed = i && j && k && origin && row && column && [...i, ...j, ...k, ...origin].every(Number.isFinite);
  const calibration: Calibration = placed
    ? { kind: 'known', spacingMm: [Math.hypot(...j), Math.hypot(...i)], source: 'NIfTI spatial transform' }
    : { kind: 'unknown', reason: 'The NIfTI file gives no spatial transform.' };
  const usable = Number.isFinite(header.slope) && header.slope !== 0;
  const scaling = usable
    ? { slope: header.slope, intercept: Number.isFinite(header.intercept) ? header.intercept : 0 }
    : { slope: 1, intercept: 0 };
  const [low, high] = header.window;
  const windows = high > low ? [{ center: (low + high) / 2, width: high - low, name: 'NIfTI display range' }] : [];
  const bits = voxelBytes * 8;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    labelIntent: header.intent === LABEL_INTENT,
    words: {
      layout: {
        rows,
        columns,
        frames,
        samples: color ? 3 : 1,
        photometric: color ? 'RGB' : 'MONOCHROME2',
        bitsAllocated: bits,
        bitsStored: bits,
        highBit: bits - 1,
        signed: format.startsWith('int') || format === 'float32',
        planar: 0,
        format,
        transferSyntax: 'nifti',
      },
      inverted: false,
      lossy: null,
      remark: '',
      frameOfReferenceUid: null,
      frames: Array.from({ length: frames }, (_, n) => {
        const z = n % depth;
        return {
          positionMm: placed ? [origin[0] + k[0] * z, origin[1] + k[1] * z, origin[2] + k[2] * z] : null,
          rowDirection: placed ? row : null,
          columnDirection: placed ? column : null,
          calibration,
          ...scaling,
          unit: '',
          windows,
        };
      }),
    },
    decode: (frame) => {
      const out = empty(format, columns * rows);
      const from = dataAt + frame * frameBytes;
      if (color) {
        (out as Uint8Array).set(bytes.subarray(from, from + frameBytes));
        return out;
      }
      if (!type) throw new Unreadable('NIfTI data of an unknown type');
      const [size, , read] = type;
      for (let n = 0; n < out.length; n++) {
        const value = read(view, from + n * size, header.little);
        if (size === 8 && format !== 'float32' && (value > 0x7fffffff || value < -0x80000000))
          throw new Unreadable('the NIfTI data holds integers of more than 32 bits');
        out[n] = value;
      }
      return out;
    },
  };
};

const MOST_LABELS = 128;
/** Neighbours along a row that are equal, at least: labels are areas, grey values are not. */
const FLAT = 0.9;

/** Label values where the content is a label map: few whole numbers in flat areas on a background of 0; else null. */
export const labelValues = (nifti: Nifti, busy: () => void = () => {}): number[] | null => {
  const { layout, frames } = nifti.words;
  if (layout.format === 'rgb8' || frames.some((frame) => frame.slope !== 1 || frame.intercept !== 0)) return null;
  const seen = new Set<number>();
  let equal = 0;
  let zero = 0;
  let pairs = 0;
  for (let n = 0; n < layout.frames; n++) {
    busy();
    const samples = nifti.decode(n);
    for (let at = 0; at < samples.length; at++) {
      const value = samples[at] ?? 0;
      if (value < 0 || value > 255 || !Number.isInteger(value)) return null;
      if (value === 0) zero += 1;
      if (!seen.has(value)) {
        seen.add(value);
        if (seen.size > MOST_LABELS) return null;
      }
      if (at % layout.columns !== 0) {
        pairs += 1;
        if (samples[at - 1] === value) equal += 1;
      }
    }
  }
  seen.delete(0);
  // Nothing marked: an empty label map, and no image either.
  if (seen.size === 0) return [];
  if (zero === 0) return null;
  if (!nifti.labelIntent && (equal < FLAT * pairs || zero < 0.2 * layout.frames * layout.rows * layout.columns))
    return null;
  return [...seen].sort((a, b) => a - b);
};
