import { media, type SeriesImages } from '../../../preload/contract/index.ts';
import { wordsOf } from '../../session/index.ts';
import { frameBytes, type PixelArray } from './pixels.ts';
import { drawnOnce, SeriesChanged, streamFrames } from './stream.ts';

/** Frames kept on each side of the one looked at, where a series is too large to hold. */
const REACH = 96;
const ATTEMPTS = 3;
const TELL_MS = 250;

/**
 * The pixels of one series: one stream that begins at the frame looked at and fills every hole. Frames are plain arrays
 * outside reactivity; version says that some have come.
 */
export class SeriesPixels {
  readonly images: SeriesImages;
  readonly totalBytes: number;
  /** False where the series does not fit in memory: frames come and go around the one looked at, and there are no planes. */
  whole = $state(true);
  /** The machine gave less memory than the series needs, though it is not larger than what is held otherwise. */
  short = $state(false);
  readonly frames: (PixelArray | null)[];
  version = $state(0);
  arrived = 0;
  trouble = $state<string | null>(null);
  /** The series has become another: open it again. */
  stale = $state(false);
  readonly complete = $derived.by(() => {
    void this.version;
    return this.arrived === this.frames.length;
  });
  readonly #mediaUrl: (address: string) => string;
  #wanted = 0;
  #running: AbortController | null = null;
  #streamAt = 0;
  #closed = false;
  #told = false;

  constructor(images: SeriesImages, mediaUrl: (address: string) => string, budgetBytes: number) {
    this.images = images;
    this.#mediaUrl = mediaUrl;
    this.totalBytes = images.frames.reduce((sum, frame) => sum + frameBytes(frame), 0);
    this.whole = this.totalBytes <= budgetBytes;
    this.frames = new Array(images.frames.length).fill(null);
  }

  /** A frame that was there before the others were asked for. */
  put(index: number, pixels: PixelArray): void {
    if (this.frames[index] === null) this.arrived++;
    this.frames[index] = pixels;
    this.version++;
  }

  /** The frame that is to be seen next: it and what follows come first. */
  want(index: number): void {
    this.#wanted = index;
    if (this.#closed || this.trouble !== null) return;
    if (!this.whole) this.#letGo();
    const near = index >= this.#streamAt && index < this.#streamAt + 8;
    if (this.#running !== null && (this.frames[index] !== null || near)) return;
    this.#running?.abort();
    // What is to be seen is here already: asking for the others does not hold up its picture.
    void this.#fill(this.frames[index] === null ? undefined : drawnOnce());
  }

  retry(): void {
    this.trouble = null;
    void this.#fill();
  }

  rest(): void {
    this.#running?.abort();
    this.#running = null;
  }

  close(): void {
    this.#closed = true;
    this.rest();
  }

  /** Runs [from, to) of frames that have come, for the scroll bar. */
  runs(): { from: number; to: number }[] {
    const runs: { from: number; to: number }[] = [];
    for (let index = 0; index < this.frames.length; index++) {
      if (this.frames[index] === null) continue;
      const last = runs.at(-1);
      if (last?.to === index) last.to = index + 1;
      else runs.push({ from: index, to: index + 1 });
    }
    return runs;
  }

  #hole(): { from: number; to: number } | null {
    const count = this.frames.length;
    const first = this.whole ? 0 : Math.max(0, this.#wanted - REACH);
    const end = this.whole ? count : Math.min(count, this.#wanted + REACH);
    const empty = (index: number): boolean => this.frames[index] === null;
    let from = -1;
    for (let index = Math.max(first, this.#wanted); index < end && from < 0; index++) if (empty(index)) from = index;
    for (let index = first; index < end && from < 0; index++) if (empty(index)) from = index;
    if (from < 0) return null;
    let to = from;
    while (to < end && empty(to)) to++;
    return { from, to };
  }

  async #fill(after?: Promise<void>): Promise<void> {
    const running = new AbortController();
    this.#running = running;
    await after;
    let attempts = 0;
    try {
      for (let hole = this.#hole(); hole !== null && !running.signal.aborted; hole = this.#hole()) {
        const before = this.arrived;
        this.#streamAt = hole.from;
        const address = media.pixels(this.images.seriesId, this.images.pixelTag, hole.from, hole.to);
        try {
          await streamFrames(
            this.#mediaUrl(address),
            this.images.frames.slice(hole.from, hole.to),
            (frame, pixels) => {
              if (this.frames[frame.index] === null) this.arrived++;
              this.frames[frame.index] = pixels;
              this.#streamAt = frame.index + 1;
              if (frame.index !== this.#wanted && this.arrived < this.frames.length) return this.#tell();
              this.version++;
              // It is waited for: seen before more is read.
              return drawnOnce();
            },
            running.signal,
          );
          attempts = 0;
        } catch (error) {
          if (running.signal.aborted) return;
          if (error instanceof SeriesChanged) {
            this.stale = true;
            return;
          }
          // What the browser throws where there is no memory left.
          if (error instanceof RangeError && this.whole) {
            this.whole = false;
            this.short = true;
            this.#letGo();
            continue;
          }
          attempts = this.arrived > before ? 1 : attempts + 1;
          if (attempts >= ATTEMPTS) throw error;
          await new Promise((resolve) => setTimeout(resolve, 400 * attempts));
        }
      }
    } catch (error) {
      this.trouble =
        error instanceof RangeError ? 'This machine has too little memory for these images.' : wordsOf(error);
    } finally {
      if (this.#running === running) this.#running = null;
    }
  }

  #letGo(): void {
    for (let index = 0; index < this.frames.length; index++) {
      if (this.frames[index] !== null && Math.abs(index - this.#wanted) > 2 * REACH) {
        this.frames[index] = null;
        this.arrived--;
      }
    }
  }

  /** What is not waited for is told now and then: each telling draws the window anew. */
  #tell(): void {
    if (this.#told) return;
    this.#told = true;
    setTimeout(() => {
      this.#told = false;
      this.version++;
    }, TELL_MS);
  }
}
