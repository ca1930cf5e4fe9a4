import { closeSync, openSync, readSync } from 'node:fs';
import type { PixelFormat } from '../../preload/contract/index.ts';
import type { DecodedSeries } from '../domains.ts';

type Samples = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array;

const VIEWS = {
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  float32: Float32Array,
  rgb8: Uint8Array,
} as const satisfies Record<PixelFormat, unknown>;

/** Frames kept in memory: a region across slices reads all of them in turn. */
const HELD = 512;

/** Stored values of a decoded series, a frame at a time. Little endian, as every machine we run on. */
export const openFrames = (decoded: DecodedSeries): { read: (index: number) => Samples | null; close: () => void } => {
  const file = openSync(decoded.path, 'r');
  const held = new Map<number, Samples>();
  return {
    read: (index) => {
      const known = held.get(index);
      if (known) return known;
      const frame = decoded.images.frames[index];
      if (!frame) return null;
      const bytes = new Uint8Array(frame.byteLength);
      for (let done = 0; done < bytes.length; ) {
        const got = readSync(file, bytes, done, bytes.length - done, frame.byteOffset + done);
        if (got === 0) throw new Error('the decoded pixels are cut short');
        done += got;
      }
      const samples = frame.rows * frame.columns * (frame.format === 'rgb8' ? 3 : 1);
      const view = new VIEWS[frame.format](bytes.buffer, 0, samples);
      held.set(index, view);
      if (held.size > HELD) held.delete(held.keys().next().value ?? -1);
      return view;
    },
    close: () => {
      closeSync(file);
      decoded.release();
    },
  };
};
