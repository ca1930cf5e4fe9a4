import { LENS_POWERS } from '../../display/lens.ts';
import type { Tool } from '../index.ts';

/** The lens follows the pointer (Lens.svelte); the wheel makes it stronger, a drag turns nothing. */
export const lens: Tool = {
  id: 'lens',
  title: 'Magnifier',
  icon: 'lens',
  command: 'viewer.tool-lens',
  cursor: 'crosshair',
  begin: () => () => {},
  wheel: (view, steps) => {
    const { board } = view.viewer;
    const at = LENS_POWERS.indexOf(board.lensPower);
    board.lensPower = LENS_POWERS[Math.min(LENS_POWERS.length - 1, Math.max(0, at - Math.sign(steps)))] ?? 2;
  },
};
