import type { Vec3 } from '../../../models/kit/geometry.ts';
import { encodeDifference, type SliceChange } from '../../../models/kit/labels/difference.ts';

/** The labels that are edited, one array a slice, changed in place. */
export interface LiveLabels {
  readonly dims: Vec3;
  readonly slices: readonly Uint8Array[];
}

/** What an edit puts, and where it may. */
export interface Target {
  /** The label put; 0 takes labels away. */
  readonly value: number;
  /** By label: 1 where a voxel that holds it may be changed. */
  readonly may: Uint8Array;
  /** Only voxels of these modality values; null: all. */
  readonly within: ((k: number, at: number) => boolean) | null;
}

/** Labels that an edit may change: all but the locked ones; for an eraser only its own. */
export const mayOver = (options: {
  readonly locked: ReadonlySet<number>;
  readonly only?: readonly number[] | undefined;
}): Uint8Array => {
  const may = new Uint8Array(256).fill(options.only === undefined ? 1 : 0);
  for (const value of options.only ?? []) may[value] = 1;
  for (const value of options.locked) may[value] = 0;
  return may;
};

/** One edit in the making: what the slices held before is kept, so that it can be taken back or told as a difference. */
export class Stroke {
  readonly labels: LiveLabels;
  readonly target: Target;
  readonly #before = new Map<number, Uint8Array>();
  /** Voxels changed so far. */
  changed = 0;

  constructor(labels: LiveLabels, target: Target) {
    this.labels = labels;
    this.target = target;
  }

  get touched(): readonly number[] {
    return [...this.#before.keys()];
  }

  /** Columns [x0, x1) of a row. */
  span(k: number, y: number, x0: number, x1: number): void {
    const slice = this.labels.slices[k];
    const [columns, rows] = this.labels.dims;
    if (slice === undefined || y < 0 || y >= rows) return;
    const { value, may, within } = this.target;
    const end = y * columns + Math.min(columns, x1);
    for (let at = y * columns + Math.max(0, x0); at < end; at++) {
      const held = slice[at] ?? 0;
      if (held === value || may[held] === 0) continue;
      if (within !== null && !within(k, at)) continue;
      if (!this.#before.has(k)) this.#before.set(k, slice.slice());
      slice[at] = value;
      this.changed++;
    }
  }

  /** Puts what it may of a box of labels: 1 in the mask where the label is wanted. */
  mask(bounds: readonly number[], mask: Uint8Array): void {
    const [i0 = 0, j0 = 0, k0 = 0, i1 = 0, j1 = 0, k1 = 0] = bounds;
    let from = 0;
    for (let k = k0; k < k1; k++)
      for (let j = j0; j < j1; j++, from += i1 - i0)
        for (let i = i0; i < i1; i++) {
          if (mask[from + i - i0] === 0) continue;
          const run = i;
          while (i + 1 < i1 && mask[from + i + 1 - i0] !== 0) i++;
          this.span(k, j, run, i + 1);
        }
  }

  /** A label for each voxel of a box, 0 for none of them; the target's own is not used. */
  assign(bounds: readonly number[], values: Uint8Array): void {
    const [i0 = 0, j0 = 0, k0 = 0, i1 = 0, j1 = 0, k1 = 0] = bounds;
    const columns = this.labels.dims[0];
    const { may } = this.target;
    let from = 0;
    for (let k = k0; k < k1; k++) {
      const slice = this.labels.slices[k];
      if (slice === undefined) continue;
      for (let j = j0; j < j1; j++)
        for (let i = i0; i < i1; i++, from++) {
          const value = values[from] ?? 0;
          const at = j * columns + i;
          const held = slice[at] ?? 0;
          if (value === 0 || value === held || may[held] === 0) continue;
          if (!this.#before.has(k)) this.#before.set(k, slice.slice());
          slice[at] = value;
          this.changed++;
        }
    }
  }

  changes(): SliceChange[] {
    return [...this.#before].map(([k, before]) => ({ k, before, after: this.labels.slices[k] ?? before }));
  }

  /** What it did; null where it did nothing. */
  difference(): Uint8Array<ArrayBuffer> | null {
    return encodeDifference(this.changes());
  }

  /** As if it had not been. */
  cancel(): void {
    for (const [k, before] of this.#before) this.labels.slices[k]?.set(before);
    this.#before.clear();
  }
}
