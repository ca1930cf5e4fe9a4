import type { CommandId } from '../session/index.ts';
import type { Board } from './view/board.svelte.ts';
import type { SliceView } from './view/slice-view.svelte.ts';

/** What keys do to how planes lie and how thick they are. */
export const reformatCommands = (board: Board): Partial<Record<CommandId, () => void>> => {
  const { notices } = board.session;
  const withSlab = (act: (view: SliceView) => void) => (): void => {
    const view = board.active.active;
    const refusal = view.viewer.reformat.noSlab(view.id);
    if (refusal === null) act(view);
    else notices.tell(`No slab: ${refusal}`);
  };
  const lean = (about: 'right' | 'down' | 'normal', degrees: number) => (): void => {
    const view = board.active.active;
    if (view.id !== 'stack') return view.viewer.reformat.rotateWithin(view, about, degrees);
    const { noPlanes } = view.viewer;
    notices.tell(
      noPlanes === null
        ? 'The stack shows the images as they are: the three planes can be turned.'
        : `No planes: ${noPlanes}`,
    );
  };
  return {
    'viewer.slab': withSlab((view) => view.viewer.reformat.nextKind(view)),
    'viewer.slab-thicker': withSlab((view) => view.viewer.reformat.thicker(view, 1)),
    'viewer.slab-thinner': withSlab((view) => view.viewer.reformat.thicker(view, -1)),
    'viewer.plane-straighten': () => board.active.reformat.straighten(),
    'viewer.plane-up': lean('right', 1),
    'viewer.plane-down': lean('right', -1),
    'viewer.plane-left': lean('down', -1),
    'viewer.plane-right': lean('down', 1),
    'viewer.plane-turn': lean('normal', 1),
    'viewer.plane-turn-back': lean('normal', -1),
    'viewer.plane-far-up': lean('right', 5),
    'viewer.plane-far-down': lean('right', -5),
    'viewer.plane-far-left': lean('down', -5),
    'viewer.plane-far-right': lean('down', 5),
    'viewer.plane-far-turn': lean('normal', 5),
    'viewer.plane-far-turn-back': lean('normal', -5),
  };
};
