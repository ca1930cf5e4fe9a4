import type { Tool } from '../index.ts';

/** Right: wider. Down: brighter (a lower centre). A full width of the view is about twice the window. */
export const windowLevel: Tool = {
  id: 'window',
  title: 'Window and level',
  icon: 'window',
  command: 'viewer.tool-window',
  cursor: 'default',
  begin: (view) => {
    const start = view.viewer.shownWindow;
    // A photograph has no window of its own to speak of, but can be brightened.
    const step = Math.max(start?.width ?? 256, 1e-6) / 256;
    return ({ startX, startY, x, y }) => {
      if (start === null) return;
      const width = Math.max(step / 8, start.width + (x - startX) * step);
      const center = start.center + (y - startY) * step;
      view.viewer.setWindow({ ...start, name: '', center, width });
    };
  },
};
