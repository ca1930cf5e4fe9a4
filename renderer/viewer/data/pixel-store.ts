import type { Session } from '../../session/index.ts';
import { SeriesPixels } from './series-pixels.svelte.ts';

/** All series held together. Above it the one looked at longest ago goes. */
const BUDGET_BYTES = 1.2e9;
const OPEN_TIMEOUT_MS = 60_000;

/** Series by id, the last used kept for the window's life, so that a second look costs nothing. */
export class PixelStore {
  readonly #session: Session;
  readonly #held = new Map<string, SeriesPixels>();
  /** Series that some cell shows are never let go. */
  isShown: (seriesId: string) => boolean = () => false;

  constructor(session: Session) {
    this.#session = session;
  }

  async open(seriesId: string, signal: AbortSignal): Promise<SeriesPixels> {
    const timeout = AbortSignal.timeout(OPEN_TIMEOUT_MS);
    const images = await this.#session.client.studies
      .images({ seriesId }, { signal: AbortSignal.any([signal, timeout]) })
      .catch((error) => {
        throw timeout.aborted ? new Error('The series did not open within a minute.') : error;
      });
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

  /** Nothing is looked at any more: loads stop where they are, and go on when their series is wanted again. */
  rest(): void {
    for (const pixels of this.#held.values()) pixels.rest();
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
