import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log, Outside } from './outside.ts';
import { spawnNode } from './process/spawn-node.ts';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '..');

/** The operating system's folder for this user's application data. */
export const dataFolder = (): string => {
  const home = homedir();
  if (process.platform === 'win32')
    return join(process.env.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Sightline');
  if (process.platform === 'darwin') return join(home, 'Library', 'Application Support', 'Sightline');
  return join(process.env.XDG_DATA_HOME ?? join(home, '.local', 'share'), 'sightline');
};

/** One line an entry on standard error; errors by name and code, since messages of the system name files. */
export const consoleLog = (quiet: boolean): Log => {
  const write = (level: string, message: string, details?: Readonly<Record<string, unknown>>): void => {
    console.error(
      `${level} ${message}${details && Object.keys(details).length > 0 ? ` ${JSON.stringify(details)}` : ''}`,
    );
  };
  return {
    info: (message, details) => {
      if (!quiet) write('info', message, details);
    },
    warn: (message, details) => write('warn', message, details),
    error: (message, error, details) => {
      const name = error instanceof Error ? error.name : typeof error;
      const code = (error as NodeJS.ErrnoException | null)?.code;
      write('error', message, { ...details, error: name, ...(code ? { code } : {}) });
      if (process.env.SIGHTLINE_DEBUG) console.error(error);
    },
  };
};

/** The outside of a Node process: the host and the command line. */
export const outsideNode = (options: {
  shell: 'host' | 'cli';
  storeFolder: string;
  roots: Readonly<Record<string, string>>;
  log: Log;
}): Outside => {
  const storeFolder = resolve(options.storeFolder);
  const installed = join(storeFolder, 'models');
  mkdirSync(installed, { recursive: true, mode: 0o700 });
  return {
    shell: options.shell,
    storeFolder,
    modelFolders: [join(REPOSITORY, 'models', 'packages'), installed],
    roots: options.roots,
    pickFolder: null,
    now: () => new Date(),
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
    spawn: spawnNode(options.log),
    log: options.log,
  };
};
