/** Starts the process, kills it at any moment, and tells what it had acknowledged until then. */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ActName } from './acts.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const LONGEST_MS = 60_000;
/** Compiled once for all the processes to come. */
const env = { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'sightline-kills-compiled') };

export interface Killed {
  readonly acknowledged: readonly number[];
  /** The last that was begun; the next run repeats it. */
  readonly tried: number;
  /** Whether the last word was that a transaction is open. */
  readonly inside: boolean;
}

/** Every second kill waits for an open transaction, some acts in; the others come at any moment after the first act was begun. */
export const killOnce = async (act: ActName, folder: string, from: number, k: number): Promise<Killed> => {
  const child = spawn(process.execPath, [CHILD, act, folder, String(from)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  const acknowledged: number[] = [];
  let tried = from;
  let last = '';
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  let armed = false;
  let passed = 0;
  // Imports write from within the domain: their moments are any.
  const waits = k % 2 === 0 && act !== 'import';
  const skip = Math.floor(Math.random() * (act === 'migrate' ? 4 : 6));
  const arm = (withinMs: number): void => {
    if (armed) return;
    armed = true;
    setTimeout(() => child.kill('SIGKILL'), Math.random() * withinMs);
  };
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    last = line;
    const [word, number] = line.split(' ');
    if (word === 'ack') acknowledged.push(Number(number));
    if (word === 'try') tried = Number(number);
    if (waits && act === 'migrate' && word === 'inside' && passed++ >= skip) arm(8);
    if (waits && act !== 'migrate' && word === 'inside' && acknowledged.length >= skip) arm(8);
    // An older store has fewer migrations than were to pass.
    if (act === 'migrate' && word === 'ack') arm(8);
    // On a busy machine the first import takes longer than that, and none would be acknowledged.
    if (act === 'import') {
      if (word === (k % 2 === 0 ? 'ack' : 'try')) arm(900);
    } else if (!waits && word === 'try') arm(250);
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), LONGEST_MS);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.on('close', (...ended) => resolve(ended));
  });
  clearTimeout(limit);
  if (signal !== 'SIGKILL') throw new Error(`${act} ended by itself (${code}): ${last} ${errors}`);
  return { acknowledged, tried, inside: last === 'inside' };
};
