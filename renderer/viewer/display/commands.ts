import type { CommandId } from '../../session/index.ts';
import type { ToolId } from '../tools/index.ts';
import type { Board } from '../view/board.svelte.ts';
import { linearOf, panned, turnedBy, zoomed } from '../view/camera.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';
import { windowOfSeen } from './apply-region.ts';
import { otherSpeed } from './cine.ts';
import { COLOR_MAPS } from './color-maps.ts';
import { windowsOf } from './windows.svelte.ts';

/** Of the width that the window has. */
const WIDER = 1.15;
const LEVEL_STEP = 0.06;
const NEARER = 1.2;
/** Of the smaller side of the view. */
const PAN_STEP = 0.08;
/** A key that is down longer than this is held: the tool goes when it is let go. */
const HELD_MS = 350;

/** There and back is where it was. */
const tidy = (value: number): number => Number(value.toPrecision(9));

const ofWindow = (board: Board, change: { readonly wider?: number; readonly up?: number }): void => {
  const cell = board.active;
  const shown = cell.shownWindow;
  if (shown === null) return;
  const width = tidy(Math.max(shown.width * (change.wider ?? 1), 1e-6));
  cell.setWindow({
    ...shown,
    name: '',
    width,
    center: tidy(shown.center + (change.up ?? 0) * shown.width * LEVEL_STEP),
  });
};

const ofZoom = (view: SliceView, factor: number): void => {
  if (view.image === null || view.width === 0) return;
  const at = view.pointer ?? ([view.width / 2, view.height / 2] as const);
  view.presentation = zoomed(view.image, view.presentation, [view.width, view.height], factor, at);
};

const ofPan = (view: SliceView, x: number, y: number): void => {
  if (view.image === null || view.width === 0) return;
  const step = Math.min(view.width, view.height) * PAN_STEP;
  view.presentation = panned(view.image, view.presentation, [view.width, view.height], x * step, y * step);
};

/** The crosshair by one pixel of the view, right and down on the screen. */
const ofCross = (view: SliceView, right: number, down: number): void => {
  const { viewer } = view;
  if (viewer.volume === null || view.id === 'stack') return;
  const [i, j, k] = viewer.point;
  const [x, y] = view.imageOf([i + 0.5, j + 0.5, k + 0.5]);
  const [a, b, c, d] = linearOf(view.presentation);
  // The linear part is its own transpose's inverse.
  view.lookAt(x + a * right + b * down, y + c * right + d * down);
};

/** So that one pixel along a row of the image is one of the screen. */
const ofPixels = (view: SliceView): void => {
  if (view.image === null || view.placement === null) return;
  const shown = Math.hypot(view.placement.a, view.placement.b) * window.devicePixelRatio;
  ofZoom(view, 1 / shown);
};

/** The keyboard is on the view that has the hand. */
const focusOn = (board: Board): void => {
  const at = `[data-testid="cell-${board.activeIndex}"] [data-testid="viewport-${board.active.active.id}"]`;
  document.querySelector<HTMLElement>(at)?.focus({ preventScroll: true });
};

