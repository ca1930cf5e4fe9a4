/** What a window sends and the host does not want: the answer is heard all the same, and nothing is read without end. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Host, startHost } from '../../main/host/index.ts';
import { createMedia } from '../../main/media.ts';
import { media } from '../../preload/contract/index.ts';
import { MEDIA_BASE } from '../../preload/contract/shell.ts';
import { sessionOf, silent } from './bindings.ts';
import { scripted } from './handlers.ts';

const MIB = 2 ** 20;
const ADDRESS = MEDIA_BASE + media.upload('u', 0);
const LIMIT = { timeout: 30_000 };

interface Sent {
  /** Statuses of the answers, in their order. */
  readonly statuses: string[];
  readonly bytes: number;
  readonly closed: boolean;
}

/** Sends requests over one connection, the next when the one before is answered and all of it was taken. */
const send = (port: number, requests: readonly { head: string; bytes: number }[]): Promise<Sent> =>
  new Promise((resolve) => {
    const socket: Socket = connect(port, '127.0.0.1');
    const piece = Buffer.alloc(64 * 1024, 'x');
    let heard = '';
    let bytes = 0;
    let at = -1;
    let left = 0;
    let closed = false;
    const statuses = (): string[] => [...heard.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status ?? '');
    const end = (): void => {
      resolve({ statuses: statuses(), bytes, closed });
      socket.destroy();
    };
    const next = (): void => {
      if (closed || left > 0 || statuses().length <= at) return;
      const request = requests[++at];
      if (!request) return end();
      left = request.bytes;
      socket.write(request.head);
      pump();
    };
    const pump = (): void => {
      while (left > 0 && !closed) {
        const own = piece.subarray(0, Math.min(piece.length, left));
        left -= own.length;
        bytes += own.length;
        if (!socket.write(own)) return void socket.once('drain', pump);
      }
      next();
    };
    socket.on('connect', next);
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      next();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      closed = true;
      end();
    });
  });

describe('a body that is refused', () => {
  let host: Host;
  let folder = '';
  let cookie = '';
  /** What the backend does with a body. */
  let answer: (request: Request) => Promise<Response>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sightline-window-'));
    host = await startHost({ port: 0, page: folder, log: silent });
    host.ready({ handlers: scripted().handlers, media: createMedia([(request) => answer(request)], silent) });
    cookie = await sessionOf(host);
  });
  after(async () => {
    await host.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const put = (bytes: number, path = ADDRESS, session = cookie) => ({
    bytes,
    head: [
      `PUT ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${host.port}`,
      `Origin: http://127.0.0.1:${host.port}`,
      `Cookie: ${session}`,
      `Content-Length: ${bytes}\r\n\r\n`,
    ].join('\r\n'),
  });
  const refused = (): Response => new Response('no', { status: 422 });

  it('is read away: its sender hears why, and what comes next over the connection is answered', LIMIT, async () => {
    answer = async () => refused();
    const sent = await send(host.port, [put(24 * MIB), put(24 * MIB), put(3)]);
    assert.deepEqual(sent.statuses, ['422', '422', '422']);
    assert.equal(sent.closed, false);
  });

  it('is read away where some of it was wanted', LIMIT, async () => {
    answer = async (request) => {
      const reader = request.body?.getReader();
      await reader?.read();
      await reader?.cancel();
      return refused();
    };
    const sent = await send(host.port, [put(24 * MIB), put(3)]);
    assert.deepEqual(sent.statuses, ['422', '422']);
    assert.equal(sent.closed, false);
  });

  it('is read away at an address that takes none', LIMIT, async () => {
    const sent = await send(host.port, [put(24 * MIB, '/nothing'), put(3, '/nothing')]);
    assert.deepEqual(sent.statuses, ['405', '405']);
  });

  it('is not read without end: the connection is cut', LIMIT, async () => {
    answer = async () => refused();
    for (const path of [ADDRESS, '/nothing']) {
      const sent = await send(host.port, [put(4096 * MIB, path)]);
      assert.ok(sent.closed && sent.bytes < 256 * MIB, `${path}: ${sent.bytes / MIB} MiB`);
    }
  });

  it('is not read at all without a session', LIMIT, async () => {
    const sent = await send(host.port, [put(4096 * MIB, ADDRESS, 'none')]);
    assert.ok(sent.closed && sent.bytes < 64 * MIB, `${sent.bytes / MIB} MiB`);
  });

  it('is taken whole where it is wanted', LIMIT, async () => {
    let bytes = 0;
    answer = async (request) => {
      for await (const chunk of request.body ?? []) bytes += chunk.length;
      return new Response('ok');
    };
    const sent = await send(host.port, [put(40 * MIB), put(5)]);
    assert.deepEqual(sent.statuses, ['200', '200']);
    assert.equal(bytes, 40 * MIB + 5);
  });
});
