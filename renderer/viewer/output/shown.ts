/** Where views stand on the screen, for those who make a picture of one: filled by the views themselves. */
import type { SliceView } from '../view/slice-view.svelte.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';

const elements = new WeakMap<SliceView | ViewerState, HTMLElement>();

/** An action: this element shows the view (of a cell: its 3D view). */
export const shows = (
  element: HTMLElement,
  what: SliceView | ViewerState,
): { update: (next: typeof what) => void; destroy: () => void } => {
  let present = what;
  elements.set(present, element);
  const leave = (): void => {
    if (elements.get(present) === element) elements.delete(present);
  };
  return {
    update: (next) => {
      leave();
      present = next;
      elements.set(next, element);
    },
    destroy: leave,
  };
};

export const elementOf = (what: SliceView | ViewerState): HTMLElement | null => elements.get(what) ?? null;
