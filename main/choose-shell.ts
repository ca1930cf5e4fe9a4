import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const CONNECT_MS = 5_000;
const DOWNLOAD_MS = 300_000;

export type Choice =
  | { readonly shell: 'electron'; readonly binary: string; readonly why: string }
  | { readonly shell: 'host'; readonly why: string };

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly root: boolean;
  readonly display: boolean;
  /** The Electron binary where it is installed. */
  binary(): string | null;
  /** One try to reach the place that Electron comes from. */
  reachable(limitMs: number): Promise<boolean>;
  /** Runs Electron's own installer; false where it failed. */
  download(limitMs: number): Promise<boolean>;
}

/** Which shell this machine can open, and the one line that says so. Takes at most the connection's limit where nothing can be had. */
export const chooseShell = async (machine: Machine, say: (line: string) => void): Promise<Choice> => {
  const host = (why: string): Choice => ({ shell: 'host', why: `Running in the browser host: ${why}` });
  if (!machine.display) return host('there is no display for Electron.');
  if (machine.platform === 'linux' && machine.root) return host("Electron's sandbox does not run as root.");
  const here = machine.binary();
  if (here) return { shell: 'electron', binary: here, why: 'Running in Electron: its binary is installed.' };
  if (!(await machine.reachable(CONNECT_MS)))
    return host('the Electron binary is not installed and cannot be reached.');
  say('Fetching the Electron binary, once (about 110 MB).');
  const got = (await machine.download(DOWNLOAD_MS)) ? machine.binary() : null;
  return got
    ? { shell: 'electron', binary: got, why: 'Running in Electron: its binary was fetched.' }
    : host('the Electron binary could not be fetched.');
};

const electronFolder = (): string | null => {
  try {
    return dirname(createRequire(import.meta.url).resolve('electron/package.json'));
  } catch {
    return null;
  }
};

export const thisMachine = (display: boolean): Machine => ({
  platform: process.platform,
  root: process.getuid?.() === 0,
  display,
  binary: () => {
    const folder = electronFolder();
    const named = folder && join(folder, 'path.txt');
    if (!folder || !named || !existsSync(named)) return null;
    const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? join(folder, 'dist');
    const binary = join(dist, readFileSync(named, 'utf8').trim());
    return existsSync(binary) ? binary : null;
  },
  reachable: async (limitMs) => {
    if (!electronFolder()) return false;
    const mirror = process.env.ELECTRON_MIRROR ?? 'https://github.com/electron/electron/releases/';
    try {
      await fetch(mirror, { method: 'HEAD', signal: AbortSignal.timeout(limitMs) });
      return true;
    } catch {
      return false;
    }
  },
  download: (limitMs) =>
    new Promise((resolve) => {
      const folder = electronFolder();
      if (!folder) return resolve(false);
      const child = spawn(process.execPath, [join(folder, 'install.js')], { stdio: ['ignore', 'ignore', 'inherit'] });
      const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
      child.on('error', () => resolve(false));
      child.on('exit', (code) => {
        clearTimeout(timer);
        resolve(code === 0);
      });
    }),
});
