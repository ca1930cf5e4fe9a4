import type { Placement, Presentation } from '../view/camera.ts';
import type { Picture } from '../view/slice-view.svelte.ts';

export interface Painting {
  readonly picture: Picture;
  readonly placement: Placement;
  readonly presentation: Presentation;
  /** CSS pixels. */
  readonly width: number;
  readonly height: number;
}

/** Draws one image into its element, as told; holds no state of its own that cannot be made again. */
export interface Painter {
  readonly kind: 'webgl' | 'canvas';
  /** null: black. */
  paint(painting: Painting | null): void;
  close(): void;
}
