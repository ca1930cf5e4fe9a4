import { zoomed } from '../../view/camera.ts';
import type { Tool } from '../index.ts';

/** Up: nearer, about the point where the drag began. */
export const zoom: Tool = {
  id: 'zoom',
  title: 'Zoom',
  icon: 'zoom',
  command: 'viewer.tool-zoom',
  cursor: 'zoom-in',
  begin:
    (view, at) =>
    ({ dy }) => {
      if (view.image !== null)
        view.presentation = zoomed(view.image, view.presentation, [view.width, view.height], 1.008 ** -dy, [
          at.startX,
          at.startY,
        ]);
    },
};
