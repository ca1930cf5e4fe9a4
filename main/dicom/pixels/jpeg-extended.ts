import { Unreadable } from '../parse.ts';
import { JpegBits, readJpeg } from './jpeg-stream.ts';

/** Order of coefficients in a block. T.81 figure A.6 */
const ZIGZAG = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21],
  ...[28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61],
  ...[54, 47, 55, 62, 63],
);

/** cosines[x * 8 + u] = C(u) / 2 * cos((2x + 1) u π / 16). T.81 A.3.3 */
const COSINES = Float64Array.from({ length: 64 }, (_, n) => {
  const x = n >> 3;
  const u = n & 7;
  return (u === 0 ? Math.SQRT1_2 : 1) * 0.5 * Math.cos(((2 * x + 1) * u * Math.PI) / 16);
});

const inverseTransform = (block: Float64Array, scratch: Float64Array): void => {
  for (let v = 0; v < 8; v++)
    for (let x = 0; x < 8; x++) {
      let sum = 0;
      for (let u = 0; u < 8; u++) sum += (COSINES[x * 8 + u] ?? 0) * (block[v * 8 + u] ?? 0);
      scratch[v * 8 + x] = sum;
    }
  for (let x = 0; x < 8; x++)
    for (let y = 0; y < 8; y++) {
      let sum = 0;
      for (let v = 0; v < 8; v++) sum += (COSINES[y * 8 + v] ?? 0) * (scratch[v * 8 + x] ?? 0);
      block[y * 8 + x] = sum;
    }
};

/** Extended sequential, Huffman, 12 bits, one component (T.81 annex F): what 8-bit decoders cannot read. uint16 samples. */
export const extendedJpeg = (bytes: Uint8Array, columns: number, rows: number): Uint16Array => {
  let out: Uint16Array | null = null;
  readJpeg(bytes, (image, scan) => {
    const [component] = image.components;
    const [part] = scan.components;
    if (!component || !part || image.components.length !== 1)
      throw new Unreadable('12-bit JPEG in colour cannot be read');
    if (image.columns !== columns || image.rows !== rows) throw new Unreadable('the JPEG changes its size');
    if (scan.start !== 0 || scan.end !== 63) throw new Unreadable('the JPEG scan is no sequential one');
    const dc = image.dc[part.dc];
    const ac = image.ac[part.ac];
    const quantization = image.quantization[component.quantization];
    if (!dc || !ac || !quantization) throw new Unreadable('a table of the JPEG is missing');
    out = new Uint16Array(columns * rows);
    const bits = new JpegBits(bytes, scan.at);
    const most = 2 ** image.bits - 1;
    const middle = 2 ** (image.bits - 1);
    const block = new Float64Array(64);
    const scratch = new Float64Array(64);
    let last = 0;
    let left = image.restartInterval;
    // A scan of one component goes block by block, whatever its sampling factors. T.81 A.2.2
    for (let top = 0; top < rows; top += 8)
      for (let start = 0; start < columns; start += 8) {
        if (image.restartInterval > 0 && left === 0) {
          if (!bits.restart()) throw new Unreadable('a restart marker of the JPEG is missing');
          left = image.restartInterval;
          last = 0;
        }
        left -= 1;
        block.fill(0);
        const size = bits.symbol(dc);
        if (size > 16) throw new Unreadable('the JPEG holds an impossible difference');
        last += bits.signed(size);
        block[0] = last * (quantization[0] ?? 0);
        for (let k = 1; k < 64; k++) {
          const symbol = bits.symbol(ac);
          const length = symbol & 15;
          if (length === 0) {
            if (symbol !== 0xf0) break;
            k += 15;
            continue;
          }
          k += symbol >> 4;
          if (k > 63) throw new Unreadable('the JPEG holds a run beyond its block');
          block[ZIGZAG[k] ?? 0] = bits.signed(length) * (quantization[k] ?? 0);
        }
        inverseTransform(block, scratch);
        for (let y = 0; y < 8 && top + y < rows; y++)
          for (let x = 0; x < 8 && start + x < columns; x++) {
            const value = Math.round((block[y * 8 + x] ?? 0) + middle);
            out[(top + y) * columns + start + x] = Math.max(0, Math.min(most, value));
          }
      }
  });
  if (!out) throw new Unreadable('the JPEG holds no image');
  return out;
};
