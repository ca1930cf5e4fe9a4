/** Disks that are full, read-only or broken: what was acknowledged stays, and the reader is told. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openStore } from '../../main/store/index.ts';
import { Fault } from '../../preload/contract/index.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const LONGEST_MS = 120_000;
const isWindows = process.platform === 'win32';

const temporary = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-disk-'));
  t.after(() => {
    // A small disk below it goes first.
    if (existsSync(join(folder, 'disk'))) spawnSync('umount', ['-l', join(folder, 'disk')]);
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
};
interface Ended {
  readonly acknowledged: readonly number[];
  readonly fault: string;
}
/** Edits until the disk says no. */
const editUntilFault = (command: readonly string[], env: NodeJS.ProcessEnv = {}): Ended => {
  const [program = '', ...rest] = command;
  const { stdout, stderr, status } = spawnSync(program, rest, {
    encoding: 'utf8',
    timeout: LONGEST_MS,
    env: { ...process.env, ...env },
  });
  assert.equal(status, 0, stderr);
  const lines = stdout.trim().split('\n');
  return {
    acknowledged: lines.filter((line) => line.startsWith('ack ')).map((line) => Number(line.slice(4))),
    fault: lines.find((line) => line.startsWith('fault ')) ?? '',
  };
};
const checkThere = (folder: string, acknowledged: readonly number[]): void => {
  const store = openStore(folder);
  try {
    for (const n of acknowledged)
      assert.ok(store.read.get('SELECT 1 FROM operation WHERE op_id = ?', `op${n}`), `act ${n} is there`);
    const [check] = store.read.all<Record<string, string>>('PRAGMA integrity_check');
    assert.deepEqual(Object.values(check ?? {}), ['ok']);
    store.transaction((writer) =>
      writer.run("INSERT INTO setting (key, value) VALUES ('again', 'yes') ON CONFLICT DO NOTHING"),
    );
  } finally {
    store.close();
  }
};

/** A small disk of its own where this user may mount one; null elsewhere. */
const smallDisk = (folder: string, megabytes: number): string | null => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
  const at = join(folder, 'disk');
  mkdirSync(at);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', at]).status !== 0) return null;
  return at;
};

test('a full disk: the edit is refused and said, all before it is there', {
  skip: isWindows && 'no ulimit on Windows',
}, (t) => {
  const folder = temporary(t);
  const disk = smallDisk(folder, 4);
  if (disk) {
    const { acknowledged, fault } = editUntilFault([process.execPath, CHILD, 'edit', join(disk, 'store'), '0']);
    assert.match(fault, /^fault refused The disk of the store is full/u);
    assert.ok(acknowledged.length > 5, `${acknowledged.length} acknowledged`);
    assert.equal(spawnSync('mount', ['-o', 'remount,size=64m', disk]).status, 0);
    checkThere(join(disk, 'store'), acknowledged);
  }
  // A limit on the size of each file stands for a quota, for every user.
  const store = join(folder, 'store');
  const limited = `ulimit -f 1600; exec "${process.execPath}" "${CHILD}" edit "${store}" 0`;
  const { acknowledged, fault } = editUntilFault(['sh', '-c', limited]);
  assert.match(fault, /^fault refused The disk of the store/u);
  assert.ok(acknowledged.length > 5, `${acknowledged.length} acknowledged`);
  checkThere(store, acknowledged);
});

test('a disk that takes a part of a file: neither labels nor an upload are taken for whole', {
  skip: isWindows && 'no ulimit on Windows',
}, (t) => {
  const folder = temporary(t);
  const main = new URL('../../main/', import.meta.url).href;
  // The write that goes over the limit is cut short; only a further one would fail.
  const program = `
    import { mkdirSync } from 'node:fs';
    import { randomFillSync } from 'node:crypto';
    import { createUploads } from '${main}studies/uploads.ts';
    import { packSlice, writeSlices } from '${main}segmentations/slices.ts';
    const bytes = randomFillSync(new Uint8Array(500 * 500));
    const tell = (what, work) => work.then(() => console.log(what, 'kept'), () => console.log(what, 'refused'));
    await tell('labels', writeSlices('labels', [500, 500, 1], () => packSlice(bytes)));
    const uploads = createUploads({ outside: { storeFolder: '.' }, store: { read: { all: () => [] } }, newId: () => 'a' });
    const request = new Request('http://a/', { method: 'PUT', body: bytes });
    await tell('upload', uploads.put(uploads.open(), 0, request));
  `;
  const { stdout, stderr, status } = spawnSync(
    'sh',
    ['-c', `ulimit -f 100; exec "${process.execPath}" --input-type=module -e "$PROGRAM"`],
    { encoding: 'utf8', cwd: folder, env: { ...process.env, PROGRAM: program } },
  );
  assert.equal(status, 0, stderr);
  assert.deepEqual(stdout.trim().split('\n'), ['labels refused', 'upload refused']);
  assert.deepEqual(readdirSync(folder), ['uploads'], 'nothing of the labels is left');
});

test('a read-only folder: the store is not opened, it is said, and nothing is lost', {
  skip: isWindows && 'no modes on Windows',
}, (t) => {
  const folder = temporary(t);
  const disk = smallDisk(folder, 16);
  const at = join(disk ?? folder, 'store');
  const first = openStore(at);
  first.transaction((writer) =>
    writer.run("INSERT INTO operation (op_id, kind, subject, at) VALUES ('op0', 'x', 'x', 'x')"),
  );
  first.close();
  const files = (): string[] => readdirSync(at).map((name) => join(at, name));
  const lock = (locked: boolean): void => {
    if (disk) assert.equal(spawnSync('mount', ['-o', `remount,${locked ? 'ro' : 'rw'}`, disk]).status, 0);
    else {
      if (!locked) chmodSync(at, 0o700);
      for (const file of files()) chmodSync(file, locked ? 0o400 : 0o600);
      if (locked) chmodSync(at, 0o500);
    }
  };
  if (!disk && process.getuid?.() === 0) return t.skip('root may write everywhere, and cannot mount here');
  lock(true);
  try {
    if (disk)
      assert.throws(
        () => openStore(at),
        (error: unknown) =>
          error instanceof Fault && error.code === 'refused' && /cannot be written/u.test(error.message),
      );
    // The owner of a folder may take its modes back: then it opens.
    else openStore(at).close();
  } finally {
    lock(false);
  }
  checkThere(at, [0]);
});

test('a failing fsync: nothing is acknowledged that was not synced, and it is said', (t) => {
  if (process.platform !== 'linux' || spawnSync('cc', ['--version']).status !== 0) return t.skip('no C compiler');
  const folder = temporary(t);
  const library = join(folder, 'fsync.so');
  const made = spawnSync('cc', [
    '-shared',
    '-fPIC',
    '-o',
    library,
    fileURLToPath(new URL('./fsync.c', import.meta.url)),
    '-ldl',
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  for (const after of [20, 27, 40]) {
    const store = join(folder, `store${after}`);
    const { acknowledged, fault } = editUntilFault([process.execPath, CHILD, 'edit', store, '0'], {
      LD_PRELOAD: library,
      FAIL_AFTER: String(after),
    });
    assert.match(fault, /^fault refused The disk of the store gave an error/u);
    assert.ok(acknowledged.length < after, `${acknowledged.length} acknowledged with ${after} syncs`);
    if (existsSync(store)) checkThere(store, acknowledged);
  }
});
