import { Fault, type Job } from '../../preload/contract/index.ts';
import type { JobContext, Jobs } from '../domains.ts';
import type { Log } from '../outside.ts';
import { createChanges } from './changes.ts';

/** Kinds that use the processor for long: one of them at a time, in the order asked for. */
const HEAVY: ReadonlySet<Job['kind']> = new Set(['inference', 'demonstration']);
const KEPT = 200;

interface Entry {
  job: Job;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/** Work that takes over a second: shown, cancellable, ended with a reason. Kept in memory; what must survive is each domain's to store. */
export const createJobs = (tools: { newId: () => string; now: () => Date; log: Log }): Jobs => {
  const entries = new Map<string, Entry>();
  const changes = createChanges<Job>();
  let heavyTail: Promise<void> = Promise.resolve();
  let closing = false;

  const update = (id: string, change: Partial<Job>): void => {
    const entry = entries.get(id);
    if (!entry) return;
    entry.job = { ...entry.job, ...change };
    changes.tell(entry.job);
  };
  const forget = (): void => {
    for (const [id, entry] of entries) {
      if (entries.size <= KEPT) return;
      if (entry.job.endedAt) entries.delete(id);
    }
  };
  const find = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new Fault('not-found', 'This job is no longer known.', { jobId: id });
    return entry;
  };

  const start: Jobs['start'] = (what, work) => {
    if (closing) throw new Fault('refused', 'Sightline is closing.');
    const id = tools.newId();
    const controller = new AbortController();
    const job: Job = {
      id,
      kind: what.kind,
      title: what.title,
      studyId: what.studyId ?? null,
      seriesId: what.seriesId ?? null,
      state: 'waiting',
      progress: null,
      step: '',
      fault: null,
      startedAt: tools.now().toISOString(),
      endedAt: null,
      resultId: null,
    };
    const context: JobContext = {
      jobId: id,
      signal: controller.signal,
      progress: (fraction, step) => {
        if (entries.get(id)?.job.endedAt) return;
        update(id, { progress: fraction === null ? null : Math.min(1, Math.max(0, fraction)), step });
      },
    };
    const run = async (): Promise<void> => {
      const end = (change: Partial<Job>): void => update(id, { ...change, endedAt: tools.now().toISOString() });
      if (controller.signal.aborted) return end({ state: 'cancelled' });
      update(id, { state: 'running' });
      try {
        const resultId = await work(context);
        end({ state: 'done', progress: 1, resultId });
      } catch (error) {
        if (controller.signal.aborted) end({ state: 'cancelled' });
        else if (error instanceof Fault) end({ state: 'failed', fault: { code: error.code, message: error.message } });
        else {
          tools.log.error('a job failed', error, { jobId: id, kind: what.kind });
          end({ state: 'failed', fault: { code: 'internal', message: 'Something went wrong; the log says more.' } });
        }
      }
    };
    let done: Promise<void>;
    const later = Promise.resolve();
    if (HEAVY.has(what.kind)) {
      done = heavyTail.then(run);
      heavyTail = done;
    } else done = later.then(run);
    entries.set(id, { job, controller, done });
    changes.tell(job);
    forget();
    return id;
  };

  return {
    start,
    ended: async (id) => {
      const entry = find(id);
      await entry.done;
      const { job } = entry;
      if (job.state === 'done') return job;
      if (job.state === 'cancelled') throw new Fault('cancelled', 'Cancelled.', { jobId: id });
      throw new Fault(job.fault?.code === 'refused' ? 'refused' : 'internal', job.fault?.message ?? 'The job failed.', {
        jobId: id,
      });
    },
    close: async () => {
      closing = true;
      for (const entry of entries.values()) entry.controller.abort();
      await Promise.all([...entries.values()].map((entry) => entry.done));
    },
    handlers: {
      jobs: {
        list: () => ({ jobs: [...entries.values()].map((entry) => entry.job).reverse() }),
        get: ({ jobId }) => find(jobId).job,
        cancel: ({ jobId }) => {
          const entry = find(jobId);
          entry.controller.abort();
          return {};
        },
        changed: (_params, emit, signal) => changes.listen(emit, signal),
      },
    },
  };
};
