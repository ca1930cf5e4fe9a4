import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { Fault } from '../../preload/contract/index.ts';
import { openStore, type Writer } from './index.ts';
import { storeFault } from './store.ts';

const top = mkdtempSync(join(tmpdir(), 'sightline-store-'));
after(() => rmSync(top, { recursive: true, force: true }));
const removal = (writer: Writer, path: string): void => {
  writer.run('INSERT INTO file_removals (path) VALUES (?)', path);
};
const paths = (store: ReturnType<typeof openStore>): string[] =>
  store.read.all<{ path: string }>('SELECT path FROM file_removals ORDER BY path').map((row) => row.path);

test('a transaction is whole or nothing, and its files are the owner’s alone', () => {
  const folder = join(top, 'one');
  const store = openStore(folder);
  store.transaction((writer) => removal(writer, 'a'));
  assert.throws(
    () =>
      store.transaction((writer) => {
        removal(writer, 'b');
        throw new Fault('conflict', 'no');
      }),
    (error) => error instanceof Fault && error.code === 'conflict',
  );
  assert.deepEqual(paths(store), ['a']);
  assert.throws(() => store.transaction(() => store.transaction(() => {})), /nest/);
  store.transaction((writer) => removal(writer, 'c'));
  assert.deepEqual(paths(store), ['a', 'c']);
  assert.throws(() => store.read.all('DELETE FROM file_removals'));
  assert.equal(statSync(folder).mode & 0o777, 0o700);
  for (const name of readdirSync(folder)) assert.equal(statSync(join(folder, name)).mode & 0o077, 0, name);
  store.close();
});

test('after an end without closing the last committed state is there, and it is told', () => {
  const folder = join(top, 'two');
  const store = openStore(folder);
  assert.deepEqual(store.recovered, []);
  store.transaction((writer) => removal(writer, 'kept'));
  // What a kill leaves: database and log as they are on disk now.
  const copy = join(top, 'killed');
  mkdirSync(copy);
  for (const name of ['sightline.sqlite', 'sightline.sqlite-wal']) copyFileSync(join(folder, name), join(copy, name));
  store.close();
  const again = openStore(copy);
  assert.deepEqual(paths(again), ['kept']);
  assert.match(again.recovered[0] ?? '', /not closed/);
  again.close();
  const third = openStore(copy);
  assert.deepEqual(third.recovered, []);
  third.close();
});

test('a folder that cannot be used and a damaged database are told in words', () => {
  const file = join(top, 'file');
  writeFileSync(file, '');
  assert.throws(() => openStore(join(file, 'store')));
  const folder = join(top, 'damaged');
  mkdirSync(folder);
  writeFileSync(join(folder, 'sightline.sqlite'), 'this is no database, however long it may be. '.repeat(200));
  assert.throws(
    () => openStore(folder),
    (error) => error instanceof Fault && /damaged/.test(error.message),
  );
});

test('a full disk, a read-only file and a lock held elsewhere are told in words', () => {
  const path = join(top, 'full.sqlite');
  const db = new DatabaseSync(path);
  db.exec('PRAGMA page_size=512; CREATE TABLE t (x BLOB); PRAGMA max_page_count=4');
  const failing = (work: () => void): unknown => {
    try {
      work();
    } catch (error) {
      return storeFault(error);
    }
    return null;
  };
  const full = failing(() => db.prepare('INSERT INTO t VALUES (?)').run(new Uint8Array(10_000)));
  assert.ok(full instanceof Fault && /disk .* full/.test(full.message));
  const reading = new DatabaseSync(path, { readOnly: true });
  const readOnly = failing(() => reading.exec("INSERT INTO t VALUES ('x')"));
  assert.ok(readOnly instanceof Fault && /cannot be written/.test(readOnly.message));
  reading.close();
  const other = new DatabaseSync(path);
  other.exec('BEGIN EXCLUSIVE');
  db.exec('PRAGMA busy_timeout=0');
  const locked = failing(() => db.exec('BEGIN IMMEDIATE'));
  assert.ok(locked instanceof Fault && /Another Sightline/.test(locked.message));
  other.close();
  db.close();
  assert.equal(storeFault(17), 17);
});

test('scrubbed words are in none of the store’s files', () => {
  const folder = join(top, 'scrub');
  const store = openStore(folder);
  store.transaction((writer) => {
    for (let n = 0; n < 400; n++) removal(writer, `Quodlibetarius ${n} ${'x'.repeat(n)}`);
  });
  store.transaction((writer) => writer.run("DELETE FROM file_removals WHERE path LIKE 'Quodlibetarius%'"));
  const held = (): boolean =>
    readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes('Quodlibetarius'));
  assert.equal(held(), true, 'the log still holds them');
  store.scrub(['Quodlibetarius']);
  assert.equal(held(), false);
  store.close();
});
