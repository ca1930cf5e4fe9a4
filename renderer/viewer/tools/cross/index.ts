import { toImage } from '../../view/camera.ts';
import type { Tool } from '../index.ts';

/** The other planes follow the pointer. */
export const cross: Tool = {
  id: 'cross',
  title: 'Crosshair',
  icon: 'cross',
  command: 'viewer.tool-cross',
  cursor: 'crosshair',
  begin:
    (view) =>
    ({ x, y }) => {
      if (view.placement === null || view.viewer.volume === null) return;
      view.lookAt(...toImage(view.placement, x, y));
    },
};
