/**
 * What an edit changed in a label map: by slice, runs of voxels that went from one label to another. Read forwards it
 * does the edit, backwards it takes it back.
 *
 * Bytes: 1 (the form), then for each slice, lowest first: its number, the length of its runs in bytes, its runs. A run:
 * voxels since the last one ended, voxels in it, label before, label after. Numbers are LEB128, labels one byte.
 */

export interface SliceChange {
  /** Number of the slice. */
  readonly k: number;
  /** Labels of the slice, rows * columns. */
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

const FORM = 1;

class Bytes {
  #bytes = new Uint8Array(1024);
  length = 0;

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#grow(1);
    this.#bytes[this.length++] = value;
  }
  number(value: number): void {
    let rest = value;
    while (rest > 127) {
      this.byte((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }
  all(more: Uint8Array): void {
    if (this.length + more.length > this.#bytes.length) this.#grow(more.length);
    this.#bytes.set(more, this.length);
    this.length += more.length;
  }
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.length);
  }
  #grow(by: number): void {
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.length + by));
    larger.set(this.#bytes.subarray(0, this.length));
    this.#bytes = larger;
  }
}

const runsOf = ({ before, after }: SliceChange, runs: Bytes): void => {
  let end = 0;
  for (let at = 0; at < after.length; ) {
    const from = before[at] ?? 0;
    const to = after[at] ?? 0;
    if (from === to) {
      at++;
      continue;
    }
    const begun = at;
    while (at < after.length && before[at] === from && after[at] === to) at++;
    runs.number(begun - end);
    runs.number(at - begun);
    runs.byte(from);
    runs.byte(to);
    end = at;
  }
};

/** Null where nothing was changed. */
export const encodeDifference = (changes: readonly SliceChange[]): Uint8Array<ArrayBuffer> | null => {
  const out = new Bytes();
  out.byte(FORM);
  for (const change of changes.toSorted((a, b) => a.k - b.k)) {
    if (change.before.length !== change.after.length) throw new RangeError('a slice has changed its size');
    const runs = new Bytes();
    runsOf(change, runs);
    if (runs.length === 0) continue;
    out.number(change.k);
    out.number(runs.length);
    out.all(runs.take());
  }
  return out.length > 1 ? out.take() : null;
};

class Reading {
  readonly #bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.at = at;
    this.end = end;
  }
  byte(): number {
    const value = this.at < this.end ? this.#bytes[this.at++] : undefined;
    if (value === undefined) throw new RangeError('a difference of labels is cut short');
    return value;
  }
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const part = this.byte();
      value += (part & 127) * factor;
      if (part < 128) return value;
      if (factor > 2 ** 28) throw new RangeError('a difference of labels holds an impossible number');
    }
  }
  within(length: number): Reading {
    const end = this.at + length;
    if (end > this.end) throw new RangeError('a difference of labels is cut short');
    const inner = new Reading(this.#bytes, this.at, end);
    this.at = end;
    return inner;
  }
}

const sections = function* (difference: Uint8Array): Generator<{ k: number; runs: Reading }> {
  const reading = new Reading(difference, 0, difference.length);
  if (reading.byte() !== FORM) throw new RangeError('a difference of labels of an unknown form');
  let last = -1;
  while (reading.at < reading.end) {
    const k = reading.number();
    if (k <= last) throw new RangeError('the slices of a difference of labels are out of order');
    last = k;
    yield { k, runs: reading.within(reading.number()) };
  }
};

const eachRun = (
  runs: Reading,
  size: number,
  use: (from: number, to: number, before: number, after: number) => void,
): void => {
  let at = 0;
  while (runs.at < runs.end) {
    const from = at + runs.number();
    const to = from + runs.number();
    if (to > size || to === from) throw new RangeError('a difference of labels leaves its slice');
    use(from, to, runs.byte(), runs.byte());
    at = to;
  }
};

/** The slices that are changed, lowest first. */
export const changedSlices = (difference: Uint8Array): number[] => [...sections(difference)].map(({ k }) => k);

/**
 * Throws RangeError where it is broken or leaves a grid of so many slices of so many voxels. Answers how many voxels it
 * changes, and which labels it brings.
 */
export const checkDifference = (
  difference: Uint8Array,
  size: number,
  slices: number,
): { voxels: number; brought: ReadonlySet<number> } => {
  let voxels = 0;
  const brought = new Set<number>();
  for (const { k, runs } of sections(difference)) {
    if (k >= slices) throw new RangeError('a difference of labels leaves its grid');
    eachRun(runs, size, (from, to, before, after) => {
      if (before === after) throw new RangeError('a difference of labels changes nothing');
      voxels += to - from;
      if (after !== 0) brought.add(after);
    });
  }
  return { voxels, brought };
};

/**
 * Does the edit, or takes it back, in place. sliceAt answers the labels of a slice, or null for one that is of no
 * concern. Answers how many voxels did not hold the label that the edit found there: none, unless something was lost.
 */
export const applyDifference = (
  difference: Uint8Array,
  direction: 'forward' | 'backward',
  sliceAt: (k: number) => Uint8Array | null,
): number => {
  let strange = 0;
  for (const { k, runs } of sections(difference)) {
    const slice = sliceAt(k);
    if (slice === null) continue;
    eachRun(runs, slice.length, (from, to, before, after) => {
      const [is, becomes] = direction === 'forward' ? [before, after] : [after, before];
      for (let at = from; at < to; at++) if (slice[at] !== is) strange++;
      slice.fill(becomes, from, to);
    });
  }
  return strange;
};
