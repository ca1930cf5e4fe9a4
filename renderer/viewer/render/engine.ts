/**
 * Cornerstone3D's rendering engine and the graphics contexts that it draws with. A context can be lost at any time (a
 * driver that starts again, a machine that slept, too many windows): then all of the engine goes, who drew with it is
 * told, and a new one is made when somebody asks for it.
 */
import { Enums, eventTarget, init, RenderingEngine } from '@cornerstonejs/core';

/** Each is a context of the browser's, of which it gives about 16 to all windows together. */
const CONTEXTS = 3;

let started = false;
let generation = 0;
let present: RenderingEngine | null = null;
const listeners = new Set<() => void>();

const idOf = (n: number): string => `sightline-${n}`;

const start = (): void => {
  if (started) return;
  started = true;
  init({ rendering: { webGlContextCount: CONTEXTS } } as Parameters<typeof init>[0]);
  eventTarget.addEventListener(Enums.Events.WEBGL_CONTEXT_LOST, ((
    event: CustomEvent<{ renderingEngineId: string }>,
  ) => {
    // An engine that was given up loses its contexts too: that is no news.
    if (present === null || event.detail.renderingEngineId !== idOf(generation)) return;
    dropEngine();
    for (const listener of [...listeners]) listener();
  }) as EventListener);
};

export const engine = (): RenderingEngine => {
  start();
  present ??= new RenderingEngine(idOf(++generation));
  return present;
};

/** Whether this is the engine of now: one that was given up must not be spoken to. */
export const isPresent = (other: RenderingEngine): boolean => other === present;

export const contextOf = (rendering: RenderingEngine, viewportId: string): WebGL2RenderingContext | null =>
  (
    rendering.getOffscreenMultiRenderWindow(viewportId) as unknown as {
      getOpenGLRenderWindow(): { getContext(): WebGL2RenderingContext | null };
    }
  )
    .getOpenGLRenderWindow()
    .getContext();

/** Gives up the engine and its contexts; who still holds it must not use it. */
export const dropEngine = (): void => {
  const gone = present;
  present = null;
  if (gone === null) return;
  const contexts = gone.getViewports().flatMap((viewport) => contextOf(gone, viewport.id) ?? []);
  try {
    gone.destroy();
  } catch {
    // With its contexts lost not everything that it lets go is there any more.
  }
  // The browser counts contexts until they are collected: said at once that these are done with.
  for (const context of contexts) context.getExtension('WEBGL_lose_context')?.loseContext();
};

/** Told when the engine is gone. Answers how to stop listening. */
export const onContextLost = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};
