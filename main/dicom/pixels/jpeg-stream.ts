import { Unreadable } from '../parse.ts';

/**
 * The parts of ITU-T T.81 that no codec package here covers or gets right: lossless (process 14) and extended
 * sequential with 12 bits. Headers, Huffman tables and bits; the two decoders are jpeg-lossless.ts and jpeg-extended.ts.
 */
export interface JpegComponent {
  readonly id: number;
  readonly horizontal: number;
  readonly vertical: number;
  readonly quantization: number;
}
export interface JpegScan {
  readonly components: readonly { readonly index: number; readonly dc: number; readonly ac: number }[];
  /** Lossless: predictor. Sequential: start of spectral selection. */
  readonly start: number;
  readonly end: number;
  /** Lossless: point transform. */
  readonly low: number;
  /** First byte of entropy-coded data. */
  readonly at: number;
}
export interface HuffmanTable {
  /** By the next 9 bits: length << 8 | symbol; 0 where the code is longer. */
  readonly quick: Uint16Array;
  readonly most: Int32Array;
  readonly offset: Int32Array;
  readonly symbols: Uint8Array;
}

const QUICK_BITS = 9;

const huffmanTable = (counts: Uint8Array, symbols: Uint8Array): HuffmanTable => {
  const quick = new Uint16Array(1 << QUICK_BITS);
  const most = new Int32Array(17).fill(-1);
  const offset = new Int32Array(17);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    const count = counts[length - 1] ?? 0;
    offset[length] = index - code;
    for (let n = 0; n < count; n++) {
      if (length <= QUICK_BITS) {
        const from = code << (QUICK_BITS - length);
        quick.fill((length << 8) | (symbols[index] ?? 0), from, from + (1 << (QUICK_BITS - length)));
      }
      code += 1;
      index += 1;
    }
    if (code > 1 << length) throw new Unreadable('a Huffman table of the JPEG is broken');
    if (count > 0) most[length] = code - 1;
    code <<= 1;
  }
  return { quick, most, offset, symbols };
};

/** Bits of entropy-coded data; stuffed zeros are taken out, a marker ends them. */
export class JpegBits {
  private readonly bytes: Uint8Array;
  private at: number;
  private buffer = 0;
  private held = 0;
  /** Zero bits given out past the end of the data. */
  private past = 0;

  constructor(bytes: Uint8Array, at: number) {
    this.bytes = bytes;
    this.at = at;
  }
  private fill(): void {
    while (this.held <= 16) {
      let byte = this.bytes[this.at];
      if (byte === undefined || (byte === 0xff && this.bytes[this.at + 1] !== 0)) {
        // Decoders read ahead: zeros after the end are no fault until they are used up.
        this.past += 8;
        byte = 0;
      } else this.at += byte === 0xff ? 2 : 1;
      this.buffer = ((this.buffer << 8) | byte) & 0x3fffffff;
      this.held += 8;
    }
  }
  private check(): void {
    if (this.past > this.held + 16) throw new Unreadable('the JPEG data is cut short');
  }
  symbol(table: HuffmanTable): number {
    this.fill();
    const peek = (this.buffer >>> (this.held - QUICK_BITS)) & ((1 << QUICK_BITS) - 1);
    const quick = table.quick[peek] ?? 0;
    if (quick !== 0) {
      this.held -= quick >> 8;
      if (this.past > 0) this.check();
      return quick & 0xff;
    }
    let code = (this.buffer >>> (this.held - QUICK_BITS)) & ((1 << QUICK_BITS) - 1);
    for (let length = QUICK_BITS + 1; length <= 16; length++) {
      code = (code << 1) | ((this.buffer >>> (this.held - length)) & 1);
      const most = table.most[length] ?? -1;
      if (most >= 0 && code <= most && code + (table.offset[length] ?? 0) >= 0) {
        const symbol = table.symbols[code + (table.offset[length] ?? 0)];
        if (symbol === undefined) break;
        this.held -= length;
        if (this.past > 0) this.check();
        return symbol;
      }
    }
    throw new Unreadable('the JPEG data holds an unknown code');
  }
  /** A difference of `size` bits, extended in sign. T.81 F.2.2.1 */
  signed(size: number): number {
    if (size === 0) return 0;
    this.fill();
    this.held -= size;
    if (this.past > 0) this.check();
    const value = (this.buffer >>> this.held) & ((1 << size) - 1);
    return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
  }
  /** Goes to the data after the next restart marker; false where there is none. */
  restart(): boolean {
    this.held = 0;
    this.buffer = 0;
    this.past = 0;
    for (let at = this.at; at + 1 < this.bytes.length; at++) {
      if (this.bytes[at] !== 0xff) continue;
      const marker = this.bytes[at + 1] ?? 0;
      if (marker >= 0xd0 && marker <= 0xd7) {
        this.at = at + 2;
        return true;
      }
      if (marker !== 0 && marker !== 0xff) return false;
    }
    return false;
  }
}

