import { fork } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Child, EntryName, Log, Outside, SpawnLimits } from '../outside.ts';
import { SILENCE } from './silence.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const REPOSITORY = resolve(HERE, '../..');

/** What a worker needs of the environment: nothing of the user's, only what finds drivers and system libraries. */
const KEPT_VARIABLES = ['SystemRoot', 'LD_LIBRARY_PATH', 'CUDA_PATH', 'VK_ICD_FILENAMES', 'OMP_NUM_THREADS'];

/** The permission model compares real paths; where a link leads elsewhere both names are given. */
const both = (path: string): string[] => {
  const absolute = resolve(path);
  try {
    const real = realpathSync(absolute);
    return real === absolute ? [absolute] : [absolute, real];
  } catch {
    return [absolute];
  }
};

/** Code and packages that a worker loads; models/packages are among them. */
const codeFolders = (): string[] =>
  ['main', 'preload', 'models', 'node_modules', 'package.json'].flatMap((name) => both(join(REPOSITORY, name)));

/** Flags of Node that hold a worker within its limits; see https://nodejs.org/api/permissions.html. */
export const workerFlags = (limits: SpawnLimits): string[] => [
  `--max-old-space-size=${limits.heapMb}`,
  '--disable-warning=PERM0001',
  '--disable-warning=ExperimentalWarning',
  '--permission',
  ...(limits.read === 'all' ? ['*'] : [...codeFolders(), ...[...limits.read, ...limits.write].flatMap(both)]).map(
    (path) => `--allow-fs-read=${path}`,
  ),
  ...limits.write.flatMap(both).map((path) => `--allow-fs-write=${path}`),
  ...(limits.native ? ['--allow-addons'] : []),
  '--require',
  join(HERE, 'no-network.cjs'),
];

/** What a worker printed may name files, and files are named after patients: only the kind of error is kept. */
const reasonIn = (printed: string): string => {
  if (printed.includes('heap out of memory')) return 'out of memory';
  return /\b[A-Za-z]*Error(?: \[[A-Z_]+\])?/.exec(printed)?.[0] ?? 'no reason given';
};

const neverStarted: Child = {
  post: () => {},
  onMessage: () => {},
  onExit: (listener) => queueMicrotask(() => listener(1)),
  kill: () => {},
  pid: undefined,
};

/** Outside.spawn for the host and the command line: a Node child process that can read, write and reach only what it must. */
export const spawnNode =
  (log: Log, entries: string = join(HERE, 'entries')): Outside['spawn'] =>
  (entry: EntryName, limits: SpawnLimits): Child => {
    const environment: NodeJS.ProcessEnv = { ...SILENCE };
    for (const name of KEPT_VARIABLES) {
      const value = process.env[name];
      if (value !== undefined) environment[name] = value;
    }
    let child: ReturnType<typeof fork>;
    try {
      child = fork(join(entries, `${entry}.ts`), [], {
        serialization: 'advanced',
        env: environment,
        execArgv: workerFlags(limits),
        cwd: REPOSITORY,
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      });
    } catch (error) {
      // Some of the system's reasons are emitted (no more processes), others thrown (no memory for one).
      log.error(`worker ${entry} failed`, error);
      return neverStarted;
    }
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      if (errors.length < 20_000) errors += chunk.toString('utf8');
      if (process.env.SIGHTLINE_DEBUG) process.stderr.write(chunk);
    });
    let ended = false;
    const listeners: ((code: number | null) => void)[] = [];
    const end = (code: number | null): void => {
      if (ended) return;
      ended = true;
      if (code !== 0 && code !== null) log.warn(`worker ${entry} ended`, { code, why: reasonIn(errors) });
      for (const listener of listeners) listener(code);
    };
    child.on('exit', (code) => end(code));
    child.on('error', (error) => {
      log.error(`worker ${entry} failed`, error);
      if (child.pid === undefined) end(1);
    });
    return {
      post: (message) => {
        if (child.connected) child.send(message as never, () => {});
      },
      onMessage: (listener) => child.on('message', listener),
      onExit: (listener) => {
        if (ended) queueMicrotask(() => listener(child.exitCode));
        else listeners.push(listener);
      },
      kill: () => child.kill('SIGKILL'),
      pid: child.pid,
    };
  };
