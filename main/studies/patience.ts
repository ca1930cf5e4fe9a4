import { readFileSync } from 'node:fs';

/** Processor time of a process so far, ms; null where the system does not tell (only Linux does, in /proc). */
const processorMs = (pid: number | undefined): number | null => {
  if (pid === undefined || process.platform !== 'linux') return null;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // Fields 14 and 15, counted after the command's name in parentheses; in ticks of 10 ms.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  } catch {
    return null;
  }
};

/** On a machine that has other things to do a process may wait this much longer than it works. */
const MOST_WAITING = 10;
/** Starting a process is not the work's time. */
const START_MS = 60_000;

export interface Patience {
  /** The process works now: the limit counts from here. */
  restart(): void;
  stop(): void;
}

/**
 * Calls `over` once the process has worked for `limitMs` on what it was given: processor time where it can be had, so
 * that a busy machine makes nothing look hung, and in any case after ten times as long.
 */
export const patience = (pid: number | undefined, limitMs: number, ready: boolean, over: () => void): Patience => {
  let timer: NodeJS.Timeout;
  let startedAt = Date.now();
  let worked = ready ? processorMs(pid) : null;
  const wait = (ms: number): void => {
    clearTimeout(timer);
    timer = setTimeout(look, ms);
  };
  const look = (): void => {
    const now = processorMs(pid);
    const own = worked === null || now === null ? null : now - worked;
    const waited = Date.now() - startedAt;
    if (own !== null && own < 0.9 * limitMs && waited < MOST_WAITING * limitMs)
      return wait(Math.max(200, limitMs - own));
    over();
  };
  timer = setTimeout(look, ready ? limitMs : START_MS);
  return {
    restart: () => {
      startedAt = Date.now();
      worked = processorMs(pid);
      wait(limitMs);
    },
    stop: () => clearTimeout(timer),
  };
};
