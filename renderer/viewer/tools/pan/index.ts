import { panned } from '../../view/camera.ts';
import type { Tool } from '../index.ts';

export const pan: Tool = {
  id: 'pan',
  title: 'Pan',
  icon: 'pan',
  command: 'viewer.tool-pan',
  cursor: 'grab',
  begin:
    (view) =>
    ({ dx, dy }) => {
      if (view.image !== null)
        view.presentation = panned(view.image, view.presentation, [view.width, view.height], dx, dy);
    },
};
