import type { Frame } from '../../../preload/contract/index.ts';
import { type PixelArray, pixelsOf } from './pixels.ts';

/** No byte for this long ends a load with words. */
export const SILENCE_MS = 60_000;

/** The series is no longer the one that was opened: its images must be asked for again. */
export class SeriesChanged extends Error {}

/** After the window has been drawn; a window that is not seen is not drawn, and is not waited for long. */
export const drawnOnce = (): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, 100);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      setTimeout(resolve);
    });
  });

/** So long bytes are taken without a rest; then the window has its turn. */
const TURN_MS = 24;
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Read at once at most, so that a slow source shows that it is alive. */
const MOST_AT_ONCE = 4 * 2 ** 20;

/** Fills buffers with what comes; answers how many bytes there were, fewer at the end only. */
type Fill = (byteLength: number, alive: () => void) => Promise<{ buffer: ArrayBuffer; filled: number }>;

/** Bytes straight into the buffers that are kept: a quarter quicker than to copy chunks. */
const fillByBytes = (reader: ReadableStreamBYOBReader): Fill => {
  return async (byteLength, alive) => {
    let buffer = new ArrayBuffer(byteLength);
    let filled = 0;
    while (filled < byteLength) {
      const wanted = byteLength - filled;
      const view = new Uint8Array(buffer, filled, wanted);
      const { value } = await reader.read(view, { min: Math.min(wanted, MOST_AT_ONCE) });
      if (value === undefined || value.length === 0) break;
      alive();
      buffer = value.buffer;
      filled += value.length;
    }
    return { buffer, filled };
  };
};

const fillByChunks = (reader: ReadableStreamDefaultReader<Uint8Array>): Fill => {
  let rest: Uint8Array = new Uint8Array();
  return async (byteLength, alive) => {
    const bytes = new Uint8Array(byteLength);
    let filled = 0;
    while (filled < byteLength) {
      if (rest.length === 0) {
        const { value } = await reader.read();
        if (value === undefined) break;
        alive();
        rest = value;
      }
      const count = Math.min(rest.length, byteLength - filled);
      bytes.set(rest.subarray(0, count), filled);
      rest = rest.subarray(count);
      filled += count;
    }
    return { buffer: bytes.buffer, filled };
  };
};

const fillFrom = (body: ReadableStream<Uint8Array<ArrayBuffer>>): Fill => {
  try {
    return fillByBytes(body.getReader({ mode: 'byob' }));
  } catch (error) {
    // Not every source of bytes fills buffers.
    if (!(error instanceof TypeError)) throw error;
    return fillByChunks(body.getReader());
  }
};

/**
 * Frames as their bytes come in. Each frame gets a buffer of its own, so that formats of any width are aligned and one
 * frame can be let go without the others. take: a promise is waited for before more is read.
 */
export const streamFrames = async (
  address: string,
  frames: readonly Frame[],
  take: (frame: Frame, pixels: PixelArray) => void | Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  try {
    const answer = await fetch(address, { signal: AbortSignal.any([signal, silence.signal]) });
    if (!answer.ok || answer.body === null) {
      if (answer.status === 409) throw new SeriesChanged('The series has changed since it was opened.');
      const words = (await answer.text().catch(() => '')).trim();
      throw new Error(words === '' ? `The pixels could not be read (${answer.status}).` : words);
    }
    const fill = fillFrom(answer.body);
    let begun = performance.now();
    for (const frame of frames) {
      const { buffer, filled } = await fill(frame.byteLength, alive);
      if (filled < frame.byteLength) throw new Error('The pixels ended before the last image.');
      const seen = take(frame, pixelsOf(frame, buffer));
      if (seen !== undefined) await seen;
      else if (performance.now() - begun > TURN_MS) await turn();
      else continue;
      begun = performance.now();
    }
    if ((await fill(1, alive)).filled > 0) throw new Error('More pixels came than the series has.');
  } catch (error) {
    if (silence.signal.aborted && !signal.aborted) throw new Error(`No pixels came for ${SILENCE_MS / 1000} seconds.`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
};
