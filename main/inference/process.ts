/** The backend's end of an inference process: started when needed, ended when idle, killed when it does not listen. */
import { writeFile } from 'node:fs/promises';
import { Fault, type Provider } from '../../preload/contract/index.ts';
import type { Child, Outside } from '../outside.ts';
import { type Ask, InferenceAnswer } from './messages.ts';

const HEAP_MB = 4096;
/** The runtime keeps the memory of its largest run: an idle process gives it back by ending. */
const IDLE_MS = 60_000;
/** A cancelled run that has not ended by then is in the middle of a long step: its process is killed. */
const CANCEL_MS = 600;
/** Without a word for so long, it hangs. */
const SILENCE_MS = 15 * 60_000;

export interface InferenceProcess {
  /** One request after another. Rejects with a Fault; after a crash the next request starts a new process. */
  ask(
    ask: Ask,
    options: {
      signal: AbortSignal;
      progress?: (fraction: number, step: string) => void;
      limitMs?: number;
      /** Folders that this request reads and writes, beside the code and packages. */
      read?: readonly string[];
      write?: readonly string[];
    },
  ): Promise<{ value: unknown; provider: Provider }>;
  close(): void;
}

interface Waiting {
  readonly id: number;
  answer(answer: InferenceAnswer): void;
  ended(code: number | null): void;
}

export const inferenceProcess = (
  outside: Outside,
  folders: { read: readonly string[]; write: readonly string[] },
  times: { idleMs?: number; cancelMs?: number } = {},
): InferenceProcess => {
  let child: Child | null = null;
  let current: Waiting | null = null;
  let serial = 0;
  let closed = false;
  let idle: NodeJS.Timeout | undefined;
  let tail: Promise<unknown> = Promise.resolve();
  const read = new Set(folders.read);
  const write = new Set(folders.write);

  const stop = (): void => {
    const old = child;
    child = null;
    old?.kill();
  };
  const start = (): Child => {
    const started = outside.spawn('inference', { heapMb: HEAP_MB, read: [...read], write: [...write], native: true });
    // when memory runs out, the system should end this process before the one with the database
    if (process.platform === 'linux' && started.pid !== undefined)
      void writeFile(`/proc/${started.pid}/oom_score_adj`, '800').catch(() => {});
    started.onMessage((message) => {
      const answer = InferenceAnswer.safeParse(message);
      if (answer.success && child === started && current?.id === answer.data.id) current.answer(answer.data);
    });
    started.onExit((code) => {
      if (child !== started) return;
      child = null;
      current?.ended(code);
    });
    return started;
  };
  /** Limits are set when a process starts: one that may not read what it now must is replaced. */
  const permit = (wanted: { read?: readonly string[]; write?: readonly string[] }): void => {
    const missing =
      (wanted.read ?? []).some((folder) => !read.has(folder)) ||
      (wanted.write ?? []).some((folder) => !write.has(folder));
    if (!missing) return;
    for (const folder of wanted.read ?? []) read.add(folder);
    for (const folder of wanted.write ?? []) write.add(folder);
    stop();
  };

  const run: InferenceProcess['ask'] = (ask, options) =>
    new Promise((resolve, reject) => {
      const { signal, progress } = options;
      if (closed) return reject(new Fault('closed', 'Sightline is closing.'));
      if (signal.aborted) return reject(new Fault('cancelled', 'Cancelled.'));
      clearTimeout(idle);
      permit(options);
      child ??= start();
      const asked = child;
      const id = ++serial;
      let silence: NodeJS.Timeout | undefined;
      let patience: NodeJS.Timeout | undefined;
      const settle = (then: () => void): void => {
        clearTimeout(silence);
        clearTimeout(patience);
        signal.removeEventListener('abort', abort);
        current = null;
        idle = setTimeout(stop, times.idleMs ?? IDLE_MS);
        idle.unref();
        then();
      };
      const kill = (fault: Fault): void => {
        if (child === asked) stop();
        settle(() => reject(fault));
      };
      const listen = (): void => {
        clearTimeout(silence);
        silence = setTimeout(
          () => kill(new Fault('refused', 'The model did not answer in time and was stopped.')),
          options.limitMs ?? SILENCE_MS,
        );
      };
      const abort = (): void => {
        asked.post({ kind: 'cancel', id });
        patience = setTimeout(() => kill(new Fault('cancelled', 'Cancelled.')), times.cancelMs ?? CANCEL_MS);
      };
      current = {
        id,
        answer: (answer) => {
          if (answer.kind === 'progress') {
            listen();
            if (!signal.aborted) progress?.(answer.fraction, answer.step);
          } else if (answer.kind === 'failed') settle(() => reject(new Fault(answer.code, answer.why)));
          else settle(() => resolve({ value: answer.value, provider: answer.provider }));
        },
        ended: (code) =>
          settle(() =>
            reject(
              signal.aborted
                ? new Fault('cancelled', 'Cancelled.')
                : closed
                  ? new Fault('closed', 'Sightline is closing.')
                  : new Fault(
                      'refused',
                      'The inference process ended while the model ran; the next run starts a new one.',
                      {
                        code,
                      },
                    ),
            ),
          ),
      };
      signal.addEventListener('abort', abort, { once: true });
      listen();
      asked.post({ ...ask, id });
    });

  return {
    ask: (ask, options) => {
      const mine = tail.then(() => run(ask, options));
      tail = mine.catch(() => {});
      return mine;
    },
    close: () => {
      closed = true;
      clearTimeout(idle);
      const waiting = current;
      stop();
      waiting?.ended(null);
    },
  };
};
