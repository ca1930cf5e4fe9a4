/** A slice of labels as fill and outline, exact to the voxel whatever the zoom, the same in stack and planes. */

export interface LabelStyle {
  /** 0 to 255. */
  readonly color: readonly [number, number, number];
}

/** RGBA words, rows * columns: the colour of shown labels at the opacity, nothing elsewhere. styles by label value. */
export const fillWords = (
  labels: Uint8Array,
  styles: ReadonlyMap<number, LabelStyle>,
  opacity: number,
  out: Uint32Array,
): void => {
  const words = new Uint32Array(256);
  const alpha = Math.round(opacity * 255);
  for (const [value, { color }] of styles)
    words[value] = ((alpha << 24) | (color[2] << 16) | (color[1] << 8) | color[0]) >>> 0;
  for (let index = 0; index < out.length; index++) out[index] = words[labels[index] ?? 0] ?? 0;
};

/**
 * Edges between a label and what is not it, as segments [x0, y0, x1, y1, ...] in image coordinates, by label value. Runs
 * along a line are joined: a rectangle has four segments.
 */
export const outlineOf = (
  labels: Uint8Array,
  columns: number,
  rows: number,
  shown: ReadonlySet<number>,
): Map<number, number[]> => {
  const segments = new Map<number, number[]>();
  const at = (column: number, row: number): number =>
    column < 0 || row < 0 || column >= columns || row >= rows ? 0 : (labels[row * columns + column] ?? 0);
  const add = (value: number, x0: number, y0: number, x1: number, y1: number): void => {
    let list = segments.get(value);
    if (list === undefined) {
      list = [];
      segments.set(value, list);
    }
    list.push(x0, y0, x1, y1);
  };
  // The lines between rows, then those between columns; each side of an edge is drawn for its own label.
  for (const across of [true, false]) {
    const lines = across ? rows : columns;
    const length = across ? columns : rows;
    for (let line = 0; line <= lines; line++) {
      for (const side of [-1, 0]) {
        let run = 0;
        let begun = 0;
        for (let step = 0; step <= length; step++) {
          let value = 0;
          if (step < length) {
            const mine = across ? at(step, line + side) : at(line + side, step);
            const other = across ? at(step, line - 1 - side) : at(line - 1 - side, step);
            value = mine !== other && shown.has(mine) ? mine : 0;
          }
          if (value === run) continue;
          if (run !== 0) across ? add(run, begun, line, step, line) : add(run, line, begun, line, step);
          run = value;
          begun = step;
        }
      }
    }
  }
  return segments;
};
