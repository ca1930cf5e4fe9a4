import { canvasPainter } from './canvas-painter.ts';
import type { Painter } from './painter.ts';
import { loadPart, PartMissing } from './part.ts';
import type { Scene, SceneReports } from './scene.ts';

const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** What the browser offers. */
interface Found {
  readonly kind: 'hardware' | 'software' | 'none';
  /** Longest side of an image that it draws. */
  readonly mostPixels: number;
}

const graphicsHere = (): Found => {
  const context = document.createElement('canvas').getContext('webgl2');
  if (context === null) return { kind: 'none', mostPixels: 0 };
  const names = context.getExtension('WEBGL_debug_renderer_info');
  const renderer = String(context.getParameter(names?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  const mostPixels = Number(context.getParameter(context.MAX_TEXTURE_SIZE));
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return { kind: SOFTWARE.test(renderer) ? 'software' : 'hardware', mostPixels };
};

/** How the graphics hardware stands with this window. */
type Standing =
  | { readonly kind: 'ready' }
  | { readonly kind: 'none' }
  /** Its context was lost; again: a new one is tried by itself. */
  | { readonly kind: 'lost'; readonly again: boolean }
  /** Our part for it could not be loaded. */
  | { readonly kind: 'missing' }
  /** It drew nothing or gave an error. */
  | { readonly kind: 'failed'; readonly why: string };

/** After a loss it is tried again by itself; where it is lost once more within a minute, the reader decides. */
const AGAIN_AFTER_MS = 1500;
const ONCE_IN_MS = 60_000;

type Make = (element: HTMLElement) => Painter;
export interface SliceGraphics {
  readonly make: Make;
  /** Said on the image; empty where nothing is to be said. */
  readonly words: string;
}

/**
 * Who draws. Slices and planes: the canvas painter, until Cornerstone3D is loaded, where WebGL is missing, where it is
 * done by the processor anyway (the canvas painter is quicker then), for images larger than the hardware takes, and
 * whenever the hardware fails. The 3D view: WebGL of any kind, or words. `?painter=webgl|canvas|none` in the address
 * decides otherwise, for tests.
 */
export class Graphics {
  readonly #found: Found;
  /** Whether slices are to be drawn by WebGL. */
  readonly #slices: boolean;
  standing = $state.raw<Standing>({ kind: 'ready' });
  /** The loaded part that draws slices by WebGL. */
  #painter = $state.raw<((element: HTMLElement, onTrouble: (error: Error) => void) => Painter) | null>(null);
  /** Another number: what was drawn by WebGL before is gone, and is to be made anew. */
  generation = $state(0);
  #lostAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopListening: (() => void) | null = null;
  #closed = false;

  constructor(asked: string | null = new URLSearchParams(window.location.search).get('painter')) {
    this.#found = asked === 'none' ? { kind: 'none', mostPixels: 0 } : graphicsHere();
    const { kind } = this.#found;
    this.#slices = kind !== 'none' && (asked === 'webgl' || (asked === null && kind === 'hardware'));
    if (kind === 'none') this.standing = { kind: 'none' };
    else if (this.#slices) void this.#load();
  }

  /** What the reader should know of all views; empty where nothing is missing. */
  readonly remark = $derived.by(() => {
    const { standing } = this;
    const who = this.#slices ? 'Images are drawn by the processor.' : 'Images are not concerned.';
    switch (standing.kind) {
      case 'ready':
        return '';
      case 'none':
        return 'This machine gives no WebGL: images, planes and marks are drawn by the processor, and the 3D view is off.';
      case 'lost':
        return `The graphics hardware stopped (its context was lost), and the 3D view with it. ${who}${standing.again ? ' Trying it again …' : ''}`;
      case 'missing':
        return `The part of this window that uses the graphics hardware could not be loaded; a newer version may have taken its place. ${who}`;
      case 'failed':
        return `The graphics hardware could not draw: ${standing.why}. ${who}`;
    }
  });
  readonly canTryAgain = $derived.by(
    () => this.standing.kind !== 'ready' && this.standing.kind !== 'none' && !this.#trying(),
  );
  readonly #make = $derived.by<Make>(() => {
    void this.generation;
    const painter = this.#painter;
    if (painter === null || this.standing.kind !== 'ready') return canvasPainter;
    return (element) => {
      try {
        return painter(element, (error) => this.#failed(error));
      } catch (error) {
        // Not while this is being drawn: a change of state here would be an effect on itself.
        queueMicrotask(() => this.#failed(error instanceof Error ? error : new Error(String(error))));
        return canvasPainter(element);
      }
    };
  });

  /** Who draws an image of this size. */
  slices(image: { readonly columns: number; readonly rows: number } | null): SliceGraphics {
    const { kind } = this.standing;
    if (!this.#slices) return { make: this.#make, words: '' };
    if (kind !== 'ready') return { make: this.#make, words: 'Drawn by the processor' };
    const { mostPixels } = this.#found;
    if (image === null || Math.max(image.columns, image.rows) <= mostPixels) return { make: this.#make, words: '' };
    return {
      make: canvasPainter,
      words: `Drawn by the processor: the graphics hardware takes ${mostPixels} pixels a side`,
    };
  }

  /** Why there is no 3D view; null where there is. */
  readonly noScene = $derived.by<string | null>(() => {
    const { standing } = this;
    switch (standing.kind) {
      case 'ready':
        return null;
      case 'none':
        return 'No 3D view: this machine gives no WebGL.';
      case 'lost':
        return `The 3D view stopped: the graphics context was lost.${standing.again ? ' Trying again …' : ''}`;
      case 'missing':
        return 'No 3D view: its part of this window could not be loaded.';
      case 'failed':
        return `No 3D view: ${standing.why}.`;
    }
  });

  /** Opens a 3D view in the element. Rejects with words. */
  async scene(element: HTMLElement, reports: Omit<SceneReports, 'onLost'>): Promise<Scene> {
    try {
      const { Scene: Opened } = await loadPart(() => import('./scene.ts'));
      const kind = this.#found.kind === 'hardware' ? 'hardware' : 'software';
      return new Opened(element, kind, { ...reports, onLost: () => this.#lost() });
    } catch (error) {
      if (error instanceof PartMissing) this.standing = { kind: 'missing' };
      throw error;
    }
  }

  /** A new context, where the browser gives one. */
  tryAgain(): void {
    if (this.#closed || this.standing.kind === 'ready' || this.standing.kind === 'none') return;
    clearTimeout(this.#timer);
    if (this.standing.kind === 'missing') {
      this.standing = { kind: 'ready' };
      this.generation++;
      if (this.#slices) void this.#load();
      return;
    }
    if (graphicsHere().kind === 'none') {
      this.standing = { kind: 'lost', again: false };
      return;
    }
    // What failed is not used again.
    void import('./engine.ts').then(({ dropEngine }) => {
      if (this.#closed || this.standing.kind === 'ready') return;
      dropEngine();
      this.standing = { kind: 'ready' };
      this.generation++;
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#stopListening?.();
  }

  #trying(): boolean {
    return this.standing.kind === 'lost' && this.standing.again;
  }

  async #load(): Promise<void> {
    try {
      const { cornerstonePainter } = await loadPart(() => import('./cornerstone.ts'));
      await this.#listen();
      this.#painter = cornerstonePainter;
    } catch (error) {
      if (error instanceof PartMissing) this.standing = { kind: 'missing' };
      else this.#failed(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #listen(): Promise<void> {
    const { onContextLost } = await import('./engine.ts');
    if (!this.#closed) this.#stopListening ??= onContextLost(() => this.#lost());
  }

  #lost(): void {
    // Several contexts go at once: that is one loss.
    if (this.standing.kind === 'lost') return;
    const again = performance.now() - this.#lostAt > ONCE_IN_MS;
    this.#lostAt = performance.now();
    this.standing = { kind: 'lost', again };
    if (again) this.#timer = setTimeout(() => this.tryAgain(), AGAIN_AFTER_MS);
  }

  #failed(error: Error): void {
    if (this.standing.kind === 'ready') this.standing = { kind: 'failed', why: error.message.replace(/\.$/, '') };
  }
}
