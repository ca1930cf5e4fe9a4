/** What lies where along the images of a view: for the bar beside them. */
import type { Overlay } from '../../../preload/contract/index.ts';
import type { Labels } from '../data/labels.ts';

export interface Run {
  readonly from: number;
  readonly to: number;
}

/** Neighbours joined: [from, to). */
export const runsOf = (present: ArrayLike<number | boolean>): Run[] => {
  const runs: { from: number; to: number }[] = [];
  for (let n = 0; n < present.length; n++) {
    if (!present[n]) continue;
    const last = runs.at(-1);
    if (last?.to === n) last.to = n + 1;
    else runs.push({ from: n, to: n + 1 });
  }
  return runs;
};

/** Slices looked at in one go: what follows waits until the window has been drawn. */
const AT_ONCE = 24;

/** Marks the slices that hold one of these labels, a few at a time. */
export const findLabels = function* (
  labels: Labels,
  wanted: ReadonlySet<number>,
  present: Uint8Array,
): Generator<void, void> {
  const isWanted = Uint8Array.from({ length: 256 }, (_, value) => (wanted.has(value) ? 1 : 0));
  for (let k = 0; k < present.length; k++) {
    if (k % AT_ONCE === AT_ONCE - 1) yield;
    if (present[k] === 0 && labels.holds(k, isWanted)) present[k] = 1;
  }
};

/** From the first to the last slice of each label along an axis of the grid: across the images nothing finer is asked. */
export const boundsAlong = (
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  wanted: ReadonlySet<number>,
  axis: 0 | 1 | 2,
  present: Uint8Array,
): void => {
  for (const { value, bounds } of overlay.labels) {
    if (bounds === null || !wanted.has(value)) continue;
    present.fill(1, Math.max(0, bounds[axis]), Math.max(0, bounds[axis + 3] ?? 0));
  }
};
