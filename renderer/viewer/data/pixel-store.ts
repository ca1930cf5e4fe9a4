import type { Client, Workstation } from '../../../preload/contract/index.ts';
import { SeriesPixels } from './series-pixels.svelte.ts';

/** All series held together. Above it the one looked at longest ago goes. */
const BUDGET_BYTES = 1.2e9;
const OPEN_TIMEOUT_MS = 60_000;

/** Series by id, the last used kept, so that a second look costs nothing. */
export class PixelStore {
  readonly #client: Client<Workstation>;
  readonly #mediaUrl: (address: string) => string;
  readonly #held = new Map<string, SeriesPixels>();

  constructor(client: Client<Workstation>, mediaUrl: (address: string) => string) {
    this.#client = client;
    this.#mediaUrl = mediaUrl;
  }

  async open(seriesId: string, signal: AbortSignal): Promise<SeriesPixels> {
    const timeout = AbortSignal.timeout(OPEN_TIMEOUT_MS);
    const images = await this.#client.studies
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
    const opened = new SeriesPixels(images, this.#mediaUrl, BUDGET_BYTES);
    this.#held.set(seriesId, opened);
    this.#makeRoom(seriesId);
    return opened;
  }

  close(): void {
    for (const pixels of this.#held.values()) pixels.close();
    this.#held.clear();
  }

  #makeRoom(keep: string): void {
    const sum = (): number => [...this.#held.values()].reduce((bytes, pixels) => bytes + pixels.totalBytes, 0);
    for (const [seriesId, pixels] of this.#held) {
      if (sum() <= BUDGET_BYTES) return;
      if (seriesId === keep) continue;
      pixels.close();
      this.#held.delete(seriesId);
    }
  }
}
