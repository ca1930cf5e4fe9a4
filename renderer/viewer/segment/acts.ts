import type { SliceView } from '../view/slice-view.svelte.ts';
import { cutOut } from './cut-out.ts';
import type { SegmentEditor } from './editor.svelte.ts';
import { fillFrom } from './fill.ts';
import { BrushStroke } from './paint.ts';
import { segmentToolOf } from './tools.ts';
import { saidWhyNot } from './where.ts';

/** What the pointer does from where it goes down to where it is let go. Image coordinates. */
export interface PointerAct {
  move(x: number, y: number): void;
  finish(): void;
  cancel(): void;
}

/** Points nearer than this add nothing to an outline; image pixels. */
const NEAR = 0.2;

const scissors = (editor: SegmentEditor, view: SliceView, x: number, y: number): PointerAct => {
  let points: readonly (readonly [number, number])[] = [[x, y]];
  const show = (): void => {
    editor.outline = { id: view.id, points };
  };
  show();
  return {
    move: (nextX, nextY) => {
      const last = points.at(-1);
      if (last !== undefined && Math.hypot(nextX - last[0], nextY - last[1]) < NEAR) return;
      points = [...points, [nextX, nextY]];
      show();
    },
    finish: () => {
      editor.outline = null;
      cutOut(editor, view, points);
    },
    cancel: () => {
      editor.outline = null;
    },
  };
};

/** Null where the tool has nothing to follow, or may not begin. */
export const beginAct = (editor: SegmentEditor, view: SliceView, x: number, y: number): PointerAct | null => {
  const { tool } = editor;
  if (tool === null || saidWhyNot(editor, view)) return null;
  if (tool === 'fill') {
    void fillFrom(editor, view, x, y);
    return null;
  }
  if (tool === 'scissors') {
    const refusal = editor.refusal();
    if (refusal === null) return scissors(editor, view, x, y);
    editor.session.notices.tell(refusal, 'warning');
    return null;
  }
  const stroke = BrushStroke.begin(editor, view, x, y);
  if (stroke === null) return null;
  editor.moved();
  return {
    move: (nextX, nextY) => {
      stroke.move(nextX, nextY);
      editor.moved();
    },
    finish: () => editor.finish(segmentToolOf(tool).title),
    cancel: () => editor.cancelStroke(),
  };
};
