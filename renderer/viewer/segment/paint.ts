import type { Vec3 } from '../../../models/kit/geometry.ts';
import { toImage } from '../view/camera.ts';
import { imageToVoxel } from '../view/cut.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';
import { type BrushShape, sweep } from './brush.ts';
import type { SegmentEditor } from './editor.svelte.ts';
import type { Stroke } from './stroke.ts';
import { segmentToolOf } from './tools.ts';
import { tiltWords } from './where.ts';

/** Size of a voxel: millimetres, or 1 where they are not known. */
export const spacingOf = (view: SliceView): Vec3 => {
  if (view.viewer.volume !== null) return view.viewer.spacingMm;
  const pixel = view.pixelSizeMm;
  return pixel === null ? [1, 1, 1] : [pixel[0], pixel[1], 1];
};

/** 'mm' or 'px': what the radius of a brush means here. */
export const radiusUnit = (view: SliceView): 'mm' | 'px' => (view.pixelSizeMm === null ? 'px' : 'mm');

/** Voxels whose modality value lies in the range; those whose pixels have not come are in none. */
export const withinRange = (
  viewer: ViewerState,
  range: readonly [number, number],
): ((k: number, at: number) => boolean) => {
  const pixels = viewer.pixels;
  let last = -1;
  let values: ArrayLike<number> | null = null;
  let slope = 1;
  let intercept = 0;
  return (k, at) => {
    if (k !== last) {
      const frame = pixels?.images.frames[k];
      values = frame === undefined || frame.format === 'rgb8' ? null : (pixels?.frames[k] ?? null);
      slope = frame?.slope ?? 1;
      intercept = frame?.intercept ?? 0;
      last = k;
    }
    const stored = values?.[at];
    if (stored === undefined) return false;
    const value = stored * slope + intercept;
    return value >= range[0] && value <= range[1];
  };
};

/** A stroke of one of the brushes, from where it begins to where it is let go. */
export class BrushStroke {
  readonly #view: SliceView;
  readonly #stroke: Stroke;
  readonly #shape: BrushShape;
  #at: Vec3;

  private constructor(view: SliceView, stroke: Stroke, shape: BrushShape, at: Vec3) {
    this.#view = view;
    this.#stroke = stroke;
    this.#shape = shape;
    this.#at = at;
    this.#paint(at);
  }

  /** At an image point. Null, and said, where nothing can be drawn. */
  static begin(editor: SegmentEditor, view: SliceView, x: number, y: number): BrushStroke | null {
    const { tool, session } = editor;
    const { viewer } = view;
    if (tool === null) return null;
    const ball = tool === 'ball';
    if (ball && viewer.volume === null) {
      session.notices.tell(`No sphere brush: ${viewer.noPlanes ?? 'this series is no volume'}`, 'warning');
      return null;
    }
    if (ball && viewer.reformat.tiltDegrees > 0) {
      session.notices.tell(`No sphere brush: ${tiltWords(viewer)}`, 'warning');
      return null;
    }
    const ranged = segmentToolOf(tool).ranged;
    if (ranged && view.frame?.format === 'rgb8') {
      session.notices.tell('No threshold brush: colour images have no single value.', 'warning');
      return null;
    }
    const stroke = editor.begin(tool === 'eraser', ranged ? withinRange(viewer, editor.range) : null);
    if (stroke === null) return null;
    const shape = { radius: editor.radius, spacing: spacingOf(view), normal: ball ? null : view.cut.normal };
    return new BrushStroke(view, stroke, shape, voxelOf(view, x, y));
  }

  move(x: number, y: number): void {
    this.#paint(voxelOf(this.#view, x, y));
  }

  #paint(to: Vec3): void {
    const { dims } = this.#stroke.labels;
    sweep(dims, this.#shape, this.#at, to, (k, row, x0, x1) => this.#stroke.span(k, row, x0, x1));
    this.#at = to;
  }
}

const voxelOf = (view: SliceView, x: number, y: number): Vec3 =>
  imageToVoxel(view.cut, view.viewer.dims, x, y, view.index + 0.5);

/** Image point under a point of the canvas. */
export const imagePoint = (view: SliceView, x: number, y: number): readonly [number, number] | null =>
  view.placement === null ? null : toImage(view.placement, x, y);
