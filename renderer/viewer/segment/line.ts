import { media, type Segmentation } from '../../../preload/contract/index.ts';
import { type Session, wordsOf } from '../../session/index.ts';
import { ActQueue, type Saving, type Sent } from './queue.ts';
import type { LiveLabels } from './stroke.ts';

const TIMEOUT_MS = 60_000;
/** A browser lets so many bytes of requests outlive their window (Fetch standard: 64 KiB in all). */
const MOST_OUTLIVING_BYTES = 60_000;

/** A request that is kept when the window is closed behind it, where it is small enough for that. */
const put = async (address: string, body: Uint8Array<ArrayBuffer>): Promise<Response> => {
  const init = { method: 'PUT', body, signal: AbortSignal.timeout(TIMEOUT_MS) };
  if (body.length > MOST_OUTLIVING_BYTES) return fetch(address, init);
  // Several at once may pass the limit together, and not every scheme knows it.
  return fetch(address, { ...init, keepalive: true }).catch(() => fetch(address, init));
};

const REFUSED = new Set([400, 404, 409]);

/** Sends acts on one segmentation until they are durable; outlives the viewer, as what is drawn must not be lost with it. */
export class Line {
  saving: Saving = { kind: 'saved' };
  readonly queue: ActQueue;
  readonly #address: string;
  #listener: (saving: Saving) => void = () => {};

  constructor(session: Session, segmentationId: string) {
    this.#address = session.mediaUrl(media.segmentationActs(segmentationId));
    this.queue = new ActQueue({
      send: (body) => this.#send(body),
      later: (delayMs, work) => {
        const timer = setTimeout(work, delayMs);
        return () => clearTimeout(timer);
      },
      onChange: () => {
        this.saving = this.queue.saving;
        this.#listener(this.saving);
      },
    });
  }

  listen(listener: (saving: Saving) => void): void {
    this.#listener = listener;
    listener(this.saving);
  }

  /** The window goes: all that is not known to be durable, in one request. */
  flush(): void {
    const rest = this.queue.rest();
    if (rest !== null) void put(this.#address, rest).catch(() => undefined);
  }

  async #send(body: Uint8Array<ArrayBuffer>): Promise<Sent> {
    try {
      const answer = await put(this.#address, body);
      if (answer.ok) return { kind: 'kept' };
      const reason = (await answer.text().catch(() => '')) || `status ${answer.status}`;
      if (REFUSED.has(answer.status)) return { kind: 'refused', reason, conflict: answer.status === 409 };
      return { kind: 'again', reason };
    } catch (error) {
      return { kind: 'again', reason: wordsOf(error) };
    }
  }
}

const lines = new WeakMap<Session, Map<string, Line>>();

/** The one of this segmentation in this window. */
export const lineOf = (session: Session, segmentationId: string): Line => {
  let known = lines.get(session);
  if (known === undefined) {
    const made = new Map<string, Line>();
    lines.set(session, made);
    known = made;
    const unsaved = (): boolean => [...made.values()].some((line) => line.queue.waiting.length > 0);
    window.addEventListener('pagehide', () => {
      for (const line of made.values()) line.flush();
    });
    window.addEventListener('beforeunload', (event) => {
      if (unsaved()) event.preventDefault();
    });
  }
  const line = known.get(segmentationId) ?? new Line(session, segmentationId);
  known.set(segmentationId, line);
  return line;
};

/** A segmentation and its labels, both at the same edit. */
export const openSegmentation = async (
  session: Session,
  segmentationId: string,
  dims: LiveLabels['dims'],
  signal: AbortSignal,
): Promise<{ segmentation: Segmentation; labels: LiveLabels }> => {
  const [columns, rows, count] = dims;
  const size = columns * rows;
  for (let tries = 0; tries < 4; tries++) {
    const segmentation = await session.client.segmentations.get({ segmentationId }, { signal });
    const answer = await fetch(session.mediaUrl(media.labelmap(segmentationId)), {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (!answer.ok) throw new Error((await answer.text().catch(() => '')) || `status ${answer.status}`);
    // Edited in another window between the two answers: asked again.
    if (answer.headers.get('x-sightline-edit') !== (segmentation.current ?? '')) {
      await answer.body?.cancel();
      continue;
    }
    const bytes = new Uint8Array(await answer.arrayBuffer());
    if (bytes.length !== size * count) throw new Error(`it has ${bytes.length} bytes, and its grid ${size * count}`);
    const slices = Array.from({ length: count }, (_, k) => bytes.subarray(k * size, (k + 1) * size));
    return { segmentation, labels: { dims, slices } };
  }
  throw new Error('it is being edited in another window');
};

/** The difference of an edit that is no longer in memory. */
export const fetchDifference = async (
  session: Session,
  segmentationId: string,
  editId: string,
): Promise<Uint8Array> => {
  const answer = await fetch(session.mediaUrl(media.segmentationEdit(segmentationId, editId)), {
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!answer.ok) throw new Error((await answer.text().catch(() => '')) || `status ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
};
