import type { SegmentAct } from '../../../preload/contract/index.ts';

export type Act = SegmentAct & { readonly difference: Uint8Array };

/** saved: all is durable. saving: on its way. unsaved: kept here and sent again. refused: the backend said no. */
export type Saving =
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving'; readonly waiting: number }
  | { readonly kind: 'unsaved'; readonly waiting: number; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly conflict: boolean };

/** The answer of one sending. 'again': the line is down or the backend stumbled. */
export type Sent =
  | { readonly kind: 'kept' }
  | { readonly kind: 'again'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string; readonly conflict: boolean };

export interface QueueOutside {
  readonly send: (body: Uint8Array<ArrayBuffer>) => Promise<Sent>;
  readonly later: (delayMs: number, work: () => void) => () => void;
  readonly onChange: () => void;
}

const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 4_000;
/** Sent together, so that strokes made while the line was down do not go one by one; a request stays small. */
const MOST_TOGETHER_BYTES = 4 * 2 ** 20;

/** Acts as they are sent (media.ts: segmentationActs). */
export const bodyOf = (acts: readonly Act[]): Uint8Array<ArrayBuffer> => {
  const parts = acts.flatMap(({ difference, ...act }) => [new TextEncoder().encode(JSON.stringify(act)), difference]);
  const body = new Uint8Array(parts.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(body.buffer);
  let at = 0;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    body.set(part, at + 4);
    at += 4 + part.length;
  }
  return body;
};

/** Acts in the order made; nothing leaves the list until it is durable or refused. */
export class ActQueue {
  saving: Saving = { kind: 'saved' };
  #acts: Act[] = [];
  #running = false;
  #stopped = false;
  #retryMs = RETRY_FIRST_MS;
  #cancelRetry: (() => void) | null = null;
  readonly #outside: QueueOutside;

  constructor(outside: QueueOutside) {
    this.#outside = outside;
  }

  get waiting(): readonly Act[] {
    return this.#acts;
  }

  put(act: Act): void {
    this.#acts.push(act);
    if (this.saving.kind === 'saved' || this.saving.kind === 'saving')
      this.#say({ kind: 'saving', waiting: this.#acts.length });
    void this.#run();
  }

  /** Now: the line is back. */
  retry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    void this.#run();
  }

  /** Everything that is not known to be durable, what is on its way included: for a window that is closed. */
  rest(): Uint8Array<ArrayBuffer> | null {
    return this.#acts.length === 0 ? null : bodyOf(this.#acts);
  }

  /** After a refusal: what could not be kept is dropped with what was built on it. */
  drop(): void {
    this.#acts = [];
    this.#say({ kind: 'saved' });
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry?.();
  }

  async #run(): Promise<void> {
    if (this.#running || this.#stopped || this.#cancelRetry !== null || this.saving.kind === 'refused') return;
    this.#running = true;
    while (this.#acts.length > 0 && !this.#stopped) {
      const acts = this.#together();
      const sent = await this.#outside.send(bodyOf(acts));
      if (sent.kind === 'kept') {
        this.#acts = this.#acts.slice(acts.length);
        this.#retryMs = RETRY_FIRST_MS;
        this.#say(this.#acts.length === 0 ? { kind: 'saved' } : { kind: 'saving', waiting: this.#acts.length });
        continue;
      }
      this.#running = false;
      if (sent.kind === 'refused') return this.#say(sent);
      this.#cancelRetry = this.#outside.later(this.#retryMs, () => this.retry());
      this.#retryMs = Math.min(RETRY_LONGEST_MS, this.#retryMs * 2);
      return this.#say({ kind: 'unsaved', waiting: this.#acts.length, reason: sent.reason });
    }
    this.#running = false;
  }

  #together(): readonly Act[] {
    let bytes = 0;
    const end = this.#acts.findIndex((act, n) => {
      bytes += act.difference.length;
      return n > 0 && bytes > MOST_TOGETHER_BYTES;
    });
    return this.#acts.slice(0, end < 0 ? this.#acts.length : end);
  }

  #say(saving: Saving): void {
    this.saving = saving;
    this.#outside.onChange();
  }
}
