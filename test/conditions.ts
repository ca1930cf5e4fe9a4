import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { thisMachine } from '../main/choose-shell.ts';
import { findChromium, hasMesa } from './chromium.ts';

const REPOSITORY = resolve(fileURLToPath(new URL('.', import.meta.url)), '..');
/** Real studies beside the repository; most machines have none. */
export const SHARED_DATA = resolve(REPOSITORY, '..', 'shared', 'data');

/** What may be missing on a machine, as test/permitted-skips.json names it. True: it is missing here. */
export const conditions = {
  'no shared data folder': () => !existsSync(SHARED_DATA),
  'no Chromium': () => findChromium() === null && process.env.CI !== 'true',
  'no Mesa': () => !hasMesa(),
  'no Electron binary': () => thisMachine(true).binary() === null,
  'not root on Linux': () => process.platform !== 'linux' || process.getuid?.() !== 0,
  Windows: () => process.platform === 'win32',
  'no C compiler': () => process.platform !== 'linux' || spawnSync('cc', ['--version']).status !== 0,
  'root without mount': () => process.getuid?.() === 0,
  'no other network address': () =>
    !Object.values(networkInterfaces()).some((ones) => ones?.some((one) => one.family === 'IPv4' && !one.internal)),
} as const satisfies Record<string, () => boolean>;
export type Condition = keyof typeof conditions;
