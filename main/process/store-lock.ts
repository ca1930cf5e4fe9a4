import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '../../preload/contract/index.ts';

/**
 * One Sightline at a time holds a store. The lock is SQLite's own on a file beside the database, so the operating
 * system takes it back from a process that was killed: there is no stale lock to clear. Who holds it stands in text
 * beside it, for the message only.
 */
export const lockStore = (folder: string, shell: string): (() => void) => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, 'store.lock');
  const holder = join(folder, 'store.holder');
  const db = new DatabaseSync(path);
  chmodSync(path, 0o600);
  try {
    db.exec('PRAGMA busy_timeout=0; PRAGMA journal_mode=MEMORY; BEGIN EXCLUSIVE');
  } catch {
    db.close();
    let who = '';
    try {
      who = ` (${readFileSync(holder, 'utf8').trim()})`;
    } catch {
      // Held, and not yet said by whom.
    }
    throw new Fault(
      'refused',
      `This store is open in another Sightline${who}. Close that one first, or name another store with --store.`,
    );
  }
  writeFileSync(holder, `${shell}, process ${process.pid}\n`, { mode: 0o600 });
  return () => {
    rmSync(holder, { force: true });
    db.exec('ROLLBACK');
    db.close();
  };
};
