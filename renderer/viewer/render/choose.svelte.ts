import { canvasPainter } from './canvas-painter.ts';
import type { Painter } from './painter.ts';

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

export type Graphics = 'hardware' | 'software' | 'none';

export const graphicsHere = (): Graphics => {
  const context = document.createElement('canvas').getContext('webgl2');
  if (context === null) return 'none';
  const names = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return SOFTWARE.test(renderer) ? 'software' : 'hardware';
};

/**
 * Who draws the slices. Until Cornerstone3D is loaded, and where WebGL is missing, the canvas painter does; it is also
 * quicker than WebGL done by the processor. `?painter=webgl|canvas` in the address decides otherwise, for tests.
 */
export class PainterChoice {
  readonly graphics: Graphics;
  make = $state.raw<(element: HTMLElement) => Painter>(canvasPainter);
  /** What the reader should know; empty where nothing is missing. */
  remark = $state('');

  constructor(asked: string | null = new URLSearchParams(window.location.search).get('painter')) {
    this.graphics = asked === 'none' ? 'none' : graphicsHere();
    if (this.graphics === 'none')
      this.remark =
        'This machine gives no WebGL: images, planes and marks are drawn by the processor, and the 3D view is off.';
    else if (asked === 'webgl' || (asked === null && this.graphics === 'hardware')) void this.#load();
  }

  async #load(): Promise<void> {
    try {
      const { cornerstonePainter } = await import('./cornerstone.ts');
      this.make = (element) => {
        try {
          return cornerstonePainter(element, () => this.#fallBack());
        } catch {
          this.#fallBack();
          return canvasPainter(element);
        }
      };
    } catch {
      this.#fallBack();
    }
  }

  #fallBack(): void {
    this.make = canvasPainter;
    this.remark = 'The graphics hardware could not be used: images are drawn by the processor.';
  }
}
