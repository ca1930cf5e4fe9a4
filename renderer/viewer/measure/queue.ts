/**
 * What the reader draws or marks, on its way to the store: in order, one at a time, sent again with the same opId while the line is down. It
 * lives until it is empty, also after the reader has gone to another study. No DOM, no runes.
 */
import { type DrawnMeasurement, Fault, type MeasurementDraft } from '../../../preload/contract/index.ts';

/** null: removed. */
export interface Act<Draft = MeasurementDraft> {
  readonly id: string;
  readonly draft: Draft | null;
}
interface Queued<Draft> extends Act<Draft> {
  readonly opId: string;
  /** Was sent and not answered: it may have been done, so it is sent again before anything else on this measurement. */
  readonly tried: boolean;
}

export interface QueueOutside<Draft = MeasurementDraft, Kept = DrawnMeasurement> {
  put(opId: string, revision: number, draft: Draft): Promise<Kept>;
  remove(opId: string, revision: number, id: string): Promise<{ revision: number }>;
  newId(): string;
  later(delayMs: number, work: () => void): void;
  /** An answer came: what the store holds now; null where it was removed. */
  kept(id: string, kept: Kept | null): void;
  /** Not done and not to be tried again: the store's own state counts. */
  refused(id: string, error: unknown): void;
  changed(): void;
}

const RETRY_MS = 1500;
/** The line is down, or the backend is closing: the act is still to be done. */
const isPassing = (error: unknown): boolean => error instanceof Fault && error.code === 'closed';

export class MeasureQueue<Draft = MeasurementDraft, Kept extends { readonly revision: number } = DrawnMeasurement> {
  readonly #outside: QueueOutside<Draft, Kept>;
  readonly #revisions = new Map<string, number>();
  #waiting: Queued<Draft>[] = [];
  #sending: Queued<Draft> | null = null;
  /** Why nothing is kept at the moment; null where all is well. */
  trouble: string | null = null;

  constructor(outside: QueueOutside<Draft, Kept>) {
    this.#outside = outside;
  }

  get size(): number {
    return this.#waiting.length + (this.#sending === null ? 0 : 1);
  }

  isPending(id: string): boolean {
    return this.#sending?.id === id || this.#waiting.some((one) => one.id === id);
  }

  /** What the store is known to hold. */
  knows(id: string, revision: number): void {
    if (!this.isPending(id)) this.#revisions.set(id, revision);
  }

  /** A later act on the same measurement takes the place of one that still waits. */
  add(act: Act<Draft>): void {
    const kept = this.#waiting.filter((one) => one.id !== act.id || one.tried);
    this.#waiting = [...kept, { ...act, opId: this.#outside.newId(), tried: false }];
    this.#outside.changed();
    void this.#send();
  }

  async #send(): Promise<void> {
    const [next, ...rest] = this.#waiting;
    if (this.#sending !== null || next === undefined) return;
    this.#waiting = rest;
    this.#sending = next;
    const { id, draft, opId } = next;
    const revision = this.#revisions.get(id) ?? 0;
    try {
      if (draft !== null) {
        const kept = await this.#outside.put(opId, revision, draft);
        this.#revisions.set(id, kept.revision);
        this.#done();
        if (!this.isPending(id)) this.#outside.kept(id, kept);
      } else {
        // Drawn and removed before it was ever sent: there is nothing to remove.
        if (revision > 0) this.#revisions.set(id, (await this.#outside.remove(opId, revision, id)).revision);
        this.#done();
        if (!this.isPending(id)) this.#outside.kept(id, null);
      }
    } catch (error) {
      if (isPassing(error)) {
        this.trouble = error instanceof Error ? error.message : String(error);
        this.#sending = null;
        this.#waiting = [{ ...next, tried: true }, ...this.#waiting];
        this.#outside.changed();
        this.#outside.later(RETRY_MS, () => void this.#send());
        return;
      }
      this.#waiting = this.#waiting.filter((one) => one.id !== id);
      this.#done();
      this.#outside.refused(id, error);
    }
    void this.#send();
  }

  #done(): void {
    this.#sending = null;
    this.trouble = null;
    this.#outside.changed();
  }
}
