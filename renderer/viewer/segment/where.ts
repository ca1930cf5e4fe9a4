/** Where labels can be edited: on single planes of voxels. */
import type { SliceView } from '../view/slice-view.svelte.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';
import type { SegmentEditor } from './editor.svelte.ts';

export const tiltWords = (viewer: ViewerState): string =>
  `the gantry was tilted by ${viewer.reformat.tiltDegrees.toFixed(1)}°, so its voxels are not upright boxes.`;

/** True, and said, where a view shows no single plane of voxels. */
export const saidWhyNot = (editor: SegmentEditor, view: SliceView): boolean => {
  const { free, slab } = view;
  if (free === null && slab === null) return false;
  const { notices, commands } = editor.session;
  const turned = view.id !== 'stack' && view.viewer.reformat.turns[view.id] !== undefined;
  const words =
    free === null
      ? 'Labels are edited plane by plane: take the slab off this view first.'
      : turned
        ? `Labels are edited on planes of voxels: straighten this one first (${commands.keyFor('viewer.plane-straighten')}).`
        : 'Labels of a tilted series are edited on its own images, in the stack.';
  notices.tell(words, 'warning');
  return true;
};
