import { toImage } from '../../view/camera.ts';
import type { Tool } from '../index.ts';

/** The same place of the patient in every cell. */
export const point: Tool = {
  id: 'point',
  title: '3D cursor',
  icon: 'target',
  command: 'viewer.tool-point',
  cursor: 'crosshair',
  begin: (view, at) => {
    const show = ({ x, y }: { readonly x: number; readonly y: number }): void => {
      if (view.placement !== null) view.viewer.board.point(view, ...toImage(view.placement, x, y));
    };
    show(at);
    // Where there is no place, it was said once.
    return (move) => {
      if (view.viewer.board.pointed !== null) show(move);
    };
  },
};
