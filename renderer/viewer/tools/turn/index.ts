import { turnedBy } from '../../view/camera.ts';
import type { Tool } from '../index.ts';

/** The image turns with the hand about the middle of the view. */
export const turn: Tool = {
  id: 'turn',
  title: 'Turn',
  icon: 'rotate',
  command: 'viewer.tool-turn',
  cursor: 'grab',
  begin: (view, at) => {
    const start = view.presentation.degrees ?? 0;
    const angle = (x: number, y: number): number => Math.atan2(y - view.height / 2, x - view.width / 2);
    const from = angle(at.startX, at.startY);
    return ({ x, y }) => {
      const degrees = ((angle(x, y) - from) * 180) / Math.PI;
      // By half degrees from how the image stood when the hand took it.
      view.presentation = turnedBy({ ...view.presentation, degrees: start }, Math.round(degrees * 2) / 2);
    };
  },
};
