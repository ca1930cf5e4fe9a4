import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Larger bodies are cut off; the upload itself has tighter bounds of its own. */
const MOST_BODY_BYTES = 16 * 1024 ** 3;

/** Node's request as the web's, aborted when the other end goes away. */
export const toRequest = (incoming: IncomingMessage, origin: string): { request: Request; end: () => void } => {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  incoming.once('error', abort);
  incoming.socket.once('close', abort);
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    // A cookie is the host's business, not a domain's.
    if (name !== 'cookie') for (const value of values ?? []) headers.append(name, value);
  }
  const hasBody = incoming.method === 'PUT' || incoming.method === 'POST';
  let bytes = 0;
  const bounded = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      bytes += chunk.length;
      done(bytes > MOST_BODY_BYTES ? new Error('the body is too large') : null, chunk);
    },
  });
  if (hasBody) {
    // Whoever has enough of the body leaves it and lets the connection be: readAway sees to the rest.
    incoming.pipe(bounded);
    bounded.on('error', () => {});
    incoming.once('close', () => {
      if (!incoming.complete) bounded.destroy(Object.assign(new Error('the body broke off'), { code: 'ECONNRESET' }));
    });
  }
  const init: RequestInit & { duplex?: 'half' } = {
    method: incoming.method ?? 'GET',
    headers,
    signal: controller.signal,
    ...(hasBody ? { body: Readable.toWeb(bounded) as unknown as BodyInit, duplex: 'half' as const } : {}),
  };
  return {
    request: new Request(new URL(incoming.url ?? '/', origin), init),
    end: () => incoming.socket.off('close', abort),
  };
};

const MOST_AWAY_BYTES = 64 * 2 ** 20;
const MOST_AWAY_MS = 30_000;

/**
 * What is left of a body after the answer: read and forgotten, since a browser sends all before it listens, and what it
 * asks next comes over the same connection. Where much is left the connection is cut.
 */
export const readAway = (incoming: IncomingMessage): void => {
  if (incoming.complete || incoming.destroyed) return;
  const { socket } = incoming;
  const cut = (): void => void socket.destroy();
  const limit = setTimeout(cut, MOST_AWAY_MS);
  let bytes = 0;
  incoming.unpipe();
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MOST_AWAY_BYTES) cut();
  });
  const done = (): void => {
    clearTimeout(limit);
    socket.off('close', done);
  };
  incoming.once('close', done);
  socket.once('close', done);
  incoming.resume();
};

/** The web's response through Node's, at the pace of the other end. */
export const sendResponse = async (response: Response, outgoing: ServerResponse, head: boolean): Promise<void> => {
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) outgoing.setHeader(name, value);
  // Where the other end went while the answer was made, a pipeline would not begin, and leave the body to nobody.
  if (head || !response.body || outgoing.destroyed) {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  const source = Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]);
  // What goes wrong is told by the pipeline; heard here too, since an error that nobody hears ends the process.
  source.on('error', () => {});
  try {
    await pipeline(source, outgoing);
  } finally {
    source.destroy();
  }
};
