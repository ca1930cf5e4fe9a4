/** A volume as the graphics hardware takes it: how far it must be reduced, its values as half floats, and what each block holds. */
import type { Vec3 } from '../../../models/kit/geometry.ts';
import type { PixelArray } from '../data/pixels.ts';

export interface Limits {
  /** Longest side of a 3D texture. */
  readonly side: number;
  readonly bytes: number;
}

/** Voxels a texel, along i, j and k: 1 where nothing is lost. The finest direction is reduced first. */
export const reductionFor = (dims: Vec3, spacingMm: Vec3, limits: Limits): Vec3 => {
  const factors: [number, number, number] = [1, 1, 1];
  const size = (n: 0 | 1 | 2): number => Math.ceil(dims[n] / factors[n]);
  const bytes = (): number => size(0) * size(1) * size(2) * 2;
  for (const n of [0, 1, 2] as const) while (size(n) > limits.side) factors[n]++;
  while (bytes() > limits.bytes) {
    const finest = ([0, 1, 2] as const)
      .filter((n) => size(n) > 1)
      .toSorted((a, b) => spacingMm[a] * factors[a] - spacingMm[b] * factors[b] || b - a)[0];
    if (finest === undefined) break;
    factors[finest]++;
  }
  return factors;
};

/** 'reduced 2x2x1'; '' where it is not. */
export const reductionWords = (factors: Vec3): string =>
  factors.every((factor) => factor === 1) ? '' : `reduced ${factors.join('x')}`;

/** Bits of the half float next to a number from 0 to 1. Among these, larger bits are larger numbers. */
export const halfBits = (value: number): number => {
  if (!(value > 0)) return 0;
  if (value >= 1) return 0x3c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(value)));
  const mantissa = Math.round((value / 2 ** exponent) * 1024);
  // Below the smallest normal number there is no leading one; rounding up to 2048 carries into the exponent by itself.
  return value < 2 ** -14 ? mantissa : ((exponent + 14) << 10) + mantissa;
};
export const halfValue = (bits: number): number => {
  const exponent = bits >> 10;
  return exponent === 0 ? (bits / 1024) * 2 ** -14 : (1 + (bits & 1023) / 1024) * 2 ** (exponent - 15);
};

export interface Scaling {
  readonly slope: number;
  readonly intercept: number;
  readonly padding: readonly [number, number] | undefined;
}

/** Stored values of a frame to parts of the domain, 0 to 1. Fill is the lowest. */
export class Normaliser {
  readonly #domain: readonly [number, number];
  readonly #tables = new Map<string, Float32Array>();

  constructor(domain: readonly [number, number]) {
    this.#domain = domain;
  }

  /** Into out, one number a pixel. */
  frame(pixels: PixelArray, scaling: Scaling, out: Float32Array): void {
    if (pixels.BYTES_PER_ELEMENT <= 2) {
      const table = this.#table(scaling, pixels instanceof Int16Array || pixels instanceof Int8Array);
      for (let n = 0; n < pixels.length; n++) out[n] = table[(pixels[n] ?? 0) & 0xffff] ?? 0;
      return;
    }
    const of = this.#part(scaling);
    for (let n = 0; n < pixels.length; n++) out[n] = of(pixels[n] ?? 0);
  }

  #part({ slope, intercept, padding }: Scaling): (stored: number) => number {
    const [low, high] = this.#domain;
    const [from, to] = padding ?? [Number.NaN, Number.NaN];
    return (stored) =>
      stored >= from && stored <= to ? 0 : Math.min(1, Math.max(0, (stored * slope + intercept - low) / (high - low)));
  }

  #table(scaling: Scaling, signed: boolean): Float32Array {
    const key = `${scaling.slope} ${scaling.intercept} ${scaling.padding} ${signed}`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      const of = this.#part(scaling);
      table = Float32Array.from({ length: 65_536 }, (_, bits) => of(signed && bits >= 32_768 ? bits - 65_536 : bits));
      this.#tables.set(key, table);
    }
    return table;
  }
}

/** Half floats of numbers from 0 to 1, by a table of 4096 steps a power of two would be needless: 16 bits in, 16 out. */
const HALVES = Uint16Array.from({ length: 65_536 }, (_, n) => halfBits(n / 65_535));
const toHalves = (from: Float32Array, out: Uint16Array): void => {
  for (let n = 0; n < out.length; n++) out[n] = HALVES[Math.round((from[n] ?? 0) * 65_535)] ?? 0;
};

/** Texels a block, along each side. */
export const BLOCK = 8;

/**
 * The texels of a volume slice by slice, reduced by averaging, and the lowest and highest of each block with the texels
 * next to it, so that nothing that interpolation can give lies outside them.
 */
export class VolumeGrid {
  readonly dims: Vec3;
  readonly factors: Vec3;
  /** Texels. */
  readonly size: Vec3;
  readonly blocks: Vec3;
  /** Half floats. */
  readonly lowest: Uint16Array;
  readonly highest: Uint16Array;
  readonly #normaliser: Normaliser;
  readonly #frame: Float32Array;
  readonly #sums: Float32Array;
  readonly #slice: Uint16Array;

