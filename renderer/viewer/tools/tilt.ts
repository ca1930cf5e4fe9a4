import type { SliceView } from '../view/slice-view.svelte.ts';
import type { Drag } from './index.ts';

const DEGREES_A_PIXEL = 0.25;

/** The plane under the hand leans with it, as a sheet held at the point looked at: to the right, and down. */
export const tilt =
  (view: SliceView) =>
  ({ dx, dy }: Drag): void => {
    const { reformat } = view.viewer;
    // On a mirrored or turned image the hand's way across it is another.
    const { a = 1, b = 0, c = 0, d = 1, scale = 1 } = view.placement ?? {};
    const size = view.pixelSizeMm ?? [1, 1];
    const across = (a * dx + b * dy) / (scale * size[0]);
    const down = (c * dx + d * dy) / (scale * size[1]);
    reformat.rotateWithin(view, 'down', across * DEGREES_A_PIXEL);
    reformat.rotateWithin(view, 'right', -down * DEGREES_A_PIXEL);
  };
