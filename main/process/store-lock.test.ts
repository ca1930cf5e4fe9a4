import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { lockStore } from './store-lock.ts';

const LOCK = fileURLToPath(new URL('./store-lock.ts', import.meta.url));

it('one process at a time holds a store, and a killed one holds it no longer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-lock-'));
  try {
    const release = lockStore(folder, 'cli');
    assert.throws(() => lockStore(folder, 'cli'), new RegExp(`cli, process ${process.pid}`));
    release();

    const holder = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      `const { lockStore } = await import(${JSON.stringify(LOCK)}); lockStore(${JSON.stringify(folder)}, 'host');
       console.log('held'); setInterval(() => {}, 1000);`,
    ]);
    await new Promise((resolve) => holder.stdout.once('data', resolve));
    assert.throws(() => lockStore(folder, 'cli'), new RegExp(`host, process ${holder.pid}`));
    const ended = new Promise((resolve) => holder.once('exit', resolve));
    holder.kill('SIGKILL');
    await ended;
    lockStore(folder, 'cli')();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
