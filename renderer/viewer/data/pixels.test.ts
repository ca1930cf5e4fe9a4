import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Frame } from '../../../preload/contract/index.ts';
import { pixelsOf, robustRange } from './pixels.ts';
import { SeriesChanged, streamFrames } from './stream.ts';

const frame = (index: number, format: Frame['format'], byteLength: number): Frame => ({
  index,
  instanceUid: `1.2.${index}`,
  frameNumber: 1,
  rows: 2,
  columns: 3,
  format,
  byteOffset: 0,
  byteLength,
  positionMm: null,
  rowDirection: null,
  columnDirection: null,
  calibration: { kind: 'unknown', reason: 'a test' },
  slope: 1,
  intercept: 0,
  unit: '',
  windows: [],
  range: null,
  inverted: false,
});

/** Answers every fetch with these bytes, a few at a time. */
const serve = (
  t: { after(fn: () => void): void },
  bytes: Uint8Array<ArrayBuffer>,
  chunk: number,
  status = 200,
  type?: 'bytes',
): void => {
  const before = globalThis.fetch;
  globalThis.fetch = async () => {
    let at = 0;
    const pull = (controller: ReadableByteStreamController | ReadableStreamDefaultController): void => {
      if (at < bytes.length) {
        controller.enqueue(bytes.slice(at, at + chunk));
        at += chunk;
        return;
      }
      controller.close();
      if ('byobRequest' in controller) controller.byobRequest?.respond(0);
    };
    const body = type === 'bytes' ? new ReadableStream({ type, pull }) : new ReadableStream({ pull });
    return new Response(body, { status });
  };
  t.after(() => {
    globalThis.fetch = before;
  });
};

test('frames are put together whatever the chunks, whatever the width, pad bytes left out', async (t) => {
  // int16 -1..4 with two pad bytes, then uint8 with none: an odd chunk crosses both.
  const bytes = new Uint8Array([...new Uint8Array(Int16Array.of(-1, 0, 1, 2, 3, 4).buffer), 9, 9, 5, 6, 7, 8, 9, 10]);
  for (const [chunk, type] of [1, 5, 64].flatMap((size) => [[size, undefined] as const, [size, 'bytes'] as const])) {
    serve(t, bytes, chunk, 200, type);
    const taken: number[][] = [];
    await streamFrames(
      'x',
      [frame(0, 'int16', 14), frame(1, 'uint8', 6)],
      (_, pixels) => void taken.push([...pixels]),
      new AbortController().signal,
    );
    assert.deepEqual(taken, [
      [-1, 0, 1, 2, 3, 4],
      [5, 6, 7, 8, 9, 10],
    ]);
  }
});

test('an answer that is too short, too long or of another series is not taken for the images', async (t) => {
  const take = (): void => {};
  const { signal } = new AbortController();
  for (const type of [undefined, 'bytes'] as const) {
    serve(t, new Uint8Array(5), 5, 200, type);
    await assert.rejects(streamFrames('x', [frame(0, 'uint8', 6)], take, signal), /ended before/);
    serve(t, new Uint8Array(7), 7, 200, type);
    await assert.rejects(streamFrames('x', [frame(0, 'uint8', 6)], take, signal), /More pixels/);
  }
  serve(t, new Uint8Array(6), 6, 409);
  await assert.rejects(streamFrames('x', [frame(0, 'uint8', 6)], take, signal), SeriesChanged);
  serve(t, new TextEncoder().encode('Source missing'), 64, 410);
  await assert.rejects(streamFrames('x', [frame(0, 'uint8', 6)], take, signal), /Source missing/);
});

test('the range leaves out a few extreme values and is never empty', () => {
  const values = Int16Array.from({ length: 1000 }, (_, n) => n);
  values[0] = -32768;
  values[999] = 32767;
  const [low, high] = robustRange(values);
  assert.ok(low >= 0 && low < 10 && high > 990 && high < 1000, `${low} to ${high}`);
  assert.deepEqual(robustRange(new Uint8Array(10).fill(7)), [7, 8]);
  assert.deepEqual(robustRange(Int16Array.of(-2000, -2000, -2000, 5, 9), [-2000, -1999]), [5, 9]);
  assert.deepEqual(robustRange(Int16Array.of(-2000), [-2000, -2000]), [0, 1]);
});

test('a colour frame has three values a pixel', () => {
  assert.equal(pixelsOf({ rows: 2, columns: 3, format: 'rgb8' }, new ArrayBuffer(18)).length, 18);
});

test('the range of whole numbers is counted as it would be sorted', () => {
  const sorted = (pixels: Int16Array, padding?: readonly [number, number]): number[] => {
    const left = [...pixels]
      .filter((value) => !padding || value < padding[0] || value > padding[1])
      .sort((a, b) => a - b);
    const last = left.length - 1;
    return [left[Math.floor(last * 0.005)] ?? 0, left[Math.ceil(last * 0.995)] ?? 1];
  };
  let seed = 7;
  const random = (): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  for (const size of [2, 50, 5000]) {
    const pixels = Int16Array.from({ length: size }, () => (random() - 0.4) * 4000 * random());
    assert.deepEqual(robustRange(pixels), sorted(pixels), `${size}`);
    if (size > 2) assert.deepEqual(robustRange(pixels, [-100, 0]), sorted(pixels, [-100, 0]), `${size} without fill`);
  }
  assert.deepEqual(robustRange(Int16Array.of(5, 5, 5)), [5, 6]);
  assert.deepEqual(robustRange(Uint8Array.of(0, 0), [0, 0]), [0, 1]);
});
