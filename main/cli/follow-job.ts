import type { Job } from '../../preload/contract/index.ts';
import type { Domains } from '../backend.ts';
import type { Call } from './command.ts';

/** Waits for a job, tells its steps on standard error, cancels it when the user stops the command. */
export const followJob = async (call: Call, domains: Domains, jobId: string): Promise<Job> => {
  const listening = new AbortController();
  let told = 0;
  domains.jobs.handlers.jobs.changed(
    {},
    (job) => {
      if (job.id !== jobId || job.step === '' || Date.now() - told < 1000) return;
      told = Date.now();
      call.note(job.step);
    },
    listening.signal,
  );
  const cancel = (): void => {
    void domains.jobs.handlers.jobs.cancel({ jobId }, { signal: listening.signal });
  };
  call.signal.addEventListener('abort', cancel);
  try {
    return await domains.jobs.ended(jobId);
  } finally {
    call.signal.removeEventListener('abort', cancel);
    listening.abort();
  }
};
