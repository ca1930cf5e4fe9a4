import { chmodSync, closeSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { Fault } from '../../preload/contract/index.ts';
import { migrations } from './migrations/index.ts';

export type SqlValue = null | number | bigint | string | Uint8Array;

export interface Reader {
  all<Row>(sql: string, ...values: SqlValue[]): Row[];
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined;
}
export interface Writer extends Reader {
  run(sql: string, ...values: SqlValue[]): { changes: number };
}

export interface Store {
  /** Reads of the last committed state, on a connection that cannot write. */
  readonly read: Reader;
  /** All or nothing, on disk (fsync) before it returns. Not nested. */
  transaction<T>(work: (writer: Writer) => T): T;
  readonly folder: string;
  /** What this start had to mend, in words for the reader. */
  readonly recovered: string[];
  /**
   * After something was deleted for good: empties the write-ahead log, and rewrites the database where one of the words
   * still stands in its file. Words that are still in use cannot be scrubbed: leave them out.
   */
  scrub(words: readonly string[]): void;
  close(): void;
}

const bind = (db: DatabaseSync): Writer => {
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    let statement = statements.get(sql);
    if (!statement) {
      statement = db.prepare(sql);
      statements.set(sql, statement);
    }
    return statement;
  };
  return {
    all: <Row>(sql: string, ...values: SqlValue[]) => prepare(sql).all(...values) as Row[],
    get: <Row>(sql: string, ...values: SqlValue[]) => prepare(sql).get(...values) as Row | undefined,
    run: (sql, ...values) => ({ changes: Number(prepare(sql).run(...values).changes) }),
  };
};

/** SQLite's result codes in words; https://sqlite.org/rescode.html */
export const storeFault = (error: unknown): unknown => {
  if (error instanceof Fault) return error;
  const { errcode, code } = (error ?? {}) as { errcode?: unknown; code?: unknown };
  const primary = typeof errcode === 'number' ? errcode & 0xff : 0;
  const details = { sqlite: errcode ?? code };
  if (primary === 13 || code === 'ENOSPC')
    return new Fault('refused', 'The disk of the store is full: nothing was changed.', details);
  if (primary === 8 || primary === 14 || code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return new Fault('refused', 'The folder of the store cannot be written.', details);
  if (primary === 10) return new Fault('refused', 'The disk of the store gave an error: nothing was changed.', details);
  if (primary === 5) return new Fault('refused', 'Another Sightline is using this store.', details);
  if (primary === 11 || primary === 26) return new Fault('refused', 'The database of the store is damaged.', details);
  return error;
};

/** Whether the file holds one of the words, as UTF-8. */
const holds = (path: string, words: readonly string[]): boolean => {
  const needles = words.filter((word) => word.length > 0).map((word) => Buffer.from(word, 'utf8'));
  if (needles.length === 0) return false;
  const overlap = Math.max(...needles.map((needle) => needle.length));
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(4 * 2 ** 20);
    for (let at = 0; ; at += chunk.length - overlap) {
      const got = readSync(fd, chunk, 0, chunk.length, at);
      if (needles.some((needle) => chunk.subarray(0, got).includes(needle))) return true;
      if (got < chunk.length) return false;
    }
  } finally {
    closeSync(fd);
  }
};

/** Opens or makes the store's database. Throws Fault where its folder cannot be used. */
export const openStore = (folder: string): Store => {
  try {
    return open(folder);
  } catch (error) {
    throw storeFault(error);
  }
};

const open = (folder: string): Store => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const path = join(folder, 'sightline.sqlite');
  // A log with content means that the last run ended without closing.
  const unclosed = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const db = new DatabaseSync(path);
  chmodSync(path, 0o600);
  db.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA busy_timeout=5000;',
  );
  const writer = bind(db);
  const recovered: string[] = [];
  if (unclosed) recovered.push('Sightline was not closed last time: everything that was saved is here.');
  const version = Number(writer.get<{ user_version: number }>('PRAGMA user_version')?.user_version ?? 0);
  for (const migration of migrations.filter((m) => m.number > version)) {
    db.exec('BEGIN IMMEDIATE');
    try {
      migration.up(db);
      db.exec(`PRAGMA user_version=${migration.number}`);
      db.exec('COMMIT');
    } catch (error) {
      db.exec('ROLLBACK');
      throw error;
    }
  }
  const reading = new DatabaseSync(path, { readOnly: true });
  const read = bind(reading);
  let inside = false;
  return {
    folder,
    recovered,
    read,
    transaction: (work) => {
      if (inside) throw new Error('transactions do not nest');
      inside = true;
      try {
        db.exec('BEGIN IMMEDIATE');
        const result = work(writer);
        db.exec('COMMIT');
        return result;
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw storeFault(error);
      } finally {
        inside = false;
      }
    },
    scrub: (words) => {
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      if (!holds(path, words)) return;
      // secure_delete clears deleted rows, but pages that were rebalanced can keep old copies in their gaps.
      db.exec('VACUUM');
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    },
    close: () => {
      reading.close();
      db.close();
    },
  };
};
