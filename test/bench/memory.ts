/** Memory of a process and of all that it started: proportional set size, so that what they share counts once. Linux. */
import { readdirSync, readFileSync } from 'node:fs';

const statusOf = (pid: number): { parent: number; pssBytes: number } | null => {
  try {
    const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return { parent: Number(parent), pssBytes: Number(pss ?? 0) * 1024 };
  } catch {
    // It ended meanwhile.
    return null;
  }
};

/** Without the process itself: bytes of its children, their children and so on. */
export const familyBytes = (of: number): number => {
  const all = new Map<number, { parent: number; pssBytes: number }>();
  for (const name of readdirSync('/proc')) {
    const status = /^\d+$/.test(name) ? statusOf(Number(name)) : null;
    if (status) all.set(Number(name), status);
  }
  const isDescendant = (pid: number): boolean => {
    for (let at = all.get(pid)?.parent; at !== undefined && at > 1; at = all.get(at)?.parent)
      if (at === of) return true;
    return false;
  };
  let sum = 0;
  for (const [pid, { pssBytes }] of all) if (isDescendant(pid)) sum += pssBytes;
  return sum;
};
