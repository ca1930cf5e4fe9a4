import { applyRegion } from '../../display/apply-region.ts';
import type { Tool } from '../index.ts';

/** A rectangle whose values fill the window; the hand is back at window and level then. */
export const region: Tool = {
  id: 'region',
  title: 'Window from a region',
  icon: 'region',
  command: 'viewer.tool-region',
  cursor: 'crosshair',
  begin: (view) => (move) => {
    view.rectangle = [move.startX, move.startY, move.x, move.y];
  },
  end: (view) => {
    const { rectangle } = view;
    view.rectangle = null;
    if (rectangle !== null && applyRegion(view, rectangle)) view.viewer.tool = 'window';
  },
};
