import type { Vec3 } from '../../../models/kit/geometry.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';
import { type Box, sizeOf, voxelsOf } from './algorithms/box.ts';
import { flood } from './algorithms/flood.ts';
import { voxelUnder } from './cut-out.ts';
import type { SegmentEditor } from './editor.svelte.ts';
import { withinRange } from './paint.ts';
import { mayOver, Stroke } from './stroke.ts';

const MOST_VOXELS = 100e6;

/**
 * Fills from a voxel over its neighbours that hold the same label as it, and whose value lies in the range where that is
 * asked for: an outline is filled, a hole closed, an even region taken. In the plane at once, in all slices by a worker.
 */
export const fillFrom = async (editor: SegmentEditor, view: SliceView, x: number, y: number): Promise<void> => {
  const { open, locked, session, value } = editor;
  const seed = voxelUnder(view, x, y);
  if (open === null || seed === null) return;
  const refusal = editor.refusal();
  const say = (words: string): void => session.notices.tell(words, 'warning');
  if (refusal !== null) return say(refusal);
  const { dims, slices } = open.labels;
  const held = slices[seed[2]]?.[seed[1] * dims[0] + seed[0]] ?? 0;
  if (held === value) return say('This voxel is in the segment already.');
  if (locked.has(held) || (held !== 0 && editor.keepOthers)) return say('The segment here is locked or kept.');
  const { viewer, cut, index } = view;
  if (editor.fillAll && viewer.volume === null) return say(`No filling over slices: ${viewer.noPlanes ?? 'no volume'}`);
  const box: [number, number, number, number, number, number] = [0, 0, 0, ...dims];
  if (!editor.fillAll) {
    box[cut.normal] = index;
    box[cut.normal + 3] = index + 1;
  }
  if (voxelsOf(box) > MOST_VOXELS) return say('These are more voxels than can be filled at once.');
  const within = editor.fillByValue ? withinRange(viewer, editor.range) : null;
  const mask = openVoxels(editor, box, held, within);
  if (mask === null) return;
  const local = seed.map((at, axis) => at - (box[axis] ?? 0)) as unknown as Vec3;
  const paint = (found: Uint8Array): Stroke => {
    const stroke = new Stroke(open.labels, { value, may: mayOver({ locked, only: [held] }), within: null });
    stroke.mask(box, found);
    return stroke;
  };
  const size = sizeOf(box);
  if (!editor.fillAll) return editor.keep('Fill', paint(flood(size, mask, local)));
  await editor.work('Fill', { kind: 'flood', dims: size, open: mask, seed: local }, paint);
};

/** 1 where a voxel holds the label and lies in the range. */
const openVoxels = (
  editor: SegmentEditor,
  box: Box,
  held: number,
  within: ((k: number, at: number) => boolean) | null,
): Uint8Array<ArrayBuffer> | null => {
  const labels = editor.open?.labels;
  if (labels === undefined) return null;
  const mask = new Uint8Array(voxelsOf(box));
  const columns = labels.dims[0];
  let to = 0;
  for (let k = box[2]; k < box[5]; k++)
    for (let j = box[1]; j < box[4]; j++)
      for (let i = box[0]; i < box[3]; i++, to++) {
        const at = j * columns + i;
        if ((labels.slices[k]?.[at] ?? 0) === held && (within === null || within(k, at))) mask[to] = 1;
      }
  return mask;
};
