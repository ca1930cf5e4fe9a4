import type { PixelFormat } from '../../preload/contract/index.ts';

/** The samples of one frame, as its format says; little endian. */
export const samplesOf = (bytes: Uint8Array, format: PixelFormat): ArrayLike<number> => {
  const own = new Uint8Array(bytes).buffer;
  switch (format) {
    case 'int8':
      return new Int8Array(own);
    case 'int16':
      return new Int16Array(own);
    case 'uint16':
      return new Uint16Array(own);
    case 'int32':
      return new Int32Array(own);
    case 'uint32':
      return new Uint32Array(own);
    case 'float32':
      return new Float32Array(own);
    default:
      return new Uint8Array(own);
  }
};
