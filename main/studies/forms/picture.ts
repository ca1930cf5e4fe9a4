import { decode as decodePng } from 'fast-png';
import type { PixelFormat } from '../../../preload/contract/index.ts';
import { decodeJpegPicture, type ImageWords, jpegHead, type Samples, Unreadable } from '../../dicom/index.ts';
import { isJpeg, isPng } from './signatures.ts';

/** PNG and JPEG: pictures of something, whose pixels measure nothing that is known. */
export interface Picture {
  readonly words: ImageWords;
  decode(): Promise<Samples>;
}

const MOST_PIXELS = 2 ** 28;

const wordsOf = (columns: number, rows: number, format: PixelFormat, jpeg: boolean): ImageWords => {
  if (columns < 1 || rows < 1 || columns * rows > MOST_PIXELS)
    throw new Unreadable(`a picture of ${columns} x ${rows} pixels is too large or none`);
  const bits = format === 'uint16' ? 16 : 8;
  const color = format === 'rgb8';
  return {
    layout: {
      rows,
      columns,
      frames: 1,
      samples: color ? 3 : 1,
      photometric: color ? 'RGB' : 'MONOCHROME2',
      bitsAllocated: bits,
      bitsStored: bits,
      highBit: bits - 1,
      signed: false,
      planar: 0,
      format,
      transferSyntax: jpeg ? 'jpeg' : 'png',
    },
    inverted: false,
    lossy: jpeg ? { ratio: null } : null,
    remark: '',
    frameOfReferenceUid: null,
    frames: [
      {
        positionMm: null,
        rowDirection: null,
        columnDirection: null,
        calibration: { kind: 'unknown', reason: 'The file is a picture and does not say what its pixels measure.' },
        slope: 1,
        intercept: 0,
        unit: '',
        windows: color ? [] : [{ center: 2 ** (bits - 1), width: 2 ** bits, name: 'as the picture is' }],
      },
    ],
  };
};

/** Turns and mirrors that a camera noted for the viewer to undo; 1 for none. Exif 2.3, tag 0x0112 */
const exifOrientation = (bytes: Uint8Array): number => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 4 <= buffer.length && buffer[at] === 0xff; at += 2 + buffer.readUInt16BE(at + 2)) {
    if (buffer[at + 1] === 0xda) return 1;
    if (buffer[at + 1] !== 0xe1 || buffer.toString('latin1', at + 4, at + 8) !== 'Exif') continue;
    const tiff = buffer.subarray(at + 10, at + 2 + buffer.readUInt16BE(at + 2));
    if (tiff.length < 14) return 1;
    const little = tiff.toString('latin1', 0, 2) === 'II';
    const word = (n: number): number =>
      n + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(n) : tiff.readUInt16BE(n);
    const ifd = little ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
    if (ifd + 2 > tiff.length) return 1;
    for (let n = 0; n < word(ifd); n++) if (word(ifd + 2 + 12 * n) === 0x0112) return word(ifd + 10 + 12 * n) || 1;
    return 1;
  }
  return 1;
};

/** From the whole file; pixels are decoded only when asked for. Throws Unreadable. */
export const readPicture = (bytes: Uint8Array): Picture => {
  if (isJpeg(bytes)) {
    const head = jpegHead(bytes);
    if (head.bits !== 8 || head.sof > 0xc2) throw new Unreadable('a JPEG of this kind cannot be shown');
    if (head.components !== 1 && head.components !== 3)
      throw new Unreadable(`a JPEG of ${head.components} colours cannot be shown`);
    if (exifOrientation(bytes) !== 1)
      throw new Unreadable('the camera noted a turn or mirroring of this JPEG: save it upright first');
    return {
      words: wordsOf(head.columns, head.rows, head.components === 3 ? 'rgb8' : 'uint8', true),
      decode: () => decodeJpegPicture(bytes),
    };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!isPng(bytes) || bytes.length < 33) throw new Unreadable('not a picture');
  const [columns, rows, depth, type] = [view.getUint32(16), view.getUint32(20), bytes[24] ?? 0, bytes[25] ?? 0];
  const grey = type === 0 && depth >= 8;
  const format: PixelFormat = grey ? (depth === 16 ? 'uint16' : 'uint8') : 'rgb8';
  return {
    words: wordsOf(columns, rows, format, false),
    decode: async () => {
      const png = decodePngOf(bytes);
      if (png.width !== columns || png.height !== rows) throw new Unreadable('the PNG is broken');
      const count = columns * rows;
      if (grey) return png.depth === 16 ? new Uint16Array(png.data) : new Uint8Array(png.data);
      const out = new Uint8Array(count * 3);
      const shift = png.depth === 16 ? 8 : 0;
      const { palette, channels, data } = png;
      const most = png.depth < 8 && !palette ? 255 / (2 ** png.depth - 1) : 1;
      for (let i = 0; i < count; i++) {
        const color = palette ? palette[pngIndex(png, i)] : undefined;
        for (let c = 0; c < 3; c++)
          out[i * 3 + c] = palette
            ? (color?.[c] ?? 0)
            : channels >= 3
              ? (data[i * channels + c] ?? 0) >> shift
              : png.depth < 8
                ? pngIndex(png, i) * most
                : (data[i * channels] ?? 0) >> shift;
      }
      return out;
    },
  };
};

type Png = ReturnType<typeof decodePng>;
const decodePngOf = (bytes: Uint8Array): Png => {
  try {
    return decodePng(bytes, { checkCrc: true });
  } catch {
    throw new Unreadable('the PNG is broken');
  }
};

/** Sample i where several share a byte: rows start at a byte. */
const pngIndex = (png: Png, i: number): number => {
  if (png.depth >= 8) return png.data[i * png.channels] ?? 0;
  const perByte = 8 / png.depth;
  const rowBytes = Math.ceil(png.width / perByte);
  const x = i % png.width;
  const byte = png.data[Math.floor(i / png.width) * rowBytes + Math.floor(x / perByte)] ?? 0;
  return (byte >> (8 - png.depth * ((x % perByte) + 1))) & (2 ** png.depth - 1);
};
