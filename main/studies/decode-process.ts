import type { Child, Outside } from '../outside.ts';
import type { DecodeAnswer, DecodeRequest } from './decode-messages.ts';
import { patience } from './patience.ts';

const HEAP_MB = 2048;
/** What decoding has grown to is given back when nothing was asked for this long. */
const IDLE_MS = 8_000;

type Body = DecodeRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;
export type Ending = 'done' | 'timed-out' | 'crashed' | { readonly failed: string };

export interface DecodeProcess {
  /** Starts the process ahead of the first request. */
  start(): void;
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
  const rest = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => {
      const used = child;
      child = null;
      used?.kill();
      if (ready && !closed) child = start();
    }, IDLE_MS).unref();
  };
  return {
    start: () => {
      if (!closed) child ??= start();
    },
    ask: (body, limitMs, told) => {
      if (closed) return Promise.resolve('crashed');
      const id = ++serial;
      clearTimeout(idle);
      return new Promise<Ending>((resolve) => {
        child ??= start();
        const asked = child;
        const clock = patience(asked.pid, limitMs, false, () => {
          if (child === asked) child = null;
          asked.kill();
          end('timed-out');
        });
        const end = (ending: Ending): void => {
          clock.stop();
          current = null;
          if (!closed) rest();
          resolve(ending);
        };
        current = {
          id,
          ended: () => end('crashed'),
          answer: (answer) => {
            if (answer.kind === 'done') return end('done');
            if (answer.kind === 'failed') return end({ failed: answer.why });
            clock.restart();
            if (answer.kind !== 'busy') told(answer);
          },
        };
        asked.post({ ...body, id });
      });
    },
    close: () => {
      closed = true;
      clearTimeout(idle);
      child?.kill();
    },
  };
};
