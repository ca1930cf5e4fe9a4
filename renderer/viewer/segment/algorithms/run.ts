import type { Work, WorkAnswer } from './work.ts';

/** In a worker of its own, ended when the signal aborts: null then. The arrays of the work are given away. */
export const runWork = (
  work: Work,
  progress: (fraction: number | null) => void,
  signal: AbortSignal,
): Promise<Uint8Array | null> => {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
  const buffers = Object.values(work).flatMap((value) => (value instanceof Uint8Array ? [value.buffer] : []));
  return new Promise<Uint8Array | null>((resolve, reject) => {
    signal.addEventListener('abort', () => resolve(null));
    worker.addEventListener('error', () => reject(new Error('it needs more memory than there is, or broke off')));
    worker.addEventListener('message', ({ data }: MessageEvent<WorkAnswer>) => {
      if (data.kind === 'progress') progress(data.fraction);
      else if (data.kind === 'done') resolve(data.result);
      else reject(new Error(data.reason));
    });
    worker.postMessage(work, buffers);
  }).finally(() => worker.terminate());
};
