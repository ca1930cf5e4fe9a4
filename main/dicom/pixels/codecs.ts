import { createRequire } from 'node:module';
import { Unreadable } from '../parse.ts';
import { extendedJpeg } from './jpeg-extended.ts';
import { losslessJpeg } from './jpeg-lossless.ts';

export interface Decoded {
  readonly columns: number;
  readonly rows: number;
  readonly components: number;
  /** Precision of the codestream. */
  readonly bits: number;
  readonly signed: boolean;
  /** Samples of 1 byte up to 8 bits, else 2 (or 4), little endian. */
  readonly bytes: Uint8Array;
  /** All of one component, then the next. */
  readonly planar: boolean;
}

interface FrameInfo {
  width: number;
  height: number;
  bitsPerSample: number;
  componentCount: number;
  isSigned?: boolean;
}
interface WasmDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  getDecodedBuffer(): Uint8Array;
  decode(): void;
  readHeader?(): void;
  getFrameInfo(): FrameInfo;
  getInterleaveMode?(): number;
  delete(): void;
}
type WasmModule = Readonly<Record<string, new () => WasmDecoder>>;

const require = createRequire(import.meta.url);
interface Codec {
  get(): Promise<WasmModule>;
  /** After a broken frame its memory may be in any state: the next frame gets a machine of its own. */
  reset(): void;
}
const load = (name: string): Codec => {
  let module: Promise<WasmModule> | null = null;
  return {
    get: () => {
      module ??= (require(name) as (options: object) => Promise<WasmModule>)({
        // The codecs print their complaints; those may quote the file.
        print: () => {},
        printErr: () => {},
      });
      return module;
    },
    reset: () => {
      module = null;
    },
  };
};
const charls = load('@cornerstonejs/codec-charls/decodewasmjs');
const turbo = load('@cornerstonejs/codec-libjpeg-turbo-8bit/decodewasmjs');
const openjpeg = load('@cornerstonejs/codec-openjpeg/decodewasmjs');
const openjph = load('@cornerstonejs/codec-openjph/wasmjs');

const MOST_BYTES = 2 ** 30;

/** A wasm decoder over one frame. A fresh decoder each time: none keeps another file's state. */
const run = async (
  codec: Codec,
  name: string,
  encoded: Uint8Array,
  expected: { rows: number; columns: number },
): Promise<Decoded> => {
  const Decoder = (await codec.get())[name];
  if (!Decoder) throw new Error(`the codec has no ${name}`);
  const decoder = new Decoder();
  let broken = false;
  try {
    decoder.getEncodedBuffer(encoded.length).set(encoded);
    if (name === 'J2KDecoder') checkJ2k(encoded, expected);
    else if (decoder.readHeader) {
      decoder.readHeader();
      const { width, height, componentCount } = decoder.getFrameInfo();
      // Before decoding: a codestream that claims another size than the header must not get memory for it.
      if (width !== expected.columns || height !== expected.rows || width * height * componentCount * 4 > MOST_BYTES)
        throw new Unreadable(
          `the compressed image is ${width} x ${height}, the header says ${expected.columns} x ${expected.rows}`,
        );
    }
    decoder.decode();
    const info = decoder.getFrameInfo();
    return {
      columns: info.width,
      rows: info.height,
      components: info.componentCount,
      bits: info.bitsPerSample,
      signed: info.isSigned === true,
      bytes: new Uint8Array(decoder.getDecodedBuffer()),
      planar: decoder.getInterleaveMode?.() === 0 && info.componentCount > 1,
    };
  } catch (error) {
    if (error instanceof Unreadable) throw error;
    // Thrown by the codec: a number (a pointer to its exception) or an Error of the wasm machine.
    broken = true;
    codec.reset();
    throw new Unreadable('the compressed image is broken');
  } finally {
    if (!broken) decoder.delete();
  }
};

/** The size that a JPEG 2000 codestream claims (SIZ, T.800 A.5.1), before a decoder gives it memory. */
const checkJ2k = (encoded: Uint8Array, expected: { rows: number; columns: number }): void => {
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  // Inside a JP2 file, where a writer put one, the codestream comes after a few boxes.
  const at = bytes.subarray(0, 4096).indexOf(Buffer.of(0xff, 0x4f, 0xff, 0x51));
  if (at < 0 || bytes.length < at + 40) throw new Unreadable('the compressed frame is no JPEG 2000');
  const width = bytes.readUInt32BE(at + 8) - bytes.readUInt32BE(at + 16);
  const height = bytes.readUInt32BE(at + 12) - bytes.readUInt32BE(at + 20);
  if (width !== expected.columns || height !== expected.rows)
    throw new Unreadable(
      `the compressed image is ${width} x ${height}, the header says ${expected.columns} x ${expected.rows}`,
    );
};

interface JpegHead {
  /** SOF marker's low byte: 0xC0 baseline, 0xC1 extended, 0xC2 progressive, 0xC3 lossless. */
  readonly sof: number;
  readonly bits: number;
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly adobe: boolean;
  readonly jfif: boolean;
}

