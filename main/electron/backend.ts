/** The backend's utility process: the same backend as everywhere, with Electron's ways of starting workers and asking for a folder. */
import { randomBytes } from 'node:crypto';
import type { MessagePortMain } from 'electron';
import { serve, workstation } from '../../preload/contract/index.ts';
import { type Backend, createBackend } from '../backend.ts';
import { ensureDemonstration } from '../demonstration.ts';
import type { Child, Outside } from '../outside.ts';
import { consoleLog } from '../outside-node.ts';
import { answerOverPort } from '../process/media-port.ts';
import { type PortLike, portLine } from '../process/port-line.ts';
import type { FromBackend, ToBackend } from './messages.ts';

const log = consoleLog(true);
const parent = process.parentPort;
const post = (message: FromBackend): void => parent.postMessage(message);
const dataOf = (event: unknown): unknown => (event as { data: unknown }).data;
const asPort = (port: MessagePortMain): PortLike & { close(): void } => port as unknown as PortLike & { close(): void };

let lastId = 0;
const picks = new Map<number, (path: string | null) => void>();
const workers = new Map<number, { said: (message: unknown) => void; ended: (code: number | null) => void }>();

const spawn: Outside['spawn'] = (entry, limits): Child => {
  const id = ++lastId;
  const listeners: ((message: unknown) => void)[] = [];
  const enders: ((code: number | null) => void)[] = [];
  workers.set(id, {
    said: (message) => {
      for (const listener of listeners) listener(message);
    },
    ended: (code) => {
      workers.delete(id);
      for (const ender of enders) ender(code);
    },
  });
  post({ kind: 'spawn', id, entry, limits });
  return {
    post: (message) => post({ kind: 'tell-worker', id, message }),
    onMessage: (listener) => listeners.push(listener),
    onExit: (listener) => enders.push(listener),
    kill: () => post({ kind: 'kill-worker', id }),
    pid: undefined,
  };
};

const outsideOf = (begin: Extract<ToBackend, { kind: 'begin' }>): Outside => ({
  shell: 'electron',
  storeFolder: begin.storeFolder,
  modelFolders: begin.modelFolders,
  roots: {},
  pickFolder: () =>
    new Promise((resolve) => {
      const id = ++lastId;
      picks.set(id, resolve);
      post({ kind: 'pick', id });
    }),
  now: () => new Date(),
  randomBytes: (count) => new Uint8Array(randomBytes(count)),
  spawn,
  log,
});

let backend: Backend | null = null;
parent.on('message', ({ data, ports }) => {
  const message = data as ToBackend;
  const [port] = ports;
  switch (message.kind) {
    case 'begin':
      try {
        const outside = outsideOf(message);
        backend = createBackend(outside);
        post({ kind: 'ready' });
        if (message.demonstration) void ensureDemonstration(backend.domains, outside, log);
      } catch (error) {
        post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
      }
      break;
    case 'line':
      if (!port || !backend) return port?.close();
      serve(workstation, backend.handlers, portLine(asPort(port), dataOf), {
        onInternal: (method, error) => log.error('a call failed', error, { method }),
      });
      break;
    case 'media':
      if (!port || !backend) return port?.close();
      answerOverPort(asPort(port), backend.media, dataOf);
      break;
    case 'picked':
      picks.get(message.id)?.(message.path);
      picks.delete(message.id);
      break;
    case 'worker-said':
      workers.get(message.id)?.said(message.message);
      break;
    case 'worker-ended':
      workers.get(message.id)?.ended(message.code);
      break;
    case 'close':
      void (backend?.close() ?? Promise.resolve()).finally(() => {
        post({ kind: 'closed' });
        process.exit(0);
      });
      break;
  }
});
