import type { Backend } from '../backend.ts';
import { buildRendererApart, RENDERER, rendererIsFresh } from '../build.ts';
import type { Log, Outside } from '../outside.ts';
import { outsideNode } from '../outside-node.ts';
import { openBrowser } from './browser.ts';
import { type Host, startHost } from './index.ts';

export interface RunOptions {
  readonly storeFolder: string;
  readonly roots: Readonly<Record<string, string>>;
  /** 0: any free one. */
  readonly port: number;
  /** Open a browser where there is one. */
  readonly open: boolean;
  readonly log: Log;
  /** Lines for the person at the terminal. */
  readonly say: (line: string) => void;
  /** Told once the window answers. */
  readonly onReady?: (backend: Backend, outside: Outside) => void;
}

/** The workstation in a browser, until the signal aborts. The address is printed before anything slow begins. */
export const runHost = async (options: RunOptions, signal: AbortSignal): Promise<void> => {
  const host: Host = await startHost({ port: options.port, page: RENDERER, log: options.log });
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const tell = (): void => options.say(`Sightline is at ${host.newAddress()}`);
  tell();
  const closeBrowser = options.open ? openBrowser(host.newAddress(), options.say) : () => {};
  const onEnter = (): void => tell();
  if (process.stdin.isTTY) {
    options.say('The address opens one window. Press Enter for another, Ctrl+C to stop.');
    process.stdin.on('data', onEnter);
  }
  let backend: Backend | null = null;
  try {
    if (!rendererIsFresh()) {
      host.progress({ state: 'building', step: 'Building the window. This happens once for each version.' });
      await buildRendererApart();
    }
    host.progress({ state: 'building', step: 'Opening the study database.' });
    // Loaded only now: the address answers before most of the program is read.
    const { createBackend } = await import('../backend.ts');
    const outside = outsideNode({ shell: 'host', ...options });
    backend = createBackend(outside);
    host.ready(backend);
    options.onReady?.(backend, outside);
    await stopped;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    host.progress({ state: 'failed', step: message });
    // The start page asks four times a second: it is told before the host goes.
    await new Promise((resolve) => setTimeout(resolve, 1000));
    throw error;
  } finally {
    closeBrowser();
    if (process.stdin.isTTY) {
      process.stdin.off('data', onEnter);
      process.stdin.pause();
    }
    await host.close();
    await backend?.close();
  }
};
