/**
 * A media request over a message port, piece by piece in both directions: Electron's ports copy what they carry, and a
 * series of a gigabyte must not be in memory twice. One port a request; the asking side wants pieces one at a time.
 */
import type { PortLike } from './port-line.ts';

export interface MediaAsk {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly hasBody: boolean;
}
type ToAnswerer =
  | { readonly kind: 'ask'; readonly ask: MediaAsk }
  | { readonly kind: 'more' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'body-end' };
type ToAsker =
  | { readonly kind: 'head'; readonly status: number; readonly headers: readonly (readonly [string, string])[] }
  | { readonly kind: 'piece'; readonly bytes: Uint8Array }
  | { readonly kind: 'body-more' }
  | { readonly kind: 'end' }
  | { readonly kind: 'broken' };

type Port = PortLike & { close(): void };
type Read = (message: unknown) => unknown;
const plain: Read = (message) => message;

/** The page's side: the request goes out, the response streams in. */
export const askOverPort = (port: Port, request: Request, read: Read = plain): Promise<Response> =>
  new Promise((resolve, reject) => {
    const post = (message: ToAnswerer): void => port.postMessage(message);
    let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
    let done = false;
    const body = request.body?.getReader() ?? null;
    const end = (): void => {
      done = true;
      port.close();
    };
    const broken = (): void => {
      if (done) return;
      end();
      const error = new Error('the answer broke off');
      if (controller) controller.error(error);
      else reject(error);
    };
    const sendBody = async (): Promise<void> => {
      try {
        const piece = await body?.read();
        post(piece && !piece.done ? { kind: 'body', bytes: piece.value } : { kind: 'body-end' });
      } catch {
        post({ kind: 'stop' });
        broken();
      }
    };
    port.on('message', (raw) => {
      if (done) return;
      const message = read(raw) as ToAsker;
      if (message.kind === 'head') {
        const stream = new ReadableStream<Uint8Array>(
          {
            start: (given) => {
              controller = given;
            },
            pull: () => post({ kind: 'more' }),
            cancel: () => {
              post({ kind: 'stop' });
              end();
            },
          },
          { highWaterMark: 1 },
        );
        const without = [204, 205, 304].includes(message.status);
        resolve(
          new Response(without ? null : stream, {
            status: message.status,
            headers: message.headers.map(([name, value]) => [name, value] as [string, string]),
          }),
        );
        if (without) end();
      } else if (message.kind === 'piece') controller?.enqueue(message.bytes);
      else if (message.kind === 'body-more') void sendBody();
      else if (message.kind === 'end') {
        controller?.close();
        end();
      } else broken();
    });
    port.on('close', broken);
    request.signal.addEventListener('abort', () => {
      if (done) return;
      post({ kind: 'stop' });
      broken();
    });
    port.start();
    post({
      kind: 'ask',
      ask: { url: request.url, method: request.method, headers: [...request.headers], hasBody: body !== null },
    });
  });

/** The backend's side: answers what comes over the port. */
export const answerOverPort = (
  port: Port,
  media: (request: Request) => Promise<Response>,
  read: Read = plain,
): void => {
  const post = (message: ToAsker): void => port.postMessage(message);
  const abort = new AbortController();
  let reader: ReadableStreamDefaultReader<Uint8Array> | null = null;
  let incoming: ReadableStreamDefaultController<Uint8Array> | null = null;
  const stop = (): void => {
    abort.abort();
    reader?.cancel().catch(() => {});
    incoming?.error(new Error('the request broke off'));
    incoming = null;
  };
  const more = async (): Promise<void> => {
    try {
      const piece = await reader?.read();
      post(piece && !piece.done ? { kind: 'piece', bytes: piece.value } : { kind: 'end' });
    } catch {
      post({ kind: 'broken' });
    }
  };
  const answer = async (ask: MediaAsk): Promise<void> => {
    const body = ask.hasBody
      ? new ReadableStream<Uint8Array>(
          {
            start: (given) => {
              incoming = given;
            },
            pull: () => post({ kind: 'body-more' }),
            // A piece that is on its way to who wants no more is not put into a stream that has ended.
            cancel: () => {
              incoming = null;
            },
          },
          { highWaterMark: 1 },
        )
      : null;
    const init: RequestInit & { duplex?: 'half' } = {
      method: ask.method,
      headers: ask.headers.map(([name, value]) => [name, value] as [string, string]),
      signal: abort.signal,
      ...(body ? { body, duplex: 'half' as const } : {}),
    };
    try {
      const response = await media(new Request(ask.url, init));
      // Who asked went while it was made: nobody will read it.
      if (abort.signal.aborted) return await response.body?.cancel();
      reader = response.body?.getReader() ?? null;
      post({ kind: 'head', status: response.status, headers: [...response.headers] });
    } catch {
      post({ kind: 'broken' });
    }
  };
  port.on('message', (raw) => {
    const message = read(raw) as ToAnswerer;
    if (message.kind === 'ask') void answer(message.ask);
    else if (message.kind === 'more') void more();
    else if (message.kind === 'body') incoming?.enqueue(message.bytes);
    else if (message.kind === 'body-end') {
      incoming?.close();
      // A second piece may have been wanted before the first said that there is none.
      incoming = null;
    } else stop();
  });
  port.on('close', stop);
  port.start();
};
