import { type Frame, media, type SeriesImages } from '../../../preload/contract/index.ts';
import type { Session } from '../../session/index.ts';
import type { PixelArray } from './pixels.ts';
import { SeriesPixels } from './series-pixels.svelte.ts';
import { streamFrames } from './stream.ts';

/** All series held together. Above it the one looked at longest ago goes. */
const BUDGET_BYTES = 1.2e9;
const OPEN_TIMEOUT_MS = 60_000;
/** What was asked for ahead is believed this long; that it has changed since, the pixels' address says too. */
const AHEAD_MS = 300_000;
const MOST_AHEAD = 24;
const MOST_AHEAD_BYTES = 32e6;

/** What the images of a series are, and the one that it opens with. */
interface Ahead {
  readonly images: SeriesImages;
  readonly first: { readonly index: number; readonly pixels: PixelArray } | null;
  readonly atMs: number;
}

/** A volume opens in its middle. */
export const openingIndex = (images: SeriesImages): number =>
  images.volume.kind === 'volume' ? Math.floor(images.frames.length / 2) : 0;

/** Series by id, the last used kept for the window's life, so that a second look costs nothing. */
export class PixelStore {
  readonly #session: Session;
  readonly #held = new Map<string, SeriesPixels>();
  /** Known before a series is opened, so that its first image is there at once. */
  readonly #ahead = new Map<string, Ahead>();
  /** Series that some cell shows are never let go. */
  isShown: (seriesId: string) => boolean = () => false;

  constructor(session: Session) {
    this.#session = session;
  }

  async open(seriesId: string, signal: AbortSignal): Promise<SeriesPixels> {
    const there = this.#held.get(seriesId);
    if (there?.complete && there.trouble === null && !there.stale) {
      this.#held.delete(seriesId);
      this.#held.set(seriesId, there);
      // Shown at once; what it is now is looked at meanwhile.
      void this.#ask(seriesId, signal).then(
        (images) => (there.stale = images.pixelTag !== there.images.pixelTag),
        () => {},
      );
      return there;
    }
    const ahead = this.#known(seriesId);
    const images = ahead?.images ?? (await this.#ask(seriesId, signal));
    const held = this.#held.get(seriesId);
    this.#held.delete(seriesId);
    if (held !== undefined && held.images.pixelTag === images.pixelTag && held.trouble === null && !held.stale) {
      this.#held.set(seriesId, held);
      return held;
    }
    held?.close();
    const opened = new SeriesPixels(images, this.#session.mediaUrl, BUDGET_BYTES);
    if (ahead?.first) opened.put(ahead.first.index, ahead.first.pixels);
    this.#held.set(seriesId, opened);
    this.#makeRoom(seriesId);
    return opened;
  }

  /** Asks what the images of these series are, and for the image that each opens with, one after another. */
  async prepare(seriesIds: readonly string[], signal: AbortSignal): Promise<void> {
    let bytes = 0;
    for (const seriesId of seriesIds.slice(0, MOST_AHEAD)) {
      if (signal.aborted) return;
      if (this.#ahead.has(seriesId) || this.#held.has(seriesId)) continue;
      // Nobody waits for it: what is wrong with a series is said when it is opened.
      const images = await this.#ask(seriesId, signal).catch(() => null);
      const frame = images?.frames[images === null ? 0 : openingIndex(images)];
      if (images === null || frame === undefined) continue;
      bytes += frame.byteLength;
      const pixels = bytes > MOST_AHEAD_BYTES ? null : await this.#frame(images, frame, signal).catch(() => null);
      const first = pixels === null ? null : { index: frame.index, pixels };
      if (!this.#held.has(seriesId)) this.#ahead.set(seriesId, { images, first, atMs: performance.now() });
    }
    while (this.#ahead.size > MOST_AHEAD) this.#ahead.delete(this.#ahead.keys().next().value ?? '');
  }

  /** Nothing is looked at any more: loads stop where they are, and go on when their series is wanted again. */
  rest(): void {
    for (const pixels of this.#held.values()) pixels.rest();
  }

  /** Used once: whoever opens the series again because it has changed is told what it is now. */
  #known(seriesId: string): Ahead | null {
    const ahead = this.#ahead.get(seriesId);
    this.#ahead.delete(seriesId);
    return ahead !== undefined && performance.now() - ahead.atMs < AHEAD_MS ? ahead : null;
  }

  async #frame(images: SeriesImages, frame: Frame, signal: AbortSignal): Promise<PixelArray | null> {
    const address = media.frameAhead(images.seriesId, images.pixelTag, frame.index);
    const taken: PixelArray[] = [];
    await streamFrames(this.#session.mediaUrl(address), [frame], (_, pixels) => void taken.push(pixels), signal);
    return taken[0] ?? null;
  }

  async #ask(seriesId: string, signal: AbortSignal): Promise<SeriesImages> {
    const timeout = AbortSignal.timeout(OPEN_TIMEOUT_MS);
    return this.#session.client.studies
      .images({ seriesId }, { signal: AbortSignal.any([signal, timeout]) })
      .catch((error) => {
        throw timeout.aborted ? new Error('The series did not open within a minute.') : error;
      });
  }

  #makeRoom(keep: string): void {
    const sum = (): number => [...this.#held.values()].reduce((bytes, pixels) => bytes + pixels.totalBytes, 0);
    for (const [seriesId, pixels] of this.#held) {
      if (sum() <= BUDGET_BYTES) return;
      if (seriesId === keep || this.isShown(seriesId)) continue;
      pixels.close();
      this.#held.delete(seriesId);
    }
  }
}

const stores = new WeakMap<Session, PixelStore>();

/** The one of this window. */
export const pixelStoreOf = (session: Session): PixelStore => {
  const known = stores.get(session) ?? new PixelStore(session);
  stores.set(session, known);
  return known;
};
