import type { Client, Job, Workstation } from '../../preload/contract/index.ts';

/** Work of the backend, as it goes. */
export class Jobs {
  all = $state.raw<readonly Job[]>([]);
  readonly running = $derived(this.all.filter((job) => job.state === 'running' || job.state === 'waiting'));
  readonly #client: Client<Workstation>;
  readonly #ended = new Set<(job: Job) => void>();

  constructor(client: Client<Workstation>) {
    this.#client = client;
  }

  /** Answers how to stop. */
  listen(): () => void {
    const stop = this.#client.jobs.changed({}, (job) => this.#take(job));
    this.reload();
    return stop;
  }

  /** What changed while nobody listened: at the start, and after the backend was away. */
  reload(): void {
    void this.#client.jobs.list({}).then(
      ({ jobs }) => {
        for (const job of jobs.toReversed()) this.#take(job);
        // A job of a backend that has ended will never say so.
        const there = new Set(jobs.map((job) => job.id));
        this.all = this.all.filter((job) => job.endedAt !== null || there.has(job.id));
      },
      () => undefined,
    );
  }

  /** Called once for each job that ends while the window is open. Answers how to stop. */
  onEnd(listener: (job: Job) => void): () => void {
    this.#ended.add(listener);
    return () => this.#ended.delete(listener);
  }

  get(jobId: string): Job | null {
    return this.all.find((job) => job.id === jobId) ?? null;
  }

  /** Resolves when the job has ended, however it did. */
  ended(jobId: string): Promise<Job> {
    return new Promise((resolve, reject) => {
      const stop = this.onEnd((job) => {
        if (job.id === jobId) {
          stop();
          resolve(job);
        }
      });
      // It may have ended before this was called.
      this.#client.jobs.get({ jobId }).then(
        (job) => {
          if (job.endedAt !== null) {
            stop();
            resolve(job);
          }
        },
        (error) => {
          stop();
          reject(error);
        },
      );
    });
  }

  cancel(jobId: string): Promise<unknown> {
    return this.#client.jobs.cancel({ jobId });
  }

  #take(job: Job): void {
    const before = this.get(job.id);
    this.all = [job, ...this.all.filter((known) => known.id !== job.id)].slice(0, 200);
    if (job.endedAt !== null && before?.endedAt == null) for (const listener of this.#ended) listener(job);
  }
}
