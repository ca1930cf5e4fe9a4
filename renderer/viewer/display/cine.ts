import { untrack } from 'svelte';
import type { ViewerState } from '../view/viewer-state.svelte.ts';

/** Images a second that can be chosen by the menu and by the keys. */
export const SPEEDS: readonly number[] = [1, 2, 5, 8, 10, 12, 15, 20, 24, 30, 45, 60];

/** The next of them above or below. */
export const otherSpeed = (now: number, by: 1 | -1): number =>
  (by > 0 ? SPEEDS.find((speed) => speed > now) : SPEEDS.findLast((speed) => speed < now)) ?? now;

/** The number after `at` of so many, and which way it goes on from there. */
export const nextImage = (
  at: number,
  count: number,
  direction: 1 | -1,
  sweep: boolean,
): { readonly at: number; readonly direction: 1 | -1 } => {
  const next = at + direction;
  if (!sweep) return { at: (next + count) % count, direction };
  if (next >= 0 && next < count) return { at: next, direction };
  return { at: Math.min(count - 1, Math.max(0, at - direction)), direction: direction === 1 ? -1 : 1 };
};

/** Plays while the cell wants it. Call in an effect; answers how to stop. */
export const playCine = (viewer: ViewerState): (() => void) | undefined => {
  if (!viewer.cine) return undefined;
  const view = viewer.active;
  const { sweep, framesPerSecond } = viewer;
  let direction: 1 | -1 = untrack(() => view.order);
  const timer = setInterval(() => {
    const next = nextImage(
      untrack(() => view.index),
      view.count,
      direction,
      sweep,
    );
    // A frame that has not come is waited for: cine never shows a gap.
    if (!view.isImage || viewer.pixels?.frames[next.at]) {
      direction = next.direction;
      view.goToIndex(next.at);
    } else viewer.pixels?.want(next.at);
  }, 1000 / framesPerSecond);
  return () => clearInterval(timer);
};
