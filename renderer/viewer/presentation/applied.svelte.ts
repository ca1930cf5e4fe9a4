import type { Frame, ListedPresentation, Presentation, Shutter } from '../../../preload/contract/index.ts';
import type { Presentation as Lying } from '../view/camera.ts';
import type { ShownWindow } from '../view/presets.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';
import { lyingOn, remarksOn, speaksOf, windowOn } from './apply.ts';

/** A presentation as one cell shows it, and how the cell was looked at before. */
export class Applied {
  readonly listed: ListedPresentation;
  readonly presentation: Presentation;
  readonly remarks: readonly string[];
  readonly #viewer: ViewerState;
  readonly #before: { readonly window: ShownWindow | null; readonly inverted: boolean; readonly lying: Lying };

  constructor(viewer: ViewerState, listed: ListedPresentation, presentation: Presentation) {
    this.#viewer = viewer;
    this.listed = listed;
    this.presentation = presentation;
    const frames = viewer.pixels?.images.frames ?? [];
    this.remarks = [...listed.remarks, ...remarksOn(presentation, frames)];
    this.#before = { window: viewer.window, inverted: viewer.inverted, lying: viewer.stack.presentation };
  }

  get title(): string {
    return titleOf(this.listed);
  }

  windowOn(frame: Frame): ShownWindow | null {
    return windowOn(this.presentation, frame);
  }

  /** That of the presentation where it has one; the image's own stays where it has none. */
  shutterOn(frame: Frame): Shutter | undefined {
    const own = speaksOf(this.presentation, frame) ? this.presentation.shutter : null;
    return own ?? frame.shutter;
  }

  /** The view as it was before. */
  leave(): void {
    const viewer = this.#viewer;
    viewer.applied = null;
    viewer.window = this.#before.window;
    viewer.inverted = this.#before.inverted;
    viewer.stack.presentation = this.#before.lying;
  }
}

export const titleOf = (listed: ListedPresentation): string => {
  const one = listed.presentation;
  const name = one === null ? 'Presentation that cannot be read' : one.description || one.label || 'Presentation';
  return listed.source.kind === 'file' ? `${name} (file)` : name;
};

/** Shows the cell's images as the presentation says; goes to the first of its images where the one shown is none of them. */
export const applyTo = (viewer: ViewerState, listed: ListedPresentation): void => {
  const { presentation } = listed;
  const frames = viewer.pixels?.images.frames ?? [];
  if (presentation === null || viewer.pixels === null) return;
  viewer.applied?.leave();
  const first = frames.find((frame) => speaksOf(presentation, frame));
  if (first === undefined) return;
  const applied = new Applied(viewer, listed, presentation);
  viewer.layout = 'stack';
  viewer.activeId = 'stack';
  viewer.cine = false;
  const here = viewer.stack.frame;
  if (here === null || !speaksOf(presentation, here)) viewer.moveTo([viewer.cursor[0], viewer.cursor[1], first.index]);
  const frame = viewer.stack.frame ?? first;
  viewer.window = null;
  // The presentation's greys take the place of what the image says of itself.
  viewer.inverted = presentation.inverted !== frame.inverted;
  viewer.applied = applied;
  const { image, width, height } = viewer.stack;
  if (image !== null) viewer.stack.presentation = lyingOn(presentation, frame, image, [width, height]);
};
