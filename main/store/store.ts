import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
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

/** Opens or makes the store's database. */
export const openStore = (folder: string): Store => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const path = join(folder, 'sightline.sqlite');
  const db = new DatabaseSync(path);
  chmodSync(path, 0o600);
  db.exec(
    'PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON; PRAGMA busy_timeout=5000;',
  );
  const writer = bind(db);
  const recovered: string[] = [];
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
  let open = false;
  return {
    folder,
    recovered,
    read,
    transaction: (work) => {
      if (open) throw new Error('transactions do not nest');
      open = true;
      db.exec('BEGIN IMMEDIATE');
      try {
        const result = work(writer);
        db.exec('COMMIT');
        return result;
      } catch (error) {
        if (db.isTransaction) db.exec('ROLLBACK');
        throw error;
      } finally {
        open = false;
      }
    },
    close: () => {
      reading.close();
      db.close();
    },
  };
};
