import type { SliceView } from '../view/slice-view.svelte.ts';
import { isDrawn, type Rectangle, valuesIn, windowOfValues } from './region-window.ts';

/** Sets the window from what the rectangle holds; says why where it cannot. True where it was set. */
export const applyRegion = (view: SliceView, rectangle: Rectangle): boolean => {
  const { viewer, frame, placement, pixels } = view;
  // A coarse picture of a plane under way has fewer pixels than the plane.
  const image = view.picture?.image ?? null;
  if (!isDrawn(rectangle) || frame === null || image === null || placement === null || pixels === null) return false;
  const { notices } = viewer.session;
  if (frame.format === 'rgb8') {
    notices.tell('A colour image has no values to make a window of.');
    return false;
  }
  const [sx, sy] = [(view.image?.columns ?? 1) / image.columns, (view.image?.rows ?? 1) / image.rows];
  const { a, b, c, d } = placement;
  const placed = { ...placement, a: a * sx, b: b * sx, c: c * sy, d: d * sy };
  const values = valuesIn(pixels, image, placed, rectangle, frame.padding);
  const window = windowOfValues(values, frame, viewer.shownWindow);
  if (window === null) {
    notices.tell('There is no image in this region.');
    return false;
  }
  viewer.setWindow(window);
  return true;
};

/** By keys: from all that is seen of the image. */
export const windowOfSeen = (view: SliceView): void => {
  applyRegion(view, [0, 0, view.width, view.height]);
};
