import { media, type Overlay } from '../../../preload/contract/index.ts';
import { type Session, wordsOf } from '../../session/index.ts';

type WithBytes = Extract<Overlay, { kind: 'labelmap' | 'heatmap' }>;

const TIMEOUT_MS = 60_000;

export interface Labels {
  /** One array a slice, columns * rows label values. */
  readonly slices: readonly Uint8Array[];
}

/** Bytes of labelmaps and heat maps, fetched when first drawn. */
export class MarksStore {
  /** Says that some have come. */
  version = $state(0);
  /** Says that labels which are edited here have changed: slices are drawn again, surfaces when the hand rests. */
  edits = $state(0);
  readonly #session: Session;
  readonly #bytes = new Map<string, Uint8Array | 'coming' | 'failed'>();
  readonly #labels = new Map<string, Labels>();

  constructor(session: Session) {
    this.#session = session;
  }

  labels(overlay: Extract<Overlay, { kind: 'labelmap' }>): Labels | null {
    void this.version;
    const key = keyOf(overlay);
    const known = this.#labels.get(key);
    if (known !== undefined) return known;
    const [columns, rows, count] = overlay.dims;
    const bytes = this.#get(overlay, columns * rows * count);
    if (bytes === null) return null;
    const slices = Array.from({ length: count }, (_, k) =>
      bytes.subarray(k * columns * rows, (k + 1) * columns * rows),
    );
    const labels = { slices };
    this.#labels.set(key, labels);
    return labels;
  }

  /** Labels that are edited here, in place, in place of what would be fetched. */
  adopt(overlay: Overlay, labels: Labels): void {
    this.#bytes.delete(keyOf(overlay));
    this.#labels.set(keyOf(overlay), labels);
    this.version++;
  }
  heat(overlay: Extract<Overlay, { kind: 'heatmap' }>): Uint8Array | null {
    return this.#get(overlay, overlay.columns * overlay.rows);
  }

  /** Lets go of what is no longer among the overlays. */
  keep(overlays: readonly Overlay[]): void {
    const keys = new Set(overlays.map(keyOf));
    for (const held of [this.#bytes, this.#labels]) for (const key of held.keys()) if (!keys.has(key)) held.delete(key);
  }

  #get(overlay: WithBytes, length: number): Uint8Array | null {
    void this.version;
    const key = keyOf(overlay);
    const held = this.#bytes.get(key);
    if (held instanceof Uint8Array) return held;
    if (held !== undefined) return null;
    this.#bytes.set(key, 'coming');
    void this.#fetch(overlay, length).then(
      (bytes) => {
        this.#bytes.set(key, bytes);
        this.version++;
      },
      (error) => {
        this.#bytes.set(key, 'failed');
        this.#session.notices.tell(`The marks “${overlay.title}” could not be shown: ${wordsOf(error)}`, 'danger', {
          title: 'Try again',
          run: () => {
            this.#bytes.delete(key);
            this.version++;
          },
        });
      },
    );
    return null;
  }

  async #fetch(overlay: WithBytes, length: number): Promise<Uint8Array> {
    const address = overlay.kind === 'labelmap' ? media.labelmap(overlay.id) : media.heatmap(overlay.id);
    const answer = await fetch(this.#session.mediaUrl(address), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error((await answer.text().catch(() => '')) || `status ${answer.status}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (bytes.length !== length) throw new Error(`it has ${bytes.length} bytes, and its grid ${length}`);
    return bytes;
  }
}

/** Marks made anew under the same id are other marks. */
const keyOf = (overlay: Overlay): string => `${overlay.id}@${overlay.createdAt}`;
