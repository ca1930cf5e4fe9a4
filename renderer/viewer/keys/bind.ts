import { measuresOf } from '../measure/measures.svelte.ts';
import type { Board } from '../view/board.svelte.ts';
import { type KeyImages, keyImagesOf } from './key-images.svelte.ts';
import { type KeyLine, linesOf } from './lines.ts';

const lineHere = (board: Board, lines: readonly KeyLine[]): number => {
  const frame = board.active.stack.frame;
  return frame === null
    ? -1
    : lines.findIndex((line) => line.instanceUid === frame.instanceUid && line.frameIndex === frame.index);
};

/** To a key image, in whatever cell shows its series. */
export const goToKey = (board: Board, line: KeyLine): void => {
  if (line.place === null) {
    board.session.notices.tell('The image that is meant is not in this study.', 'warning');
    return;
  }
  board.active.layout = 'stack';
  board.session.goTo(
    {
      kind: 'box',
      seriesId: line.place.seriesId,
      instanceUid: line.instanceUid,
      frameIndex: line.frameIndex ?? 0,
      box: [0, 0, 1, 1],
    },
    { mark: false },
  );
};

const images = (
  board: Board,
): ((seriesId: string) => ReturnType<ReturnType<typeof measuresOf>['sources']['imagesOf']>) => {
  const { sources } = measuresOf(board.session);
  return (seriesId) => sources.imagesOf(seriesId);
};

/** What keys do with key images; answers how to unbind. */
export const bindKeyImages = (board: Board, showPanel: () => void): (() => void) => {
  const { session } = board;
  const keys: KeyImages = keyImagesOf(session);
  const frameHere = () => {
    const cell = board.active;
    const { frame } = cell.stack;
    if (frame === null || cell.pixels === null) return null;
    if (cell.ofAnotherStudy) {
      session.notices.tell('This image is of another study: key images are marked in their own.');
      return null;
    }
    if (cell.shownLayout === 'planes' && !cell.active.isImage) {
      session.notices.tell('A key image is one of the series: this plane is made of all of them.');
      return null;
    }
    return { seriesId: cell.pixels.images.seriesId, frame };
  };
  const step = (by: 1 | -1): void => {
    const lines = linesOf(keys, images(board), session.series);
    if (lines.length === 0) return session.notices.tell('No image of this study is marked as key.');
    const at = lineHere(board, lines);
    const next = lines[at < 0 ? (by === 1 ? 0 : lines.length - 1) : (at + by + lines.length) % lines.length];
    if (next) goToKey(board, next);
  };
  return session.commands.bind({
    'viewer.key-image': () => {
      const here = frameHere();
      if (here) keys.toggle(here.seriesId, here.frame);
    },
    'viewer.key-note': () => {
      const here = frameHere();
      if (!here) return;
      if (!keys.of(here.frame)) keys.toggle(here.seriesId, here.frame);
      const marked = keys.of(here.frame);
      showPanel();
      if (marked) keys.typing = keys.nameOf(marked);
    },
    'viewer.key-report': () => {
      const here = frameHere();
      if (!here) return;
      const marked = keys.of(here.frame);
      if (marked) void keys.toReport(marked, here.frame);
      else session.notices.tell('This image is not marked as key.');
    },
    'viewer.key-next': () => step(1),
    'viewer.key-previous': () => step(-1),
  });
};
