import { beginAct } from './acts.ts';
import { cutOut } from './cut-out.ts';
import type { SegmentEditor } from './editor.svelte.ts';
import { SEGMENT_TOOLS } from './tools.ts';

/** What the editor of labels does at keys, while it is open; answers how to unbind. */
export const bindSegmentCommands = (editor: SegmentEditor): (() => void) => {
  const step = (dx: number, dy: number) => (): void => {
    const view = editor.viewer.active;
    const { image } = view;
    if (image === null || !editor.drawsOn(view.viewer)) return;
    const here = editor.cursor?.id === view.id ? editor.cursor : { x: image.columns / 2, y: image.rows / 2 };
    const within = (value: number, size: number): number => Math.min(size - 0.5, Math.max(0.5, value));
    editor.cursor = { id: view.id, x: within(here.x + dx, image.columns), y: within(here.y + dy, image.rows) };
  };
  /** A dab where the keys have moved the brush. */
  const dab = (): void => {
    const { cursor, tool } = editor;
    const view = editor.viewer.active;
    if (cursor === null || cursor.id !== view.id || tool === null || !editor.drawsOn(view.viewer)) return;
    if (tool !== 'scissors') return beginAct(editor, view, cursor.x, cursor.y)?.finish();
    const points = editor.outline?.id === view.id ? editor.outline.points : [];
    editor.outline = { id: view.id, points: [...points, [cursor.x, cursor.y]] };
  };
  /** Closes the outline whose corners the keys have set. */
  const cut = (): void => {
    const view = editor.viewer.active;
    const outline = editor.outline;
    editor.outline = null;
    if (outline?.id === view.id && editor.drawsOn(view.viewer)) cutOut(editor, view, outline.points);
  };
  return editor.session.commands.bind({
    ...Object.fromEntries(SEGMENT_TOOLS.map(({ id, command }) => [command, () => (editor.tool = id)])),
    'segment.larger': () => editor.resize(1),
    'segment.smaller': () => editor.resize(-1),
    'segment.undo': () => editor.undo(),
    'segment.redo': () => editor.redo(),
    'segment.next': () => editor.chooseSegment(1),
    'segment.previous': () => editor.chooseSegment(-1),
    'segment.new': () => editor.addSegment(),
    'segment.left': step(-1, 0),
    'segment.right': step(1, 0),
    'segment.up': step(0, -1),
    'segment.down': step(0, 1),
    'segment.far-left': step(-10, 0),
    'segment.far-right': step(10, 0),
    'segment.far-up': step(0, -10),
    'segment.far-down': step(0, 10),
    'segment.dab': dab,
    'segment.cut': cut,
    'segment.operations': () => (editor.operations = !editor.operations),
    'segment.cancel': () => {
      if (!editor.cancel()) editor.session.commands.run('viewer.cancel');
    },
    'segment.close': () => editor.close(),
  });
};
