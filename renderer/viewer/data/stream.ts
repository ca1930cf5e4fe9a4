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
    const reader = answer.body.getReader();
    let at = 0;
    let filled = 0;
    let buffer: Uint8Array<ArrayBuffer> | null = null;
    let begun = performance.now();
    for (;;) {
      if (performance.now() - begun > TURN_MS) {
        await turn();
        begun = performance.now();
      }
      const { done, value } = await reader.read();
      if (done) break;
      alive();
      let offset = 0;
      while (offset < value.length) {
        const frame = frames[at];
        if (frame === undefined) throw new Error('More pixels came than the series has.');
        buffer ??= new Uint8Array(frame.byteLength);
        const count = Math.min(value.length - offset, frame.byteLength - filled);
        buffer.set(value.subarray(offset, offset + count), filled);
        filled += count;
        offset += count;
        if (filled === frame.byteLength) {
          const seen = take(frame, pixelsOf(frame, buffer.buffer));
          if (seen !== undefined) {
            await seen;
            begun = performance.now();
          }
          buffer = null;
          filled = 0;
          at++;
        }
      }
    }
    if (at < frames.length) throw new Error('The pixels ended before the last image.');
  } catch (error) {
    if (silence.signal.aborted && !signal.aborted) throw new Error(`No pixels came for ${SILENCE_MS / 1000} seconds.`);
    throw error;
  } finally {
    clearTimeout(timer);
  }
};
