import { Unreadable } from '../parse.ts';
import { JpegBits, readJpeg } from './jpeg-stream.ts';

/** T.81 annex H. Answers samples by pixel: uint8 up to 8 bits of precision, else uint16. */
export const losslessJpeg = (
  bytes: Uint8Array,
  columns: number,
  rows: number,
  components: number,
): Uint8Array | Uint16Array => {
  let out: Uint8Array | Uint16Array | null = null;
  let scans = 0;
  readJpeg(bytes, (image, scan) => {
    if (image.components.length !== components || image.columns !== columns || image.rows !== rows)
      throw new Unreadable('the lossless JPEG changes its size');
    if (image.components.some((c) => c.horizontal !== 1 || c.vertical !== 1))
      throw new Unreadable('a lossless JPEG with subsampled colour cannot be read');
    out ??=
      image.bits <= 8 ? new Uint8Array(columns * rows * components) : new Uint16Array(columns * rows * components);
    scans += scan.components.length;
    const target = out;
    const bits = new JpegBits(bytes, scan.at);
    const parts = scan.components.map(({ index, dc }) => {
      const table = image.dc[dc];
      if (!table) throw new Unreadable('a Huffman table of the JPEG is missing');
      return { index, table };
    });
    const { start: predictor, low: shift } = scan;
    if (predictor < 1 || predictor > 7) throw new Unreadable(`predictor ${predictor} of the lossless JPEG is unknown`);
    const origin = 1 << (image.bits - shift - 1);
    const count = parts.length;
    // Two lines of each component, before the point transform.
    let line = new Int32Array(columns * count);
    let above = new Int32Array(columns * count);
    let left = image.restartInterval;
    let firstLine = true;
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        let restarted = false;
        if (image.restartInterval > 0 && left === 0) {
          if (!bits.restart()) throw new Unreadable('a restart marker of the JPEG is missing');
          left = image.restartInterval;
          firstLine = true;
          restarted = true;
        }
        left -= 1;
        for (let c = 0; c < count; c++) {
          const part = parts[c];
          if (!part) continue;
          const at = x * count + c;
          const a = line[at - count] ?? 0;
          const b = above[at] ?? 0;
          const before = above[at - count] ?? 0;
          let predicted: number;
          if (firstLine) predicted = x === 0 || restarted ? origin : a;
          else if (x === 0) predicted = b;
          else if (predictor === 1) predicted = a;
          else if (predictor === 2) predicted = b;
          else if (predictor === 3) predicted = before;
          else if (predictor === 4) predicted = a + b - before;
          else if (predictor === 5) predicted = a + ((b - before) >> 1);
          else if (predictor === 6) predicted = b + ((a - before) >> 1);
          else predicted = (a + b) >> 1;
          const size = bits.symbol(part.table);
          if (size > 16) throw new Unreadable('the lossless JPEG holds an impossible difference');
          const difference = size === 16 ? 32_768 : bits.signed(size);
          const value = (predicted + difference) & 0xffff;
          line[at] = value;
          target[(y * columns + x) * components + part.index] = value << shift;
        }
      }
      [line, above] = [above, line];
      firstLine = false;
    }
  });
  if (!out || scans < components) throw new Unreadable('the lossless JPEG holds no complete image');
  return out;
};
