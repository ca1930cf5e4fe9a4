/**
 * The labels of a series, slice by slice. Those that are only looked at are held as runs: on a long series the grid itself
 * would take as much memory as half of the images. Planes, surfaces and editing need all of it at once and unpack it.
 */

export interface Labels {
  /** All slices, columns * rows label values each. */
  readonly slices: readonly Uint8Array[];
  /** One slice, as it is until another is asked for; null beyond the last. */
  slice(k: number): Uint8Array | null;
  /** Whether the slice holds a value that is wanted: [256], 1 where it is. */
  holds(k: number, isWanted: Uint8Array): boolean;
}

const anyOf = (slice: Uint8Array, isWanted: Uint8Array): boolean => {
  for (let at = 0; at < slice.length; at++) if (isWanted[slice[at] ?? 0] === 1) return true;
  return false;
};

/** Labels as they lie, read and changed in place by whoever else holds them. */
export const openLabels = (slices: readonly Uint8Array[]): Labels => ({
  slices,
  slice: (k) => slices[k] ?? null,
  holds: (k, isWanted) => anyOf(slices[k] ?? new Uint8Array(), isWanted),
});

/** A run: where it ends, times 256, and its value. */
type Packed = { readonly runs: Uint32Array } | { readonly plain: Uint8Array };
const LONGEST = 2 ** 24 - 1;

const packed = (slice: Uint8Array, scratch: Uint32Array): Packed => {
  let count = 0;
  if (slice.length > LONGEST) return { plain: slice.slice() };
  for (let at = 0; at < slice.length; ) {
    const value = slice[at] as number;
    let end = at + 1;
    while (end < slice.length && slice[end] === value) end++;
    // Noise: the runs would take more than the values.
    if (count === scratch.length) return { plain: slice.slice() };
    scratch[count++] = ((end << 8) | value) >>> 0;
    at = end;
  }
  return { runs: scratch.slice(0, count) };
};

const unpack = (held: Packed, out: Uint8Array): void => {
  if ('plain' in held) return out.set(held.plain);
  let at = 0;
  for (const run of held.runs) {
    out.fill(run & 255, at, run >>> 8);
    at = run >>> 8;
  }
};

/** Takes the slices as they come, one after another. */
export class LabelPacker {
  readonly #length: number;
  readonly #held: Packed[] = [];
  readonly #scratch: Uint32Array;

  /** length: columns * rows. */
  constructor(length: number) {
    this.#length = length;
    this.#scratch = new Uint32Array(Math.floor(length / 8));
  }

  add(slice: Uint8Array): void {
    if (slice.length !== this.#length) throw new Error(`A slice has ${slice.length} values, not ${this.#length}.`);
    this.#held.push(packed(slice, this.#scratch));
  }

  get count(): number {
    return this.#held.length;
  }

  done(): Labels {
    return new PackedLabels(this.#held, this.#length);
  }
}

class PackedLabels implements Labels {
  readonly #held: readonly Packed[];
  readonly #length: number;
  #slices: readonly Uint8Array[] | null = null;
  #one: { readonly k: number; readonly values: Uint8Array } | null = null;

  constructor(held: readonly Packed[], length: number) {
    this.#held = held;
    this.#length = length;
  }

  get slices(): readonly Uint8Array[] {
    this.#slices ??= this.#held.map((held) => {
      const slice = new Uint8Array(this.#length);
      unpack(held, slice);
      return slice;
    });
    return this.#slices;
  }

  slice(k: number): Uint8Array | null {
    if (this.#slices !== null) return this.#slices[k] ?? null;
    const held = this.#held[k];
    if (held === undefined) return null;
    if (this.#one?.k !== k) {
      const values = this.#one?.values ?? new Uint8Array(this.#length);
      unpack(held, values);
      this.#one = { k, values };
    }
    return this.#one.values;
  }

  holds(k: number, isWanted: Uint8Array): boolean {
    const held = this.#held[k];
    if (held === undefined) return false;
    return 'plain' in held ? anyOf(held.plain, isWanted) : held.runs.some((run) => isWanted[run & 255] === 1);
  }
}
