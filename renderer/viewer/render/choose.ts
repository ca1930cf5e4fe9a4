import { canvasPainter } from './canvas-painter.ts';
import type { Painter } from './painter.ts';

export interface Choice {
  readonly make: (element: HTMLElement) => Painter;
  /** What the reader should know; empty where nothing is missing. */
  readonly remark: string;
}

export const hasWebGl = (): boolean => {
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
};

/** Graphics hardware where there is some; else images are drawn by the processor, and 3D is not. */
export const choosePainter = (): Choice =>
  hasWebGl()
    ? { make: canvasPainter, remark: '' }
    : {
        make: canvasPainter,
        remark: 'This machine gives no WebGL: images and marks are drawn by the processor, the 3D view is off.',
      };
