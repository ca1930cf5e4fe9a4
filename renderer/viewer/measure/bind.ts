import type { Board } from '../view/board.svelte.ts';
import { isMeasurementKind, MEASURES } from './kinds.ts';
import { measuresOf } from './measures.svelte.ts';

const takesText = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;

/** Measuring in the window: its commands, undo while the hand is on measurements, a question before unkept ones are lost. */
export const bindMeasures = (board: Board): (() => void) => {
  const { session } = board;
  const measures = measuresOf(session);
  const tools = MEASURES.map((kind) => [
    kind.command,
    () => {
      measures.select(null);
      measures.drawnId = null;
      board.tool = board.tool === kind.id ? 'window' : kind.id;
    },
  ]);
  const unbind = session.commands.bind({
    ...Object.fromEntries(tools),
    'viewer.measure-report': () => void measures.toReport(),
    'viewer.measure-remove': () => {
      if (measures.selectedId !== null) measures.remove(measures.selectedId);
    },
  });
  const keydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || !measures.hasHand || takesText(event.target)) return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key !== 'z' && key !== 'y') return;
    const redo = key === 'y' || event.shiftKey;
    // Where nothing is left the key still means measurements: it must not begin to undo the report.
    event.preventDefault();
    if (redo) measures.redo();
    else measures.undo();
  };
  // Once the reader works elsewhere, undo is meant for that.
  const focusin = (event: FocusEvent): void => {
    const target = event.target instanceof Element ? event.target : null;
    if (target !== null && target.closest('[data-testid="viewer"]') === null) measures.hasHand = false;
  };
  const leave = (event: BeforeUnloadEvent): void => {
    if (measures.unsaved > 0) event.preventDefault();
  };
  document.addEventListener('keydown', keydown);
  document.addEventListener('focusin', focusin);
  window.addEventListener('beforeunload', leave);
  return () => {
    unbind();
    document.removeEventListener('keydown', keydown);
    document.removeEventListener('focusin', focusin);
    window.removeEventListener('beforeunload', leave);
  };
};

/** Escape, one thing at a time: the change under way or the selection, then the tool. True where there was one. */
export const leaveMeasuring = (board: Board): boolean => {
  if (measuresOf(board.session).cancel()) return true;
  if (!isMeasurementKind(board.tool)) return false;
  board.tool = 'window';
  return true;
};
