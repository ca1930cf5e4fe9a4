import { media } from '../../../preload/contract/index.ts';
import { type Session, wordsOf } from '../../session/index.ts';

const TIMEOUT_MS = 60_000;
/** Images whose planes are kept. */
const KEPT = 32;

/** Bits of the overlay planes of images, fetched when first drawn. */
export class OverlayPlanes {
  /** Says that some have come. */
  version = $state(0);
  readonly #session: Session;
  readonly #held = new Map<string, Uint8Array | null>();
  readonly #told = new Set<string>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** Null where they have not come. */
  of(seriesId: string, pixelTag: string, frameIndex: number): Uint8Array | null {
    void this.version;
    const address = media.overlayPlanes(seriesId, pixelTag, frameIndex);
    const held = this.#held.get(address);
    if (held !== undefined) return held;
    this.#held.set(address, null);
    const [oldest] = this.#held.keys();
    if (this.#held.size > KEPT && oldest !== undefined) this.#held.delete(oldest);
    this.#fetch(address).then(
      (bits) => {
        this.#held.set(address, bits);
        this.version++;
      },
      (error) => {
        if (this.#told.has(seriesId)) return;
        this.#told.add(seriesId);
        this.#session.notices.tell(`What the file draws over its images is not shown: ${wordsOf(error)}`, 'warning');
      },
    );
    return null;
  }

  async #fetch(address: string): Promise<Uint8Array> {
    const answer = await fetch(this.#session.mediaUrl(address), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error((await answer.text().catch(() => '')) || `status ${answer.status}`);
    return new Uint8Array(await answer.arrayBuffer());
  }
}

const stores = new WeakMap<Session, OverlayPlanes>();

/** The one of this window. */
export const overlayPlanesOf = (session: Session): OverlayPlanes => {
  const known = stores.get(session) ?? new OverlayPlanes(session);
  stores.set(session, known);
  return known;
};