/** What the viewer does at keys for how images are seen; answers how to unbind. */
export const bindDisplayCommands = (board: Board): (() => void) => {
  const { session } = board;
  const windows = windowsOf(session);
  const view = (): SliceView => board.active.active;
  const take = (tool: ToolId): void => {
    board.tool = board.tool === tool ? 'window' : tool;
  };
  const turn = (degrees: number): void => {
    view().presentation = turnedBy(view().presentation, degrees);
  };
  const speed = (by: 1 | -1): void => {
    board.active.framesPerSecond = otherSpeed(board.active.framesPerSecond, by);
  };
  /** The lens while its key is down: since when, and what the hand had before. */
  let held: { readonly since: number; readonly before: ToolId } | null = null;
  const lens = (): void => {
    // A key that stays down says so again and again.
    if (held !== null) return;
    held = { since: performance.now(), before: board.tool === 'lens' ? 'window' : board.tool };
    take('lens');
  };
  const letGo = (): void => {
    if (held === null) return;
    if (board.tool === 'lens' && performance.now() - held.since > HELD_MS) board.tool = held.before;
    held = null;
  };
  const steps: Partial<Record<CommandId, () => void>> = {
    'viewer.wider': () => ofWindow(board, { wider: WIDER }),
    'viewer.narrower': () => ofWindow(board, { wider: 1 / WIDER }),
    'viewer.level-up': () => ofWindow(board, { up: 1 }),
    'viewer.level-down': () => ofWindow(board, { up: -1 }),
    'viewer.zoom-in': () => ofZoom(view(), NEARER),
    'viewer.zoom-out': () => ofZoom(view(), 1 / NEARER),
    'viewer.zoom-fit': () => {
      view().presentation = { ...view().presentation, zoom: 1, center: [0, 0] };
    },
    'viewer.zoom-pixels': () => ofPixels(view()),
    'viewer.pan-left': () => ofPan(view(), -1, 0),
    'viewer.pan-right': () => ofPan(view(), 1, 0),
    'viewer.pan-up': () => ofPan(view(), 0, -1),
    'viewer.pan-down': () => ofPan(view(), 0, 1),
    'viewer.turn-left': () => turn(-1),
    'viewer.turn-right': () => turn(1),
    'viewer.turn-far-left': () => turn(-15),
    'viewer.turn-far-right': () => turn(15),
    'viewer.cross-left': () => ofCross(view(), -1, 0),
    'viewer.cross-right': () => ofCross(view(), 1, 0),
    'viewer.cross-up': () => ofCross(view(), 0, -1),
    'viewer.cross-down': () => ofCross(view(), 0, 1),
  };
  const unbind = session.commands.bind({
    ...steps,
    'viewer.tool-region': () => take('region'),
    'viewer.tool-lens': lens,
    'viewer.tool-turn': () => take('turn'),
    'viewer.window-seen': () => windowOfSeen(view()),
    'viewer.window-numbers': () => {
      if (board.active.shownWindow !== null) windows.asking = 'numbers';
    },
    'viewer.window-keep': () => {
      if (windows.fromShown(board.active, 'x') !== null) windows.asking = 'name';
    },
    'viewer.window-own': () => {
      windows.asking = 'all';
    },
    'viewer.own-1': () => windows.use(board.active, 0),
    'viewer.own-2': () => windows.use(board.active, 1),
    'viewer.own-3': () => windows.use(board.active, 2),
    'viewer.colors': () => {
      const cell = board.active;
      cell.colors = COLOR_MAPS[(COLOR_MAPS.indexOf(cell.colors) + 1) % COLOR_MAPS.length] ?? 'grey';
    },
    'viewer.cine-faster': () => speed(1),
    'viewer.cine-slower': () => speed(-1),
    'viewer.cine-sweep': () => {
      board.active.sweep = !board.active.sweep;
    },
    'viewer.next-view': () => {
      const cell = board.active;
      const shown = cell.views.filter((one) => cell.maximised === null || one.id === cell.maximised);
      const next = shown[(shown.indexOf(cell.active) + 1) % shown.length];
      if (next === undefined) return;
      cell.activeId = next.id;
      focusOn(board);
    },
    'viewer.focus': () => {
      const onImages = document.activeElement?.closest('[data-testid="viewer"]') != null;
      const other = document.querySelector<HTMLElement>(
        '[data-testid="sentence"][tabindex="0"]:not([hidden] *), aside [role="tab"][aria-selected="true"]',
      );
      if (onImages && other !== null) other.focus();
      else focusOn(board);
    },
  });
  document.addEventListener('keyup', letGo);
  window.addEventListener('blur', letGo);
  return () => {
    unbind();
    document.removeEventListener('keyup', letGo);
    window.removeEventListener('blur', letGo);
  };
};
