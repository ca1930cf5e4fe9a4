import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { Fault, serve, workstation } from '../../preload/contract/index.ts';
import { LINE_PATH, MEDIA_BASE, SESSION_PATH, START_PATH } from '../../preload/contract/shell.ts';
import type { Backend } from '../backend.ts';
import type { Log } from '../outside.ts';
import { COMMON_HEADERS, createPage } from '../page.ts';
import { createAccess } from './access.ts';
import { readAway, sendResponse, toRequest } from './bridge.ts';
import { refusal } from './law.ts';
import { isOtherUser } from './peer.ts';
import { MOST_MESSAGE_BYTES, socketLine } from './socket.ts';

const MOST_CONNECTIONS = 256;
const MOST_LINES = 16;
const MOST_TOKEN_BYTES = 1024;

/** The path of the request; what cannot be read is no path of ours. */
const pathOf = (incoming: IncomingMessage): string => {
  const url = URL.parse(incoming.url ?? '/', 'http://127.0.0.1');
  return url?.host === '127.0.0.1' ? url.pathname : '/-';
};

export type Progress =
  | { readonly state: 'building'; readonly step: string }
  | { readonly state: 'ready' }
  | { readonly state: 'failed'; readonly step: string };

export interface Host {
  readonly port: number;
  /** An address that opens the window, good for one exchange. */
  newAddress(): string;
  /** Shown by the start page until the window is there. */
  progress(progress: Exclude<Progress, { state: 'ready' }>): void;
  /** From now on the window and its backend answer. */
  ready(backend: Pick<Backend, 'handlers' | 'media'>): void;
  close(): Promise<void>;
}

/** Serves the window on 127.0.0.1 and nowhere else. Starts before the backend and the window's files are there. */
export const startHost = async (options: { port: number; page: string; log: Log }): Promise<Host> => {
  const server = createServer({ requestTimeout: 3_600_000, headersTimeout: 10_000, maxHeaderSize: 16_384 });
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = 300_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE' || error.code === 'EACCES';
      reject(taken ? new Fault('refused', `Port ${options.port} is not free. Name another with --port.`) : error);
    });
    server.listen(options.port, '127.0.0.1', () => resolve());
  });
  const { port } = server.address() as AddressInfo;
  const access = createAccess(port, Date.now);
  const sockets = [`ws://127.0.0.1:${port}`, `ws://localhost:${port}`];
  const page = createPage(options.page, sockets);
  const startPage = createPage(fileURLToPath(new URL('./start/', import.meta.url)), sockets);
  const lines = new WebSocketServer({ noServer: true, maxPayload: MOST_MESSAGE_BYTES, perMessageDeflate: false });
  let backend: Pick<Backend, 'handlers' | 'media'> | null = null;
  let progress: Progress = { state: 'building', step: 'Starting.' };

  const say = (outgoing: ServerResponse, status: number, text = '', headers: Record<string, string> = {}): void => {
    outgoing.writeHead(status, {
      ...COMMON_HEADERS,
      'cache-control': 'no-store',
      'content-type': 'text/plain; charset=utf-8',
      ...headers,
    });
    outgoing.end(text);
  };

  const session = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    if (incoming.method === 'GET') return say(outgoing, access.allowed(incoming.headers.cookie) ? 204 : 401);
    if (incoming.method !== 'POST') return say(outgoing, 405);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MOST_TOKEN_BYTES) return say(outgoing, 413, '', { connection: 'close' });
      chunks.push(chunk);
    }
    let token: unknown;
    try {
      token = (JSON.parse(Buffer.concat(chunks).toString('utf8')) as { token?: unknown } | null)?.token;
    } catch {
      return say(outgoing, 400);
    }
    const cookie = typeof token === 'string' ? access.exchange(token) : null;
    if (cookie === null) return say(outgoing, 401);
    say(outgoing, 204, '', { 'set-cookie': cookie });
  };

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const why = refusal(incoming, port);
    if (why !== null) {
      options.log.warn('a request was refused', { why });
      return say(outgoing, 403, '', { connection: 'close' });
    }
    const pathname = pathOf(incoming);
    const allowed = access.allowed(incoming.headers.cookie);
    const reads = incoming.method === 'GET' || incoming.method === 'HEAD';
    const head = incoming.method === 'HEAD';
    if (pathname === SESSION_PATH) return session(incoming, outgoing);
    // Without a session there is this one page, which has nothing in it but the exchange.
    const ready = progress.state === 'ready' && backend !== null;
    if (reads && (pathname.startsWith('/start/') || (pathname === '/' && !(allowed && ready)))) {
      const found = await startPage(pathname === '/' ? '/' : pathname.slice('/start'.length));
      if (!found) return say(outgoing, 404);
      found.headers.set('cache-control', 'no-store');
      return sendResponse(found, outgoing, head);
    }
    if (!allowed) return say(outgoing, 401, '', { connection: 'close' });
    if (pathname === START_PATH && reads) {
      return say(outgoing, 200, JSON.stringify(progress), { 'content-type': 'application/json' });
    }
    if (!backend) return say(outgoing, 503);
    if (pathname.startsWith(MEDIA_BASE)) {
      if (!reads && incoming.method !== 'PUT') return say(outgoing, 405);
      const { request, end } = toRequest(incoming, `http://127.0.0.1:${port}`);
      try {
        return await sendResponse(await backend.media(request), outgoing, head);
      } finally {
        end();
      }
    }
    if (!reads) return say(outgoing, 405);
    const file = await page(pathname);
    return file ? sendResponse(file, outgoing, head) : say(outgoing, 404);
  };

  server.on('connection', (socket) => {
    if (isOtherUser(socket.remotePort, port)) {
      options.log.warn('a connection of another user was refused');
      socket.destroy();
    }
  });
  server.on('request', (incoming, outgoing) => {
    // A body that nobody has begun to read Node reads away itself, however long it is.
    incoming.read(0);
    answer(incoming, outgoing)
      .catch((error: unknown) => {
        // The other end going away in the middle of an answer is no failure of ours.
        if (!outgoing.destroyed && !outgoing.headersSent) say(outgoing, 500);
        else outgoing.destroy();
        const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
        if (!['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'ABORT_ERR'].includes(code)) {
          options.log.error('a request failed', error);
        }
      })
      .finally(() => readAway(incoming));
  });
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Node takes its own ear away here: an end that goes away before it is answered would end the process.
    socket.on('error', () => socket.destroy());
    const pathname = pathOf(incoming);
    const refused =
      refusal(incoming, port) !== null
        ? '403 Forbidden'
        : !access.allowed(incoming.headers.cookie)
          ? '401 Unauthorized'
          : pathname !== LINE_PATH
            ? '404 Not Found'
            : !backend || lines.clients.size >= MOST_LINES
              ? '503 Service Unavailable'
              : null;
    if (refused) {
      socket.end(`HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    lines.handleUpgrade(incoming, socket, head, (webSocket) => {
      if (!backend) return webSocket.terminate();
      serve(workstation, backend.handlers, socketLine(webSocket), {
        onInternal: (method, error) => options.log.error('a call failed', error, { method }),
      });
    });
  });

  return {
    port,
    newAddress: () => `http://127.0.0.1:${port}/#token=${access.newToken()}`,
    progress: (next) => {
      progress = next;
    },
    ready: (given) => {
      backend = given;
      progress = { state: 'ready' };
    },
    close: async () => {
      for (const client of lines.clients) client.terminate();
      lines.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
};
