/** A box drawn by keys: arrows move it, with Ctrl its far corner; Shift by ten. */
export interface Corners {
  readonly from: readonly [number, number];
  readonly to: readonly [number, number];
}

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
/** Fewer pixels each way are no box. */
const LEAST = 2;

/** One where there was none: a sixth of the smaller side, about this pixel. */
export const boxAbout = (at: readonly [number, number], columns: number, rows: number): Corners => {
  const half = Math.max(LEAST, Math.round(Math.min(columns, rows) / 12));
  const from = (middle: number, size: number): number =>
    Math.max(0, Math.min(size - 2 * half, Math.round(middle) - half));
  const [x, y] = [from(at[0], columns), from(at[1], rows)];
  return { from: [x, y], to: [Math.min(columns, x + 2 * half), Math.min(rows, y + 2 * half)] };
};

/**
 * What an arrow makes of it; null where the key is no arrow. `toStored` takes a direction on the screen to stored pixels.
 */
export const boxAfter = (
  corners: Corners,
  key: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey'>,
  columns: number,
  rows: number,
  toStored: (direction: readonly [number, number]) => readonly [number, number],
): Corners | null => {
  const arrow = ARROWS[key.key];
  if (arrow === undefined) return null;
  const by = key.shiftKey ? 10 : 1;
  const [dx, dy] = toStored(arrow);
  const { from, to } = corners;
  const size = [columns, rows] as const;
  const axes = [0, 1] as const;
  const step = [dx * by, dy * by] as const;
  if (key.ctrlKey || key.metaKey) {
    // The far corner stays beyond the near one.
    const [x = 0, y = 0] = axes.map((n) => Math.min(size[n], Math.max(from[n] + LEAST, to[n] + step[n])));
    return { from, to: [x, y] };
  }
  const [mx = 0, my = 0] = axes.map((n) => Math.min(size[n] - to[n], Math.max(-from[n], step[n])));
  return { from: [from[0] + mx, from[1] + my], to: [to[0] + mx, to[1] + my] };
};