  constructor(dims: Vec3, factors: Vec3, domain: readonly [number, number]) {
    this.dims = dims;
    this.factors = factors;
    const along = (n: 0 | 1 | 2): number => Math.ceil(dims[n] / factors[n]);
    this.size = [along(0), along(1), along(2)];
    const blocks = (n: 0 | 1 | 2): number => Math.ceil(this.size[n] / BLOCK);
    this.blocks = [blocks(0), blocks(1), blocks(2)];
    const count = this.blocks[0] * this.blocks[1] * this.blocks[2];
    this.lowest = new Uint16Array(count).fill(0x3c00);
    this.highest = new Uint16Array(count);
    this.#normaliser = new Normaliser(domain);
    this.#frame = new Float32Array(dims[0] * dims[1]);
    this.#sums = new Float32Array(this.size[0] * this.size[1]);
    this.#slice = new Uint16Array(this.size[0] * this.size[1]);
  }

  /** Half floats of texel slice z; the array is used again for the next. Null where a frame has not come. */
  slice(z: number, frameAt: (k: number) => { pixels: PixelArray; scaling: Scaling } | null): Uint16Array | null {
    const [fx, fy, fz] = this.factors;
    const [columns, rows, count] = this.dims;
    const last = Math.min(count, (z + 1) * fz);
    const whole = fx === 1 && fy === 1 && fz === 1;
    this.#sums.fill(0);
    for (let k = z * fz; k < last; k++) {
      const frame = frameAt(k);
      if (frame === null) return null;
      this.#normaliser.frame(frame.pixels, frame.scaling, this.#frame);
      if (whole) break;
      for (let j = 0; j < rows; j++) {
        const row = Math.floor(j / fy) * this.size[0];
        for (let i = 0, x = 0, left = fx; i < columns; i++) {
          this.#sums[row + x] = (this.#sums[row + x] ?? 0) + (this.#frame[j * columns + i] ?? 0);
          if (--left === 0) {
            left = fx;
            x++;
          }
        }
      }
    }
    if (!whole) this.#average(last - z * fz);
    toHalves(whole ? this.#frame : this.#sums, this.#slice);
    this.#gather(z);
    return this.#slice;
  }

  /** At the far edges a texel has fewer voxels. */
  #average(frames: number): void {
    const [fx, fy] = this.factors;
    const [nx, ny] = this.size;
    for (let y = 0; y < ny; y++) {
      const rows = Math.min(fy, this.dims[1] - y * fy);
      for (let x = 0; x < nx; x++) {
        const columns = Math.min(fx, this.dims[0] - x * fx);
        this.#sums[y * nx + x] = (this.#sums[y * nx + x] ?? 0) / (frames * rows * columns);
      }
    }
  }

  #gather(z: number): void {
    const [nx, ny] = this.size;
    const [bx, by, bz] = this.blocks;
    const near = (at: number, most: number): readonly [number, number] => [
      Math.max(0, Math.floor((at - 1) / BLOCK)),
      Math.min(most - 1, Math.floor((at + 1) / BLOCK)),
    ];
    const [z0, z1] = near(z, bz);
    for (let y = 0; y < ny; y++) {
      const [y0, y1] = near(y, by);
      const row = y * nx;
      for (let b = 0; b < bx; b++) {
        let low = 0x3c00;
        let high = 0;
        const end = Math.min(nx, (b + 1) * BLOCK + 1);
        for (let x = Math.max(0, b * BLOCK - 1); x < end; x++) {
          const bits = this.#slice[row + x] ?? 0;
          if (bits < low) low = bits;
          if (bits > high) high = bits;
        }
        for (let zz = z0; zz <= z1; zz++)
          for (let yy = y0; yy <= y1; yy++) {
            const at = b + bx * (yy + by * zz);
            if (low < (this.lowest[at] ?? 0)) this.lowest[at] = low;
            if (high > (this.highest[at] ?? 0)) this.highest[at] = high;
          }
      }
    }
  }
}

/** One byte a block: 0 where a table gives no opacity to any value between its lowest and highest, else 255. */
export const occupiedBlocks = (
  grid: Pick<VolumeGrid, 'lowest' | 'highest'>,
  table: Float32Array,
): Uint8Array<ArrayBuffer> => {
  const entries = table.length / 4;
  // How many entries before each have any opacity.
  const before = new Uint32Array(entries + 1);
  for (let n = 0; n < entries; n++) before[n + 1] = (before[n] ?? 0) + ((table[n * 4 + 3] ?? 0) > 0 ? 1 : 0);
  return Uint8Array.from(grid.lowest, (low, block) => {
    const first = Math.max(0, Math.floor(halfValue(low) * (entries - 1)) - 1);
    const last = Math.min(entries, Math.ceil(halfValue(grid.highest[block] ?? 0) * (entries - 1)) + 2);
    return (before[last] ?? 0) > (before[first] ?? 0) ? 255 : 0;
  });
};

/** One byte a block: its highest value, rounded up. */
export const highestOfBlocks = (grid: Pick<VolumeGrid, 'highest'>): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(grid.highest, (bits) => Math.ceil(halfValue(bits) * 255));
