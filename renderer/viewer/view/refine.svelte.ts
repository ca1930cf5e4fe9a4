import { finish } from './sample.ts';

/** A picture that may take longer than a hand waits: a coarse one at once, the full one when the hand rests. */
export interface Job<T> {
  /** Another key, another picture. */
  readonly key: string;
  /** Samples that the full picture takes. */
  readonly cost: number;
  readonly coarseCost: number;
  readonly coarse: () => T;
  readonly full: () => Generator<void, T>;
}

/** What a picture may take at once, so that a plane follows the hand. */
const AT_ONCE_MS = 7;
const REST_MS = 70;
/** Of this machine, as it goes: the pictures themselves are timed. */
let nsASample = 30;
const timed = <T>(samples: number, make: () => T): T => {
  const begun = performance.now();
  const made = make();
  const ns = ((performance.now() - begun) * 1e6) / Math.max(1, samples);
  if (samples > 10_000) nsASample = 0.8 * nsASample + 0.2 * Math.min(200, Math.max(5, ns));
  return made;
};
const atOnce = (): number => (AT_ONCE_MS * 1e6) / nsASample;
/** Of each turn, so that the window answers meanwhile. */
const SLICE_MS = 8;

export class Refiner<T> {
  /** Says that the full picture has come. */
  version = $state(0);
  #done: { readonly key: string; readonly value: T } | null = null;
  #coarse: { readonly key: string; readonly value: T } | null = null;
  #wanted = '';
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** The best there is of it now. */
  take(job: Job<T>): { readonly value: T; readonly full: boolean } {
    void this.version;
    if (this.#done?.key === job.key) return { value: this.#done.value, full: true };
    if (job.cost <= atOnce()) {
      this.stop();
      this.#done = { key: job.key, value: timed(job.cost, () => finish(job.full())) };
      return { value: this.#done.value, full: true };
    }
    if (this.#wanted !== job.key) {
      this.stop();
      this.#wanted = job.key;
      this.#timer = setTimeout(() => this.#work(job.key, job.full()), REST_MS);
    }
    if (this.#coarse?.key !== job.key) this.#coarse = { key: job.key, value: timed(job.coarseCost, job.coarse) };
    return { value: this.#coarse.value, full: false };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#wanted = '';
  }

  #work(key: string, work: Generator<void, T>): void {
    const until = performance.now() + SLICE_MS;
    while (performance.now() < until) {
      const { done, value } = work.next();
      if (!done) continue;
      this.#done = { key, value };
      this.#coarse = null;
      this.#wanted = '';
      this.version++;
      return;
    }
    this.#timer = setTimeout(() => this.#work(key, work), 0);
  }
}

/** How much coarser the first picture is: sides are multiples of each of these. */
export const coarseFactor = (cost: number): number =>
  [1, 2, 3, 4, 6].find((factor) => cost / (factor * factor) <= atOnce()) ?? 6;