/** Walks the markers up to the first frame header. */
export const jpegHead = (bytes: Uint8Array): JpegHead => {
  let adobe = false;
  let jfif = false;
  let at = 2;
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) throw new Unreadable('the compressed frame is no JPEG');
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) throw new Unreadable('the JPEG header is broken');
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const length = (bytes[at + 2] ?? 0) * 256 + (bytes[at + 3] ?? 0);
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc)
      return {
        sof: marker,
        bits: bytes[at + 4] ?? 0,
        rows: (bytes[at + 5] ?? 0) * 256 + (bytes[at + 6] ?? 0),
        columns: (bytes[at + 7] ?? 0) * 256 + (bytes[at + 8] ?? 0),
        components: bytes[at + 9] ?? 0,
        adobe,
        jfif,
      };
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 9));
    // Shorter ones lack the byte that says how colour is meant, and decoders pass them over.
    if (marker === 0xee && name === 'Adobe' && length >= 14) adobe = true;
    if (marker === 0xe0 && name.startsWith('JFIF')) jfif = true;
    at += 2 + length;
  }
  throw new Unreadable('the JPEG has no frame header');
};

/** APP14 'Adobe' with colour transform 0: the components are what they are, none is to be converted. */
const ADOBE_NO_TRANSFORM = Uint8Array.of(0xff, 0xee, 0, 14, 65, 100, 111, 98, 101, 0, 100, 0, 0, 0, 0, 0);

const jpeg = async (bytes: Uint8Array, size: { rows: number; columns: number }, rgb: boolean): Promise<Decoded> => {
  const head = jpegHead(bytes);
  if (head.rows !== size.rows || head.columns !== size.columns)
    throw new Unreadable(`the JPEG is ${head.columns} x ${head.rows}, the header says ${size.columns} x ${size.rows}`);
  const own = (samples: Uint8Array | Uint16Array): Decoded => ({
    columns: head.columns,
    rows: head.rows,
    components: head.components,
    bits: head.bits,
    signed: false,
    bytes: new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength),
    planar: false,
  });
  if (head.sof === 0xc3) {
    if (head.bits < 2 || head.bits > 16) throw new Unreadable(`lossless JPEG of ${head.bits} bits cannot be read`);
    return own(losslessJpeg(bytes, head.columns, head.rows, head.components));
  }
  if ((head.sof === 0xc1 || head.sof === 0xc0) && head.bits === 12)
    return own(extendedJpeg(bytes, head.columns, head.rows));
  if (head.sof > 0xc2) throw new Unreadable(`JPEG of the kind ${head.sof.toString(16)} cannot be read`);
  if (head.bits !== 8) throw new Unreadable(`lossy JPEG of ${head.bits} bits cannot be read`);
  let encoded = bytes;
  // Without a word on it decoders take three components for YCbCr; the header says they are RGB. A JFIF mark outranks it.
  if (rgb && head.components === 3 && !head.adobe && !head.jfif) {
    encoded = new Uint8Array(bytes.length + ADOBE_NO_TRANSFORM.length);
    encoded.set(bytes.subarray(0, 2));
    encoded.set(ADOBE_NO_TRANSFORM, 2);
    encoded.set(bytes.subarray(2), 2 + ADOBE_NO_TRANSFORM.length);
  }
  return run(turbo, 'JPEGDecoder', encoded, size);
};

/** An 8-bit JPEG picture in grey or colour, its colour converted as its own marks say. */
export const decodeJpegPicture = async (bytes: Uint8Array): Promise<Uint8Array> => {
  const head = jpegHead(bytes);
  const decoded = await run(turbo, 'JPEGDecoder', bytes, head);
  if (decoded.bytes.length < head.rows * head.columns * head.components) throw new Unreadable('the JPEG is cut short');
  return decoded.bytes;
};

const JPEG = '1.2.840.10008.1.2.4.';
/** Transfer syntaxes that are decoded; RLE and the uncompressed ones are read without a codec. */
const JPEG_SYNTAXES = new Set([50, 51, 57, 70].map((n) => JPEG + n));

/** Decodes one compressed frame. Throws Unreadable. */
export const decodeFrame = async (
  transferSyntax: string,
  encoded: Uint8Array,
  size: { rows: number; columns: number },
  rgb: boolean,
): Promise<Decoded> => {
  if (JPEG_SYNTAXES.has(transferSyntax)) return jpeg(encoded, size, rgb);
  if (transferSyntax === `${JPEG}80` || transferSyntax === `${JPEG}81`)
    return run(charls, 'JpegLSDecoder', encoded, size);
  if (transferSyntax === `${JPEG}90` || transferSyntax === `${JPEG}91`)
    return run(openjpeg, 'J2KDecoder', encoded, size);
  if (['201', '202', '203'].some((n) => transferSyntax === JPEG + n))
    return run(openjph, 'HTJ2KDecoder', encoded, size);
  throw new Unreadable(`transfer syntax ${transferSyntax} is not read`);
};

/** Null where frames of this syntax are read; else why not. */
export const syntaxRefusal = (transferSyntax: string): string | null => {
  if (transferSyntax === RLE || !transferSyntax.startsWith(JPEG)) {
    if (transferSyntax === RLE || transferSyntax.startsWith('1.2.840.10008.1.2')) return null;
    return `Transfer syntax ${transferSyntax} is not read.`;
  }
  const number = transferSyntax.slice(JPEG.length);
  if (['50', '51', '57', '70', '80', '81', '90', '91', '201', '202', '203'].includes(number)) return null;
  if (number.startsWith('10')) return 'Video (MPEG, H.264, H.265) is not shown.';
  return `Transfer syntax ${transferSyntax} is not read.`;
};
export const RLE = '1.2.840.10008.1.2.5';
