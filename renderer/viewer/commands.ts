import type { ViewerState } from './view/viewer-state.svelte.ts';

/** What the viewer does at keys; answers how to unbind. */
export const bindViewerCommands = (viewer: ViewerState): (() => void) => {
  const { session } = viewer;
  const nextSeries = (by: number): void => {
    const shown = session.series.filter((series) => series.kind === 'image' && series.refused === null);
    const at = shown.findIndex((series) => series.id === session.activeSeriesId);
    const next = shown[at + by];
    if (next !== undefined) void viewer.select(next.id);
  };
  const eachPresentation = (change: 'rotate' | 'flip'): void => {
    const view = viewer.active;
    const p = view.presentation;
    view.presentation =
      change === 'flip'
        ? { ...p, flipped: !p.flipped }
        : { ...p, quarterTurns: ((p.quarterTurns + 1) % 4) as typeof p.quarterTurns };
  };
  return session.commands.bind({
    'viewer.next-image': () => viewer.active.scroll(1),
    'viewer.previous-image': () => viewer.active.scroll(-1),
    'viewer.next-ten': () => viewer.active.scroll(10),
    'viewer.previous-ten': () => viewer.active.scroll(-10),
    'viewer.first-image': () => viewer.active.goToImage(1),
    'viewer.last-image': () => viewer.active.goToImage(viewer.active.count),
    'viewer.next-series': () => nextSeries(1),
    'viewer.previous-series': () => nextSeries(-1),
    'viewer.tool-window': () => (viewer.tool = 'window'),
    'viewer.tool-pan': () => (viewer.tool = 'pan'),
    'viewer.tool-zoom': () => (viewer.tool = 'zoom'),
    'viewer.tool-scroll': () => (viewer.tool = 'scroll'),
    'viewer.tool-cross': () => {
      if (viewer.volume !== null) viewer.tool = 'cross';
    },
    'viewer.invert': () => (viewer.inverted = !viewer.inverted),
    'viewer.reset': () => viewer.resetViews(),
    'viewer.rotate': () => eachPresentation('rotate'),
    'viewer.flip': () => eachPresentation('flip'),
    'viewer.cine': () => (viewer.cine = !viewer.cine && viewer.active.count > 1),
    'viewer.overlays': () => (session.marks.shown = !session.marks.shown),
    'viewer.text': () => (viewer.textShown = !viewer.textShown),
    'viewer.layout-stack': () => {
      viewer.layout = 'stack';
      viewer.maximised = null;
      viewer.activeId = 'stack';
    },
    'viewer.layout-planes': () => {
      if (viewer.noPlanes !== null) return session.notices.tell(`No planes: ${viewer.noPlanes}`);
      viewer.layout = 'planes';
      viewer.maximised = null;
      viewer.activeId = 'axial';
    },
    'viewer.maximise': () => {
      if (viewer.shownLayout === 'planes') viewer.maximised = viewer.maximised === null ? viewer.activeId : null;
    },
    'viewer.preset-1': () => viewer.preset(0),
    'viewer.preset-2': () => viewer.preset(1),
    'viewer.preset-3': () => viewer.preset(2),
    'viewer.preset-4': () => viewer.preset(3),
    'viewer.preset-5': () => viewer.preset(4),
    'viewer.preset-6': () => viewer.preset(5),
    'viewer.cancel': () => {
      if (session.drawing) session.drawn(null);
      else session.marked = null;
    },
  });
};
