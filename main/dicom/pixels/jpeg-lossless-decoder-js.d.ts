/** The package's types are not reachable through its package.json. */
declare module 'jpeg-lossless-decoder-js' {
  export class Decoder {
    /** Bytes, or samples of numBytes each; read their buffer. */
    decode(buffer: ArrayBufferLike, offset: number, length: number, numBytes: number): ArrayBufferView;
  }
}
