import type { Outside } from '../outside.ts';

interface Asked {
  readonly kind: string;
  /** From 0, in order. */
  readonly id: number;
}

/**
 * Files read again in a process that ends with its answers. `answers` by id are those that came before the limit, before
 * the signal or before the process ended of itself, which `why` tells.
 */
export const askApart = async <Answer extends Asked>(
  outside: Pick<Outside, 'spawn'>,
  requests: readonly (Asked & { readonly kind: Answer['kind'] })[],
  { heapMb, limitMs, signal }: { heapMb: number; limitMs: number; signal?: AbortSignal },
): Promise<{ answers: ReadonlyMap<number, Answer>; why: 'all' | 'late' | 'ended' | 'cancelled' }> => {
  const answers = new Map<number, Answer>();
  if (requests.length === 0) return { answers, why: 'all' };
  const child = outside.spawn('ingest', { heapMb, read: 'all', write: [], native: false });
  let timer: NodeJS.Timeout | undefined;
  let cancel = (): void => {};
  try {
    const why = await new Promise<'all' | 'late' | 'ended' | 'cancelled'>((resolve) => {
      cancel = () => resolve('cancelled');
      timer = setTimeout(() => resolve('late'), limitMs);
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted) cancel();
      child.onExit(() => resolve('ended'));
      child.onMessage((message) => {
        const answer = message as Answer;
        if (answer.kind !== requests[0]?.kind) return;
        answers.set(answer.id, answer);
        if (answers.size === requests.length) resolve('all');
      });
      for (const request of requests) child.post(request);
    });
    return { answers, why };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    child.kill();
  }
};
