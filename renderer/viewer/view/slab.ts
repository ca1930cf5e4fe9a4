/** Several planes seen as one: the brightest, the darkest or the mean of what lies behind one another. */
import type { PixelArray } from '../data/pixels.ts';
import { type Cut, cutInto, type Slices } from './cut.ts';

export const SLAB_KINDS = ['mip', 'minip', 'mean'] as const;
export type SlabKind = (typeof SLAB_KINDS)[number];
export const SLAB_NAMES = { mip: 'MIP', minip: 'MinIP', mean: 'Mean' } as const satisfies Record<SlabKind, string>;

export interface Slab {
  readonly kind: SlabKind;
  readonly thicknessMm: number;
}

/** Thicknesses that the keys go through. */
export const THICKNESSES_MM: readonly number[] = [1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 60, 80, 100];

/** Planes on each side of the middle one: those whose middles lie within the slab. */
export const reachOf = (slab: Slab, stepMm: number): number => Math.floor(slab.thicknessMm / 2 / stepMm + 1e-3);

/** 'MIP 10.0 mm (11 planes)' */
export const slabWords = (slab: Slab, stepMm: number): string => {
  const planes = 2 * reachOf(slab, stepMm) + 1;
  return `${SLAB_NAMES[slab.kind]} ${slab.thicknessMm.toFixed(1)} mm (${planes === 1 ? 'one plane' : `${planes} planes`})`;
};

/** What is gathered behind each pixel; NaN where there has been nothing yet. */
export class Gathered {
  readonly values: Float32Array<ArrayBuffer>;
  readonly #kind: SlabKind;
  readonly #counts: Uint16Array | null;

  constructor(kind: SlabKind, size: number) {
    this.#kind = kind;
    this.values = new Float32Array(size).fill(Number.NaN);
    this.#counts = kind === 'mean' ? new Uint16Array(size) : null;
  }

  /** Values beginning at pixel `from`; NaN and what lies from the first to the second of `padding` are left out. */
  take(
    plane: { readonly length: number; readonly [n: number]: number },
    from: number,
    padding?: readonly [number, number],
  ): void {
    const { values } = this;
    const [low, high] = padding ?? [Number.NaN, Number.NaN];
    const counts = this.#counts;
    for (let n = 0, at = from; n < plane.length; n++, at++) {
      const value = plane[n] ?? Number.NaN;
      if (Number.isNaN(value) || (value >= low && value <= high)) continue;
      const held = values[at] ?? Number.NaN;
      if (counts !== null) {
        values[at] = Number.isNaN(held) ? value : held + value;
        counts[at] = (counts[at] ?? 0) + 1;
      } else if (Number.isNaN(held) || (this.#kind === 'mip' ? value > held : value < held)) values[at] = value;
    }
  }

  /** Once all is taken. */
  end(): Float32Array<ArrayBuffer> {
    const { values } = this;
    const counts = this.#counts;
    if (counts !== null)
      for (let n = 0; n < values.length; n++) {
        const count = counts[n] ?? 0;
        if (count > 1) values[n] = (values[n] ?? 0) / count;
      }
    return values;
  }
}

export interface ExactSlab {
  readonly slices: Slices<PixelArray>;
  readonly dims: readonly [number, number, number];
  readonly cut: Cut;
  readonly index: number;
  readonly kind: SlabKind;
  readonly reach: number;
  readonly padding: readonly [number, number] | undefined;
}

/** Planes of voxels as they are, every `stride`th of the slab and its middle one; yields between planes. */
export const gatherPlanes = function* (
  slab: ExactSlab,
  stride = 1,
): Generator<void, { values: Float32Array<ArrayBuffer>; whole: boolean }> {
  const { slices, dims, cut, index, kind, reach, padding } = slab;
  const size = dims[cut.x.axis] * dims[cut.y.axis];
  const gathered = new Gathered(kind, size);
  const plane = new Float32Array(size);
  const first = Math.max(-reach, -index);
  const last = Math.min(reach, dims[cut.normal] - 1 - index);
  let whole = true;
  for (let off = first; off <= last; off++) {
    if (off % stride !== 0) continue;
    plane.fill(Number.NaN);
    whole = cutInto(slices, dims, cut, index + off, plane) && whole;
    gathered.take(plane, 0, padding);
    yield;
  }
  return { values: gathered.end(), whole };
};
