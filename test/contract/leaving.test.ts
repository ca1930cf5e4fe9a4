import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Host } from '../../main/host/index.ts';
import { Fault } from '../../preload/contract/index.ts';
import { LINE_PATH, MEDIA_BASE } from '../../preload/contract/shell.ts';
import { hostWith, sessionOf } from './bindings.ts';
import { scripted } from './handlers.ts';

/** As pixels are sent: made after a while, piece by piece, and failing where the other end has gone. */
const media = async (request: Request): Promise<Response> => {
  await wait(8);
  let pieces = 0;
  return new Response(
    new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        await wait(2);
        if (request.signal.aborted) controller.error(new Fault('cancelled', 'Cancelled.'));
        else if (pieces++ < 8) controller.enqueue(new Uint8Array(64 * 1024));
        else controller.close();
      },
    }),
  );
};

let host: Host;
let close = async (): Promise<void> => {};
let cookie = '';
before(async () => {
  ({ host, close } = await hostWith(scripted().handlers, media));
  cookie = await sessionOf(host);
});
after(() => close());

/** Asks and is gone after `ms`, with a reset or in good order. */
const askAndLeave = (lines: string, end: string, ms: number, reset: boolean): Promise<void> =>
  new Promise((done) => {
    const socket = connect(host.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('data', () => {});
    socket.on('close', () => done());
    const own = `127.0.0.1:${host.port}`;
    socket.write(`${lines}Host: ${own}\r\nOrigin: http://${own}\r\nCookie: ${cookie}\r\n${end}`);
    setTimeout(() => (reset ? socket.resetAndDestroy() : socket.destroy()), ms);
  });

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

for (const [what, lines] of [
  ['the pixels', `GET ${MEDIA_BASE}pixels/a HTTP/1.1\r\n`],
  ['an upload', `PUT ${MEDIA_BASE}upload/a HTTP/1.1\r\nContent-Length: 100000\r\n`],
  ['a line', `GET ${LINE_PATH} HTTP/1.1\r\n${UPGRADE}${KEY}`],
  ['a line that is refused', `GET /nothing HTTP/1.1\r\n${UPGRADE}${KEY}`],
] as const) {
  test(`whoever asks for ${what} may go at any moment`, async () => {
    let asked = 0;
    await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        for (let i = 0; i < 12; i++) {
          // One head in four is never complete.
          await askAndLeave(lines, i % 4 === 0 ? '' : '\r\n', (n * 12 + i) % 30, i % 3 !== 0);
          asked++;
        }
      }),
    );
    assert.equal(asked, 240);
    const answer = await fetch(`http://127.0.0.1:${host.port}${MEDIA_BASE}pixels/a`, { headers: { cookie } });
    assert.equal((await answer.arrayBuffer()).byteLength, 8 * 64 * 1024);
  });
}
