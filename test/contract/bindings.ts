/** The two ways a window reaches its backend, as the shells use them: a pair of structured-clone ports, and the real host. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { WebSocket } from 'ws';
import { type Host, startHost } from '../../main/host/index.ts';
import type { Log } from '../../main/outside.ts';
import { portLine } from '../../main/process/port-line.ts';
import { type Handlers, type Line, serve, type Workstation, workstation } from '../../preload/contract/index.ts';
import { LINE_PATH, SESSION_PATH } from '../../preload/contract/shell.ts';

export interface Binding {
  /** A new window's line. cut() takes it down from the window's side. */
  open(): Promise<{ line: Line; cut(): void; sendRaw(text: string): void }>;
  /** Takes every line down from the backend's side. */
  end(): Promise<void>;
  /** Errors that crossed as 'internal'. */
  readonly internals: string[];
}

export const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** Electron's port pairs are message channels with structured clone, as Node's are. */
export const ports = (handlers: Handlers<Workstation>): Binding => {
  const internals: string[] = [];
  const open: MessagePort[] = [];
  return {
    internals,
    open: async () => {
      const { port1, port2 } = new MessageChannel();
      open.push(port1);
      serve(workstation, handlers, portLine(port1), { onInternal: (method) => internals.push(method) });
      return {
        line: portLine(port2),
        cut: () => port2.close(),
        sendRaw: (text) => port2.postMessage(text),
      };
    },
    end: async () => {
      for (const port of open) port.close();
    },
  };
};

/** The cookie of a window that came by a fresh address, as a browser would hold it. */
export const sessionOf = async (host: Host): Promise<string> => {
  const address = new URL(host.newAddress());
  const answer = await fetch(new URL(SESSION_PATH, address), {
    method: 'POST',
    headers: { origin: address.origin, 'content-type': 'application/json' },
    body: JSON.stringify({ token: new URLSearchParams(address.hash.slice(1)).get('token') }),
  });
  if (answer.status !== 204) throw new Error(`no session: ${answer.status}`);
  return (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
};

export const hostWith = async (
  handlers: Handlers<Workstation>,
  media: (request: Request) => Promise<Response>,
  log: Log = silent,
): Promise<{ host: Host; close(): Promise<void> }> => {
  const page = mkdtempSync(join(tmpdir(), 'sightline-page-'));
  const host = await startHost({ port: 0, page, log });
  host.ready({ handlers, media });
  return {
    host,
    close: async () => {
      await host.close();
      rmSync(page, { recursive: true, force: true });
    },
  };
};

export const sockets = async (handlers: Handlers<Workstation>): Promise<Binding> => {
  const internals: string[] = [];
  const log: Log = { ...silent, error: (_message, _error, details) => internals.push(String(details?.method)) };
  const { host, close } = await hostWith(handlers, async () => new Response(), log);
  return {
    internals,
    open: async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${host.port}${LINE_PATH}`, {
        headers: { cookie: await sessionOf(host), origin: `http://127.0.0.1:${host.port}` },
      });
      const line: Line = {
        post: (message) => socket.send(JSON.stringify(message)),
        onMessage: (listener) => socket.on('message', (data) => listener(JSON.parse(data.toString()))),
        onClose: (listener) => socket.on('close', () => listener()),
      };
      await new Promise<void>((resolve, reject) => {
        socket.once('open', () => resolve());
        socket.once('error', reject);
      });
      return { line, cut: () => socket.close(), sendRaw: (text) => socket.send(text) };
    },
    end: close,
  };
};
