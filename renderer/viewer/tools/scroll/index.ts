import type { Tool } from '../index.ts';

/** The whole stack over the height of the view, but never finer than four pixels an image. */
export const scroll: Tool = {
  id: 'scroll',
  title: 'Scroll',
  icon: 'scroll',
  command: 'viewer.tool-scroll',
  cursor: 'row-resize',
  begin: (view) => {
    const start = view.imageNumber;
    const pixelsPerImage = Math.max(4, view.height / Math.max(1, view.count));
    return ({ startY, y }) => view.goToImage(start + (y - startY) / pixelsPerImage);
  },
};
