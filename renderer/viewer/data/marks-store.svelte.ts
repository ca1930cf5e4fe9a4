import { media, type Overlay } from '../../../preload/contract/index.ts';
import { type Session, wordsOf } from '../../session/index.ts';
import { LabelPacker, type Labels, openLabels } from './labels.ts';

type Labelmap = Extract<Overlay, { kind: 'labelmap' }>;
type Heatmap = Extract<Overlay, { kind: 'heatmap' }>;

const TIMEOUT_MS = 60_000;

/** Labelmaps and heat maps, fetched when first drawn. */
export class MarksStore {
  /** Says that some have come. */
  version = $state(0);
  /** Says that labels which are edited here have changed: slices are drawn again, surfaces when the hand rests. */
  edits = $state(0);
  readonly #session: Session;
  readonly #heat = new Map<string, Uint8Array | 'coming' | 'failed'>();
  readonly #labels = new Map<string, Labels | 'coming' | 'failed'>();

  constructor(session: Session) {
    this.#session = session;
  }

  labels(overlay: Labelmap): Labels | null {
    return this.#get(this.#labels, overlay, () => this.#fetchLabels(overlay));
  }

  /** Labels that are edited here, in place, in place of what would be fetched. */
  adopt(overlay: Overlay, slices: readonly Uint8Array[]): void {
    this.#labels.set(keyOf(overlay), openLabels(slices));
    this.version++;
  }

  heat(overlay: Heatmap): Uint8Array | null {
    return this.#get(this.#heat, overlay, () => this.#fetchHeat(overlay));
  }

  /** Lets go of what is no longer among the overlays. */
  keep(overlays: readonly Overlay[]): void {
    const keys = new Set(overlays.map(keyOf));
    for (const held of [this.#heat, this.#labels]) for (const key of held.keys()) if (!keys.has(key)) held.delete(key);
  }

  #get<Held extends object>(
    kept: Map<string, Held | 'coming' | 'failed'>,
    overlay: Labelmap | Heatmap,
    fetched: () => Promise<Held>,
  ): Held | null {
    void this.version;
    const key = keyOf(overlay);
    const held = kept.get(key);
    if (typeof held === 'object') return held;
    if (held !== undefined) return null;
    kept.set(key, 'coming');
    void fetched().then(
      (come) => {
        // Edited here meanwhile: that is newer than what was asked for.
        if (kept.get(key) !== 'coming') return;
        kept.set(key, come);
        this.version++;
      },
      (error) => {
        if (kept.get(key) !== 'coming') return;
        kept.set(key, 'failed');
        this.#session.notices.tell(`The marks “${overlay.title}” could not be shown: ${wordsOf(error)}`, 'danger', {
          title: 'Try again',
          run: () => {
            kept.delete(key);
            this.version++;
          },
        });
      },
    );
    return null;
  }

  async #answer(address: string): Promise<Response> {
    const answer = await fetch(this.#session.mediaUrl(address), { signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (!answer.ok) throw new Error((await answer.text().catch(() => '')) || `status ${answer.status}`);
    return answer;
  }

  async #fetchHeat(overlay: Heatmap): Promise<Uint8Array> {
    const answer = await this.#answer(media.heatmap(overlay.id));
    const bytes = new Uint8Array(await answer.arrayBuffer());
    const length = overlay.columns * overlay.rows;
    if (bytes.length !== length) throw new Error(`it has ${bytes.length} bytes, and its grid ${length}`);
    return bytes;
  }

  /** Slice by slice as they come: the whole grid is never held. */
  async #fetchLabels(overlay: Labelmap): Promise<Labels> {
    const answer = await this.#answer(media.labelmap(overlay.id));
    const [columns, rows, count] = overlay.dims;
    const packer = new LabelPacker(columns * rows);
    const slice = new Uint8Array(columns * rows);
    let filled = 0;
    let length = 0;
    const reader = answer.body?.getReader();
    for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
      length += part.value.length;
      for (let from = 0; from < part.value.length && packer.count < count; ) {
        const taken = part.value.subarray(from, from + slice.length - filled);
        slice.set(taken, filled);
        from += taken.length;
        filled += taken.length;
        if (filled < slice.length) continue;
        packer.add(slice);
        filled = 0;
      }
    }
    const wanted = columns * rows * count;
    if (length !== wanted) throw new Error(`it has ${length} bytes, and its grid ${wanted}`);
    return packer.done();
  }
}

/** Marks made anew under the same id are other marks. */
const keyOf = (overlay: Overlay): string => `${overlay.id}@${overlay.createdAt}`;