export interface JpegImage {
  readonly sof: number;
  readonly bits: number;
  readonly rows: number;
  readonly columns: number;
  readonly components: readonly JpegComponent[];
  /** Of the first scan that uses them on; a scan is decoded when it is met, as tables may change between scans. */
  readonly dc: readonly (HuffmanTable | undefined)[];
  readonly ac: readonly (HuffmanTable | undefined)[];
  readonly quantization: readonly (Float64Array | undefined)[];
  readonly restartInterval: number;
}

/** Reads markers in order and calls `scan` at each; the caller decodes from scan.at. */
export const readJpeg = (bytes: Uint8Array, scan: (image: JpegImage, scan: JpegScan) => void): void => {
  const word = (at: number): number => {
    const a = bytes[at];
    const b = bytes[at + 1];
    if (a === undefined || b === undefined) throw new Unreadable('the JPEG is cut short');
    return a * 256 + b;
  };
  const dc: (HuffmanTable | undefined)[] = [];
  const ac: (HuffmanTable | undefined)[] = [];
  const quantization: (Float64Array | undefined)[] = [];
  let restartInterval = 0;
  let frame: Pick<JpegImage, 'sof' | 'bits' | 'rows' | 'columns' | 'components'> | null = null;
  let at = 2;
  while (at + 4 <= bytes.length) {
    if (bytes[at] !== 0xff) {
      at += 1;
      continue;
    }
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff || marker === 0 || (marker >= 0xd0 && marker <= 0xd8) || marker === 1) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    if (marker === 0xd9) return;
    const end = at + 2 + word(at + 2);
    let here = at + 4;
    if (end > bytes.length) throw new Unreadable('the JPEG is cut short');
    if (marker === 0xc4) {
      while (here + 17 <= end) {
        const kind = bytes[here] ?? 0;
        const counts = bytes.subarray(here + 1, here + 17);
        const total = counts.reduce((sum, n) => sum + n, 0);
        const table = huffmanTable(counts, bytes.slice(here + 17, here + 17 + total));
        (kind >> 4 ? ac : dc)[kind & 15] = table;
        here += 17 + total;
      }
    } else if (marker === 0xdb) {
      while (here < end) {
        const kind = bytes[here] ?? 0;
        const wide = kind >> 4 !== 0;
        const table = new Float64Array(64);
        for (let i = 0; i < 64; i++) table[i] = wide ? word(here + 1 + 2 * i) : (bytes[here + 1 + i] ?? 0);
        quantization[kind & 15] = table;
        here += 1 + (wide ? 128 : 64);
      }
    } else if (marker === 0xdd) restartInterval = word(here);
    else if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc8 && marker !== 0xcc) {
      const count = bytes[here + 5] ?? 0;
      const components = Array.from({ length: count }, (_, n) => {
        const c = here + 6 + 3 * n;
        const sampling = bytes[c + 1] ?? 0;
        return {
          id: bytes[c] ?? 0,
          horizontal: sampling >> 4,
          vertical: sampling & 15,
          quantization: bytes[c + 2] ?? 0,
        };
      });
      frame = { sof: marker, bits: bytes[here] ?? 0, rows: word(here + 1), columns: word(here + 3), components };
    } else if (marker === 0xda) {
      if (!frame) throw new Unreadable('the JPEG has no frame header');
      const { components } = frame;
      const count = bytes[here] ?? 0;
      const parts = Array.from({ length: count }, (_, n) => {
        const id = bytes[here + 1 + 2 * n] ?? 0;
        const tables = bytes[here + 2 + 2 * n] ?? 0;
        const index = components.findIndex((component) => component.id === id);
        if (index < 0) throw new Unreadable('a scan of the JPEG names an unknown component');
        return { index, dc: tables >> 4, ac: tables & 15 };
      });
      const tail = here + 1 + 2 * count;
      scan(
        { ...frame, dc: [...dc], ac: [...ac], quantization: [...quantization], restartInterval },
        {
          components: parts,
          start: bytes[tail] ?? 0,
          end: bytes[tail + 1] ?? 0,
          low: (bytes[tail + 2] ?? 0) & 15,
          at: end,
        },
      );
      // The next marker that is neither stuffing nor a restart.
      at = end;
      while (at + 1 < bytes.length) {
        const next = bytes[at + 1] ?? 0;
        if (bytes[at] === 0xff && next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) break;
        at += 1;
      }
      continue;
    }
    at = end;
  }
};
