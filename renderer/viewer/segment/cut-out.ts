import type { Vec3 } from '../../../models/kit/geometry.ts';
import { fillPolygons } from '../../../models/kit/labels/polygon.ts';
import { type Cut, imageToVoxel } from '../view/cut.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';
import type { Box } from './algorithms/box.ts';
import type { SegmentEditor } from './editor.svelte.ts';
import type { Stroke } from './stroke.ts';
import { saidWhyNot } from './where.ts';

export type CutMode = 'erase-inside' | 'erase-outside' | 'fill-inside';
export const CUT_MODES = {
  'erase-inside': 'Erase inside',
  'erase-outside': 'Erase outside',
  'fill-inside': 'Fill inside',
} as const satisfies Record<CutMode, string>;

/** Pixels of an image that lie within an outline drawn on it: 1 in the answer. */
export const withinOutline = (
  points: readonly (readonly [number, number])[],
  columns: number,
  rows: number,
): Uint8Array => {
  const mask = new Uint8Array(columns * rows);
  fillPolygons([points.flat()], columns, rows, (y, x0, x1) => mask.fill(1, y * columns + x0, y * columns + x1));
  return mask;
};

/** The stroke over a box of voxels, where the pixel of the plane that each lies under is wanted. */
export const throughPlane = (stroke: Stroke, cut: Cut, mask: Uint8Array, wanted: 0 | 1, box: Box): void => {
  const { dims } = stroke.labels;
  const [columns, rows] = [dims[cut.x.axis], dims[cut.y.axis]];
  const along = (use: Cut['x'], v: Vec3, size: number): number => (use.reversed ? size - 1 - v[use.axis] : v[use.axis]);
  for (let k = box[2]; k < box[5]; k++)
    for (let j = box[1]; j < box[4]; j++) {
      let run = -1;
      for (let i = box[0]; i <= box[3]; i++) {
        const v: Vec3 = [i, j, k];
        const is = i < box[3] && mask[along(cut.y, v, rows) * columns + along(cut.x, v, columns)] === wanted;
        if (is && run < 0) run = i;
        if (is || run < 0) continue;
        stroke.span(k, j, run, i);
        run = -1;
      }
    }
};

/** What an outline drawn on a view does to the active segment: in this slice, or in all along the view. */
export const cutOut = (
  editor: SegmentEditor,
  view: SliceView,
  points: readonly (readonly [number, number])[],
): void => {
  const { image, cut, index } = view;
  const { cutMode, cutAll, open } = editor;
  if (image === null || open === null || points.length < 3 || saidWhyNot(editor, view)) return;
  const { dims } = open.labels;
  const erase = cutMode !== 'fill-inside';
  const bounds = erase ? editor.boundsOf(editor.value) : ([0, 0, 0, ...dims] as const);
  if (bounds === null) return editor.session.notices.tell(`${editor.segment?.name ?? 'The segment'} is empty.`);
  const stroke = editor.begin(erase, null);
  if (stroke === null) return;
  const box: [number, number, number, number, number, number] = [...bounds];
  if (!cutAll) {
    box[cut.normal] = index;
    box[cut.normal + 3] = index + 1;
  }
  const mask = withinOutline(points, image.columns, image.rows);
  throughPlane(stroke, cut, mask, cutMode === 'erase-outside' ? 0 : 1, box);
  editor.finish(`Scissors: ${CUT_MODES[cutMode].toLowerCase()}`);
};

/** Voxel under an image point, in the grid; null beside the image. */
export const voxelUnder = (view: SliceView, x: number, y: number): Vec3 | null => {
  const { image, cut, index } = view;
  if (image === null || x < 0 || y < 0 || x >= image.columns || y >= image.rows) return null;
  const [i, j, k] = imageToVoxel(cut, view.viewer.dims, x, y, index + 0.5).map(Math.floor) as [number, number, number];
  return [i, j, k];
};
