import {
  type Client,
  createClient,
  Fault,
  type Line,
  type Workstation,
  workstation,
} from '../../preload/contract/index.ts';
import { APP_ORIGIN, MEDIA_BASE } from '../../preload/contract/shell.ts';
import { portLine, socketLine, useUpToken } from './line.ts';

/** gone: trying again by itself. locked: this window needs a new address from the terminal. */
export type BackendState =
  | { readonly kind: 'connected' }
  | { readonly kind: 'gone'; readonly attempt: number }
  | { readonly kind: 'locked'; readonly message: string };

export interface Backend {
  /** Stays the same object for the window's life; calls made while the backend is gone fail with 'closed'. */
  readonly client: Client<Workstation>;
  /** Address for fetch or img.src of what media.ts names. */
  mediaUrl(address: string): string;
  readonly shell: 'electron' | 'host';
  state(): BackendState;
  /** Called at each change; returns unlisten. After 'gone' and 'connected' again, reload what is shown. */
  onState(listener: (state: BackendState) => void): () => void;
}

const RETRY_MS = [250, 500, 1000, 2000, 4000];

interface Listening {
  readonly service: string;
  readonly method: string;
  readonly params: unknown;
  readonly listener: (value: unknown) => void;
  stop: () => void;
}
type AnyClient = Record<string, Record<string, (first: unknown, second?: unknown) => unknown>>;

/** One client over lines that come and go: calls use the present line, listeners are set again on each new one. */
export const createLasting = (): {
  client: Client<Workstation>;
  use(line: Line): void;
  drop(): void;
} => {
  let present: AnyClient | null = null;
  const listening = new Set<Listening>();
  const attach = (entry: Listening): void => {
    const unlisten = present?.[entry.service]?.[entry.method]?.(entry.params, entry.listener);
    entry.stop = typeof unlisten === 'function' ? () => unlisten() : () => {};
  };
  const client: AnyClient = {};
  for (const [service, methods] of Object.entries(workstation)) {
    const bound: AnyClient[string] = {};
    client[service] = bound;
    for (const [method, shape] of Object.entries(methods)) {
      bound[method] =
        shape.kind === 'call'
          ? (params, options) =>
              present?.[service]?.[method]?.(params, options) ??
              Promise.reject(new Fault('closed', 'The backend is not there.'))
          : (params, listener) => {
              const entry: Listening = {
                service,
                method,
                params,
                listener: listener as Listening['listener'],
                stop: () => {},
              };
              listening.add(entry);
              attach(entry);
              return () => {
                if (listening.delete(entry)) entry.stop();
              };
            };
    }
  }
  return {
    client: client as unknown as Client<Workstation>,
    use: (line) => {
      present = createClient(workstation, line) as unknown as AnyClient;
      for (const entry of listening) attach(entry);
    },
    drop: () => {
      present = null;
      for (const entry of listening) entry.stop = () => {};
    },
  };
};

/** Finds the shell that the page runs in and connects; rejects only where this window is not let in. */
export const connect = async (page: Window = window): Promise<Backend> => {
  const shell = page.location.origin === APP_ORIGIN || page.location.protocol === 'app:' ? 'electron' : 'host';
  const open = (): Promise<Line> => (shell === 'electron' ? portLine(page) : socketLine(page));
  const lasting = createLasting();
  const listeners = new Set<(state: BackendState) => void>();
  let state: BackendState = { kind: 'gone', attempt: 0 };
  const tell = (next: BackendState): void => {
    state = next;
    for (const listener of listeners) listener(next);
  };
  const take = (line: Line): void => {
    lasting.use(line);
    line.onClose(() => {
      lasting.drop();
      tell({ kind: 'gone', attempt: 0 });
      void retry(0);
    });
    tell({ kind: 'connected' });
  };
  const retry = async (attempt: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)]));
    try {
      take(await open());
    } catch (error) {
      if (error instanceof Fault && error.code === 'refused') {
        tell({ kind: 'locked', message: error.message });
        return;
      }
      tell({ kind: 'gone', attempt: attempt + 1 });
      void retry(attempt + 1);
    }
  };
  if (shell === 'host') await useUpToken(page);
  take(await open());
  return {
    client: lasting.client,
    mediaUrl: (address) => MEDIA_BASE + address,
    shell,
    state: () => state,
    onState: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
};
