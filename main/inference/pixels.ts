/** Frames of a decoded series, read one by one from its file. */
import { closeSync, openSync, readSync } from 'node:fs';
import { BYTES_PER_PIXEL, type Frame, type PixelFormat } from '../../preload/contract/index.ts';
import { Unusable } from './sessions.ts';

type Stored = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | Float32Array;

/** Little-endian bytes as numbers; every machine that this runs on is little endian. */
const typed = (format: PixelFormat, bytes: Uint8Array): Stored => {
  const { buffer, byteOffset: at } = bytes;
  const count = bytes.byteLength / BYTES_PER_PIXEL[format];
  switch (format) {
    case 'uint8':
      return new Uint8Array(buffer, at, count);
    case 'int8':
      return new Int8Array(buffer, at, count);
    case 'uint16':
      return new Uint16Array(buffer, at, count);
    case 'int16':
      return new Int16Array(buffer, at, count);
    case 'uint32':
      return new Uint32Array(buffer, at, count);
    case 'int32':
      return new Int32Array(buffer, at, count);
    case 'float32':
      return new Float32Array(buffer, at, count);
    case 'rgb8':
      throw new Unusable('The images are in colour, and this network reads grey values.');
  }
};

export interface PixelFile {
  /** Stored values of a frame, rows one after another; a fresh array. */
  stored(frame: Frame): Stored;
  /** Red, green and blue of a frame in colour, a fresh array. */
  colour(frame: Frame): Uint8Array;
  close(): void;
}

export const openPixels = (path: string): PixelFile => {
  const file = openSync(path, 'r');
  const bytesOf = (frame: Frame): Uint8Array => {
    const bytes = new Uint8Array(frame.rows * frame.columns * BYTES_PER_PIXEL[frame.format]);
    let done = 0;
    while (done < bytes.length) {
      const read = readSync(file, bytes, done, bytes.length - done, frame.byteOffset + done);
      if (read === 0) throw new Error('the decoded pixels are cut short');
      done += read;
    }
    return bytes;
  };
  return {
    stored: (frame) => typed(frame.format, bytesOf(frame)),
    colour: (frame) => {
      if (frame.format !== 'rgb8') throw new Unusable('The images are grey, and this network reads colour.');
      return bytesOf(frame);
    },
    close: () => closeSync(file),
  };
};
