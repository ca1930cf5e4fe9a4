import type { Child, Outside } from '../outside.ts';
import type { DecodeAnswer, DecodeRequest, FileToDecode } from './decode-messages.ts';
import { patience } from './patience.ts';

const HEAP_MB = 2048;
/** What decoding has grown to is given back when nothing was asked for this long. */
const IDLE_MS = 8_000;
const PRACTICE_MS = 2_000;

type Body = DecodeRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;
/** not-begun: the process could not be started, which says nothing of the file. */
export type Ending = 'done' | 'timed-out' | 'crashed' | 'not-begun' | { readonly failed: string };

export interface DecodeProcess {
  /** Starts the process ahead of the first request, and has it decode a file for practice, now and when it starts anew. */
  rehearse(file: FileToDecode): void;
  /** Settles when the request has ended, one way or another; each answer is told as it comes and restarts the clock. */
  ask(body: Body, limitMs: number, told: (answer: Exclude<DecodeAnswer, { kind: 'busy' }>) => void): Promise<Ending>;
  close(): void;
}

/**
 * One decode process, started when needed and again after it was killed. One request at a time. Where nothing is asked of
 * it for a while it ends; `ready`: a fresh one stands by then, so that the next series need not wait for its start.
 */
export const decodeProcess = (outside: Outside, writable: string, ready: boolean): DecodeProcess => {
  let child: Child | null = null;
  let serial = 0;
  let closed = false;
  let idle: NodeJS.Timeout | undefined;
  let asked = 0;
  let practice: FileToDecode | null = null;
  let rehearsing: Promise<unknown> = Promise.resolve();
  let current: { id: number; answer: (answer: DecodeAnswer) => void; ended: () => void } | null = null;
  const start = (): Child => {
    const started = outside.spawn('decode', { heapMb: HEAP_MB, read: 'all', write: [writable], native: false });
    started.onMessage((message) => {
      const answer = message as DecodeAnswer;
      if (current?.id === answer.id) current.answer(answer);
    });
    started.onExit(() => {
      if (child !== started) return;
      child = null;
      current?.ended();
    });
    return started;
  };
  const send: DecodeProcess['ask'] = (body, limitMs, told) => {
    if (closed) return Promise.resolve('not-begun');
    const id = ++serial;
    let begun = false;
    return new Promise<Ending>((resolve) => {
      child ??= start();
      const worker = child;
      const clock = patience(worker.pid, limitMs, false, () => {
        if (child === worker) child = null;
        worker.kill();
        end(begun ? 'timed-out' : 'not-begun');
      });
      const end = (ending: Ending): void => {
        clock.stop();
        current = null;
        resolve(ending);
      };
      current = {
        id,
        ended: () => end(begun ? 'crashed' : 'not-begun'),
        answer: (answer) => {
          begun = true;
          if (answer.kind === 'done') return end('done');
          if (answer.kind === 'failed') return end({ failed: answer.why });
          clock.restart();
          if (answer.kind !== 'busy') told(answer);
        },
      };
      worker.post({ ...body, id });
    });
  };
  const rehearse = (): void => {
    if (closed || asked > 0 || current !== null) return;
    const file = practice;
    if (file === null) child ??= start();
    else rehearsing = send({ kind: 'rehearse', file }, PRACTICE_MS, () => {});
  };
  const rest = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => {
      const used = child;
      child = null;
      used?.kill();
      if (ready) rehearse();
    }, IDLE_MS).unref();
  };
  return {
    rehearse: (file) => {
      practice = file;
      rehearse();
    },
    ask: async (body, limitMs, told) => {
      clearTimeout(idle);
      asked++;
      try {
        await rehearsing;
        return await send(body, limitMs, told);
      } finally {
        asked--;
        if (!closed) rest();
      }
    },
    close: () => {
      closed = true;
      clearTimeout(idle);
      child?.kill();
    },
  };
};
