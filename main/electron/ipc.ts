import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  MessageChannelMain,
  type MessagePortMain,
  type UtilityProcess,
  utilityProcess,
} from 'electron';
import { APP_ORIGIN, LINE_GONE, PAGE_ASKS, PAGE_GETS } from '../../preload/contract/shell.ts';
import { askOverPort } from '../process/media-port.ts';
import type { PortLike } from '../process/port-line.ts';
import { SILENCE } from '../process/silence.ts';
import type { FromBackend, ToBackend } from './messages.ts';

export interface ElectronBackend {
  /** Settles when the backend answers. */
  readonly ready: Promise<void>;
  media(request: Request): Promise<Response>;
  close(): Promise<void>;
}

const bundle = (name: string): string => join(app.getAppPath(), '.build', 'electron', `${name}.js`);
/** Electron hands its listeners an event that holds the message. */
export const dataOf = (event: unknown): unknown => (event as { data: unknown }).data;
export const asPort = (port: MessagePortMain): PortLike & { close(): void } =>
  port as unknown as PortLike & { close(): void };

const MOST_RESTARTS = 3;

/** Runs the backend in a utility process, starts the workers it asks for, hands each window that asks a line to it. */
export const startBackend = (options: {
  storeFolder: string;
  modelFolders: readonly string[];
  demonstration: boolean;
  onFailed: (message: string) => void;
}): ElectronBackend => {
  const workers = new Map<number, UtilityProcess>();
  let child: UtilityProcess | null = null;
  let restarts = 0;
  let closing: (() => void) | null = null;
  let settle: () => void = () => {};
  const ready = new Promise<void>((resolve) => {
    settle = resolve;
  });

  const spawn = (backend: UtilityProcess, { id, entry, limits }: Extract<FromBackend, { kind: 'spawn' }>): void => {
    const worker = utilityProcess.fork(bundle(`entry-${entry}`), [], {
      env: { ...SILENCE },
      execArgv: [`--max-old-space-size=${limits.heapMb}`],
      stdio: 'ignore',
      serviceName: `Sightline ${entry}`,
    });
    workers.set(id, worker);
    const post = (message: ToBackend): void => backend.postMessage(message);
    worker.on('message', (message: unknown) => post({ kind: 'worker-said', id, message }));
    // Out of memory is told here first: the exit that follows is what counts, and an error that nobody hears is thrown.
    worker.on('error', () => {});
    worker.on('exit', (code) => {
      workers.delete(id);
      post({ kind: 'worker-ended', id, code });
    });
  };

  const begin = (): void => {
    const backend = utilityProcess.fork(bundle('backend'), [], { stdio: 'inherit', serviceName: 'Sightline backend' });
    child = backend;
    const post = (message: ToBackend): void => backend.postMessage(message);
    backend.on('message', (raw: unknown) => {
      const message = raw as FromBackend;
      switch (message.kind) {
        case 'ready':
          settle();
          break;
        case 'failed':
          options.onFailed(message.message);
          break;
        case 'pick': {
          const [window] = BrowserWindow.getAllWindows();
          const asked = { properties: ['openDirectory' as const] };
          void (window ? dialog.showOpenDialog(window, asked) : dialog.showOpenDialog(asked)).then(({ filePaths }) =>
            post({ kind: 'picked', id: message.id, path: filePaths[0] ?? null }),
          );
          break;
        }
        case 'spawn':
          spawn(backend, message);
          break;
        case 'tell-worker':
          workers.get(message.id)?.postMessage(message.message);
          break;
        case 'kill-worker':
          workers.get(message.id)?.kill();
          break;
        case 'closed':
          closing?.();
          break;
      }
    });
    backend.on('error', () => {});
    backend.on('exit', () => {
      for (const worker of workers.values()) worker.kill();
      workers.clear();
      if (child !== backend) return;
      child = null;
      if (closing) return closing();
      for (const window of BrowserWindow.getAllWindows()) window.webContents.send(LINE_GONE);
      restarts += 1;
      if (restarts > MOST_RESTARTS) return options.onFailed('The backend ended again and again. The log says more.');
      begin();
    });
    post({
      kind: 'begin',
      storeFolder: options.storeFolder,
      modelFolders: options.modelFolders,
      demonstration: options.demonstration,
    });
  };
  begin();

  ipcMain.on(PAGE_ASKS, (event) => {
    // Only our own page in the top frame is given a line.
    if (event.senderFrame?.parent !== null || event.senderFrame.url !== `${APP_ORIGIN}/`) return;
    const { port1, port2 } = new MessageChannelMain();
    child?.postMessage({ kind: 'line' } satisfies ToBackend, [port1]);
    event.senderFrame.postMessage(PAGE_GETS, null, [port2]);
  });

  return {
    ready,
    media: (request) => {
      if (!child) return Promise.resolve(new Response(null, { status: 503 }));
      const { port1, port2 } = new MessageChannelMain();
      child.postMessage({ kind: 'media' } satisfies ToBackend, [port1]);
      return askOverPort(asPort(port2), request, dataOf);
    },
    close: () =>
      new Promise((resolve) => {
        if (!child) return resolve();
        const limit = setTimeout(() => child?.kill(), 5000);
        closing = () => {
          clearTimeout(limit);
          resolve();
        };
        child.postMessage({ kind: 'close' } satisfies ToBackend);
      }),
  };
};
