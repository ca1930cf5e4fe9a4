import { leaveMeasuring } from './measure/bind.ts';
import { reformatCommands } from './reformat-commands.ts';
import type { Board, Grid } from './view/board.svelte.ts';

/** What the viewer does at keys; answers how to unbind. */
export const bindViewerCommands = (board: Board): (() => void) => {
  const { session } = board;
  const nextSeries = (by: number): void => {
    const own = board.active.owner?.study.id ?? session.study?.id;
    const all = board.others.find(({ study }) => study.id === own)?.series ?? session.series;
    const shown = all.filter((series) => series.kind === 'image' && series.refused === null);
    const at = shown.findIndex((series) => series.id === board.active.seriesId);
    const next = shown[at + by];
    if (next !== undefined) void board.active.select(next.id);
  };
  const arrange = (grid: Grid): void => {
    board.arrange(grid);
    void board.fill();
  };
  const eachPresentation = (change: 'rotate' | 'flip'): void => {
    const view = board.active.active;
    const p = view.presentation;
    view.presentation =
      change === 'flip'
        ? { ...p, flipped: !p.flipped }
        : { ...p, quarterTurns: ((p.quarterTurns + 1) % 4) as typeof p.quarterTurns };
  };
  return session.commands.bind({
    'viewer.next-image': () => board.active.active.scroll(1),
    'viewer.previous-image': () => board.active.active.scroll(-1),
    'viewer.next-ten': () => board.active.active.scroll(10),
    'viewer.previous-ten': () => board.active.active.scroll(-10),
    'viewer.first-image': () => board.active.active.goToImage(1),
    'viewer.last-image': () => board.active.active.goToImage(board.active.active.count),
    'viewer.next-series': () => nextSeries(1),
    'viewer.previous-series': () => nextSeries(-1),
    'viewer.tool-window': () => (board.tool = 'window'),
    'viewer.tool-pan': () => (board.tool = 'pan'),
    'viewer.tool-zoom': () => (board.tool = 'zoom'),
    'viewer.tool-scroll': () => (board.tool = 'scroll'),
    'viewer.tool-cross': () => {
      if (board.active.volume !== null) board.tool = 'cross';
    },
    'viewer.tool-point': () => {
      board.tool = board.tool === 'point' ? 'window' : 'point';
      const view = board.active.active;
      const [i, j, k] = board.active.point;
      if (board.tool === 'point' && board.active.pixels !== null)
        board.point(view, ...view.imageOf([i + 0.5, j + 0.5, k + 0.5]));
    },
    ...reformatCommands(board),
    'viewer.invert': () => (board.active.inverted = !board.active.inverted),
    'viewer.reset': () => board.active.resetViews(),
    'viewer.rotate': () => eachPresentation('rotate'),
    'viewer.flip': () => eachPresentation('flip'),
    'viewer.cine': () => (board.active.cine = !board.active.cine && board.active.active.count > 1),
    'viewer.overlays': () => (session.marks.shown = !session.marks.shown),
    'viewer.text': () => (board.textShown = !board.textShown),
    'viewer.layout-stack': () => {
      board.active.layout = 'stack';
      board.active.maximised = null;
      board.active.activeId = 'stack';
    },
    'viewer.layout-planes': () => {
      if (board.active.noPlanes !== null) return session.notices.tell(`No planes: ${board.active.noPlanes}`);
      board.active.layout = 'planes';
      board.active.maximised = null;
      board.active.activeId = 'axial';
    },
    'viewer.maximise': () => {
      const cell = board.active;
      if (cell.shownLayout === 'planes') cell.maximised = cell.maximised === null ? cell.activeId : null;
      else if (board.cells.length > 1) board.largeIndex = board.largeIndex === null ? board.activeIndex : null;
    },
    'viewer.grid-one': () => board.arrange([1, 1]),
    'viewer.grid-two': () => arrange([1, 2]),
    'viewer.grid-four': () => arrange([2, 2]),
    'viewer.next-cell': () => board.activate((board.activeIndex + 1) % board.cells.length),
    'viewer.link': () => {
      board.link = board.link === 'off' ? 'frame' : 'off';
    },
    'viewer.link-here': () => {
      board.linkByHand();
      session.notices.tell('The cells move together from where they stand now.');
    },
    'viewer.lines': () => (board.linesShown = !board.linesShown),
    'viewer.preset-1': () => board.active.preset(0),
    'viewer.preset-2': () => board.active.preset(1),
    'viewer.preset-3': () => board.active.preset(2),
    'viewer.preset-4': () => board.active.preset(3),
    'viewer.preset-5': () => board.active.preset(4),
    'viewer.preset-6': () => board.active.preset(5),
    'viewer.cancel': () => {
      if (session.drawing) session.drawn(null);
      else if (!leaveMeasuring(board)) session.marked = null;
    },
  });
};
