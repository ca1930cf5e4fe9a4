/** A slice of labels as fill and outline, exact to the voxel whatever the zoom, the same in stack and planes. */

export interface LabelStyle {
  /** 0 to 255. */
  readonly color: readonly [number, number, number];
  /** 0 to 1, over that of all; 1 where it is not given. */
  readonly opacity?: number;
}

/** RGBA words, rows * columns: the colour of shown labels at the opacity, nothing elsewhere. styles by label value. */
export const fillWords = (
  labels: Uint8Array,
  styles: ReadonlyMap<number, LabelStyle>,
  opacity: number,
  out: Uint32Array,
): void => {
  const words = new Uint32Array(256);
  for (const [value, { color, opacity: own = 1 }] of styles) {
    const alpha = Math.round(opacity * own * 255);
    words[value] = ((alpha << 24) | (color[2] << 16) | (color[1] << 8) | color[0]) >>> 0;
  }
  for (let index = 0; index < out.length; index++) out[index] = words[labels[index] as number] as number;
};

/** Segments of one label as they are found; its room is kept for the next slice. */
class Found {
  #values = new Int32Array(256);
  #count = 0;

  add(x0: number, y0: number, x1: number, y1: number): void {
    if (this.#count + 4 > this.#values.length) {
      const longer = new Int32Array(2 * this.#values.length);
      longer.set(this.#values);
      this.#values = longer;
    }
    this.#values[this.#count++] = x0;
    this.#values[this.#count++] = y0;
    this.#values[this.#count++] = x1;
    this.#values[this.#count++] = y1;
  }

  /** What was found, and nothing from here on. */
  taken(): Int32Array {
    const found = this.#values.slice(0, this.#count);
    this.#count = 0;
    return found;
  }
}
const found = new Map<number, Found>();

/**
 * Edges between a label and what is not it, as segments [x0, y0, x1, y1, ...] in image coordinates, by label value. Runs
 * along a line are joined: a rectangle has four segments. Each side of an edge is drawn for its own label.
 */
export const outlineOf = (
  labels: Uint8Array,
  columns: number,
  rows: number,
  shown: ReadonlySet<number>,
): Map<number, Int32Array> => {
  const segments = new Map<number, Found>();
  const isShown = new Uint8Array(256);
  for (const value of shown) isShown[value] = 1;
  const add = (value: number, x0: number, y0: number, x1: number, y1: number): void => {
    let own = segments.get(value);
    if (own === undefined) {
      own = found.get(value) ?? new Found();
      found.set(value, own);
      segments.set(value, own);
    }
    own.add(x0, y0, x1, y1);
  };
  // What lies beyond the image is no label; where nothing changes, which is nearly everywhere, nothing is looked at twice.
  const beyond = new Uint8Array(columns);
  const rowOf = (y: number): Uint8Array =>
    y < 0 || y >= rows ? beyond : labels.subarray(y * columns, (y + 1) * columns);
  // The line above row y: what lies over it and what lies under it each have their runs.
  for (let y = 0; y <= rows; y++) {
    const over = rowOf(y - 1);
    const under = rowOf(y);
    let [overRun, overBegun, underRun, underBegun] = [0, 0, 0, 0];
    for (let x = 0; x < columns; x++) {
      const p = over[x] as number;
      const q = under[x] as number;
      if (p === q && overRun === 0 && underRun === 0) continue;
      const a = p !== q && isShown[p] === 1 ? p : 0;
      const b = p !== q && isShown[q] === 1 ? q : 0;
      if (a !== overRun) {
        if (overRun !== 0) add(overRun, overBegun, y, x, y);
        overRun = a;
        overBegun = x;
      }
      if (b !== underRun) {
        if (underRun !== 0) add(underRun, underBegun, y, x, y);
        underRun = b;
        underBegun = x;
      }
    }
    if (overRun !== 0) add(overRun, overBegun, y, columns, y);
    if (underRun !== 0) add(underRun, underBegun, y, columns, y);
  }
  // The lines between columns, all of them at once: row after row, as the labels lie in memory. Runs: left, right.
  const runs = new Uint16Array(columns + 1);
  const leftBegun = new Uint32Array(columns + 1);
  const rightBegun = new Uint32Array(columns + 1);
  for (let y = 0; y <= rows; y++) {
    const row = rowOf(y);
    let p = 0;
    for (let x = 0; x <= columns; x++) {
      const q = x === columns ? 0 : (row[x] as number);
      const run = runs[x] as number;
      if (p === q && run === 0) continue;
      const a = p !== q && isShown[p] === 1 ? p : 0;
      const b = p !== q && isShown[q] === 1 ? q : 0;
      p = q;
      const left = run >> 8;
      const right = run & 255;
      if (a !== left) {
        if (left !== 0) add(left, x, leftBegun[x] as number, x, y);
        leftBegun[x] = y;
      }
      if (b !== right) {
        if (right !== 0) add(right, x, rightBegun[x] as number, x, y);
        rightBegun[x] = y;
      }
      runs[x] = (a << 8) | b;
    }
  }
  return new Map(Array.from(segments, ([value, own]) => [value, own.taken()]));
};
