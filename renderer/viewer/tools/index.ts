/** The tools of the pointer: one file each, one line here. Toolbar, key, cursor and help come from the description. */
import type { MeasurementKind } from '../../../preload/contract/index.ts';
import type { CommandId } from '../../session/index.ts';
import type { IconName } from '../../ui/index.ts';
import type { SegmentToolId } from '../segment/tools.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';
import { cross } from './cross/index.ts';
import { lens } from './lens/index.ts';
import { pan } from './pan/index.ts';
import { point } from './point/index.ts';
import { region } from './region/index.ts';
import { scroll } from './scroll/index.ts';
import { turn } from './turn/index.ts';
import { windowLevel } from './window/index.ts';
import { zoom } from './zoom/index.ts';

/** A drag so far, canvas pixels. */
export interface Drag {
  readonly startX: number;
  readonly startY: number;
  readonly x: number;
  readonly y: number;
  /** Since the last call. */
  readonly dx: number;
  readonly dy: number;
}

export interface Tool {
  readonly id: 'window' | 'pan' | 'zoom' | 'scroll' | 'cross' | 'point' | 'region' | 'lens' | 'turn';
  readonly title: string;
  readonly icon: IconName;
  readonly command: CommandId;
  readonly cursor: 'ns-resize' | 'grab' | 'zoom-in' | 'row-resize' | 'crosshair' | 'default';
  /** Begins a drag; answers what each move does. */
  readonly begin: (view: SliceView, at: Drag) => (move: Drag) => void;
  /** The drag is over. */
  readonly end?: (view: SliceView) => void;
  /** What the wheel does in place of scrolling: by so many notches, down above 0. */
  readonly wheel?: (view: SliceView, notches: number) => void;
}
/** The pointer's tools; kinds of measurement and tools for labels draw on layers of their own (measure/, segment/). */
export type ToolId = Tool['id'] | MeasurementKind | SegmentToolId;

/** Always in the toolbar; the others stand in its menus. */
export const TOOLS: readonly Tool[] = [windowLevel, pan, zoom, scroll, cross];
export const MORE_TOOLS: readonly Tool[] = [point, region, lens, turn];
export const toolOf = (id: ToolId): Tool => [...TOOLS, ...MORE_TOOLS].find((tool) => tool.id === id) ?? windowLevel;
