import type { SeriesImages } from '../../../preload/contract/index.ts';
import type { Session } from '../../session/index.ts';
import { SeriesPixels } from './series-pixels.svelte.ts';

/** All series held together. Above it the one looked at longest ago goes. */
const BUDGET_BYTES = 1.2e9;
const OPEN_TIMEOUT_MS = 60_000;
/** What was asked for ahead is believed this long; that it has changed since, the pixels' address says too. */
const AHEAD_MS = 300_000;
const MOST_AHEAD = 24;

/** Series by id, the last used kept for the window's life, so that a second look costs nothing. */
export class PixelStore {
  readonly #session: Session;
  readonly #held = new Map<string, SeriesPixels>();
  /** What the images of series are, not their pixels: known before a series is opened, so that its first image comes at once. */
  readonly #ahead = new Map<string, { readonly images: SeriesImages; readonly atMs: number }>();
  /** Series that some cell shows are never let go. */
  isShown: (seriesId: string) => boolean = () => false;

  constructor(session: Session) {
    this.#session = session;
  }

  async open(seriesId: string, signal: AbortSignal): Promise<SeriesPixels> {
    const images = this.#known(seriesId) ?? (await this.#ask(seriesId, signal));
    const held = this.#held.get(seriesId);
    this.#held.delete(seriesId);
    if (held !== undefined && held.images.pixelTag === images.pixelTag && held.trouble === null && !held.stale) {
      this.#held.set(seriesId, held);
      return held;
    }
    held?.close();
    const opened = new SeriesPixels(images, this.#session.mediaUrl, BUDGET_BYTES);
    this.#held.set(seriesId, opened);
    this.#makeRoom(seriesId);
    return opened;
  }

  /** Asks what the images of these series are, one after another, where that is not known. */
  async prepare(seriesIds: readonly string[], signal: AbortSignal): Promise<void> {
    for (const seriesId of seriesIds.slice(0, MOST_AHEAD)) {
      if (signal.aborted) return;
      if (this.#ahead.has(seriesId) || this.#held.has(seriesId)) continue;
      // Nobody waits for it: what is wrong with a series is said when it is opened.
      const images = await this.#ask(seriesId, signal).catch(() => null);
      if (images !== null) this.#ahead.set(seriesId, { images, atMs: performance.now() });
    }
    while (this.#ahead.size > 2 * MOST_AHEAD) this.#ahead.delete(this.#ahead.keys().next().value ?? '');
  }

  /** Nothing is looked at any more: loads stop where they are, and go on when their series is wanted again. */
  rest(): void {
    for (const pixels of this.#held.values()) pixels.rest();
  }

  /** Used once: whoever opens the series again because it has changed is told what it is now. */
  #known(seriesId: string): SeriesImages | null {
    const ahead = this.#ahead.get(seriesId);
    this.#ahead.delete(seriesId);
    return ahead !== undefined && performance.now() - ahead.atMs < AHEAD_MS ? ahead.images : null;
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
