import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { answerOverPort, askOverPort } from './media-port.ts';

const over = (media: (request: Request) => Promise<Response>, request: Request): Promise<Response> => {
  const { port1, port2 } = new MessageChannel();
  answerOverPort(port1, media);
  return askOverPort(port2, request);
};
const URL_OF = 'app://sightline/media/pixels/s/t/0-1';
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe('media over a port', () => {
  it('carries status, headers and every byte in order', async () => {
    const bytes = Uint8Array.from({ length: 500_000 }, (_, i) => i % 251);
    const answer = await over(
      async (request) => {
        assert.equal(request.url, URL_OF);
        assert.equal(request.headers.get('x-a'), 'b');
        let at = 0;
        const stream = new ReadableStream<Uint8Array>({
          pull: (controller) => {
            if (at >= bytes.length) return controller.close();
            controller.enqueue(bytes.slice(at, at + 64_000));
            at += 64_000;
          },
        });
        return new Response(stream, { status: 206, headers: { 'x-c': 'd' } });
      },
      new Request(URL_OF, { headers: { 'x-a': 'b' } }),
    );
    assert.deepEqual([answer.status, answer.headers.get('x-c')], [206, 'd']);
    assert.deepEqual(new Uint8Array(await answer.arrayBuffer()), bytes);
  });

  it('answers without a body, and with an empty one', async () => {
    assert.equal((await over(async () => new Response(null, { status: 204 }), new Request(URL_OF))).status, 204);
    const empty = await over(async () => new Response(null, { status: 404 }), new Request(URL_OF));
    assert.deepEqual([empty.status, await empty.text()], [404, '']);
  });

  it('takes an upload in pieces', async () => {
    const sent = Uint8Array.from({ length: 300_000 }, (_, i) => i % 7);
    const init: RequestInit & { duplex: 'half' } = { method: 'PUT', body: sent, duplex: 'half' };
    const answer = await over(
      async (request) => new Response(String(new Uint8Array(await request.arrayBuffer()).reduce((a, b) => a + b, 0))),
      new Request(URL_OF, init),
    );
    assert.equal(await answer.text(), String(sent.reduce((a, b) => a + b, 0)));
  });

  it('reads no further than is asked for, and stops when the page turns away', async () => {
    let pulled = 0;
    let cancelled = false;
    const answer = await over(
      async () =>
        new Response(
          new ReadableStream<Uint8Array>(
            {
              pull: (controller) => {
                pulled += 1;
                controller.enqueue(new Uint8Array(1000));
              },
              cancel: () => {
                cancelled = true;
              },
            },
            { highWaterMark: 0 },
          ),
        ),
      new Request(URL_OF),
    );
    await turn();
    assert.ok(pulled <= 2, `${pulled} pieces were read before any was wanted`);
    await answer.body?.cancel();
    await turn();
    assert.ok(cancelled);
  });

  it('says so when an answer breaks off, before it and in the middle of it', async () => {
    await assert.rejects(
      over(async () => {
        throw new Error('no');
      }, new Request(URL_OF)),
    );
    const answer = await over(
      async () =>
        new Response(
          new ReadableStream<Uint8Array>({
            start: (controller) => controller.enqueue(new Uint8Array(10)),
            pull: (controller) => controller.error(new Error('disk gone')),
          }),
        ),
      new Request(URL_OF),
    );
    await assert.rejects(answer.arrayBuffer());
  });

  it('tells the backend when the request is aborted', async () => {
    const controller = new AbortController();
    let aborted = false;
    const waiting = over(
      (request) =>
        new Promise(() => {
          request.signal.addEventListener('abort', () => {
            aborted = true;
          });
        }),
      new Request(URL_OF, { signal: controller.signal }),
    );
    await turn();
    controller.abort();
    await assert.rejects(waiting);
    await turn();
    assert.ok(aborted);
  });

  it('answers an upload that is refused in the middle of it', async () => {
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        await turn();
        if (sent++ < 4) controller.enqueue(new Uint8Array(1000));
        else controller.close();
      },
    });
    const init: RequestInit & { duplex: 'half' } = { method: 'PUT', body, duplex: 'half' };
    const answer = await over(async (request) => {
      const reader = request.body?.getReader();
      await reader?.read();
      await reader?.cancel();
      return new Response('too large', { status: 422 });
    }, new Request(URL_OF, init));
    // The piece that was on its way when it was refused arrives before the answer is read.
    await turn();
    await turn();
    assert.ok(sent >= 2);
    assert.deepEqual([answer.status, await answer.text()], [422, 'too large']);
  });

  it('cancels an answer whose page went away before it was made', async () => {
    const controller = new AbortController();
    const { port1, port2 } = new MessageChannel();
    const gone = new Promise((resolve) => port1.once('close', () => resolve(null)));
    let cancelled = false;
    answerOverPort(port1, async () => {
      await gone;
      return new Response(
        new ReadableStream({
          pull: (given) => given.enqueue(new Uint8Array(10)),
          cancel: () => {
            cancelled = true;
          },
        }),
      );
    });
    const waiting = askOverPort(port2, new Request(URL_OF, { signal: controller.signal }));
    await turn();
    controller.abort();
    await assert.rejects(waiting);
    await gone;
    await turn();
    assert.ok(cancelled);
  });
});
