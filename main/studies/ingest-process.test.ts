import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Child, Outside } from '../outside.ts';
import { decodeRead, encodeRead, type IngestAnswer, type IngestRequest, type ReadFile } from './ingest-messages.ts';
import { ingestProcess } from './ingest-process.ts';

/** One request after the other, as the real one; reading a file named 'crash' ends it. */
const fragile = (started: { count: number }): Child => {
  started.count += 1;
  const messages: ((message: unknown) => void)[] = [];
  const exits: ((code: number | null) => void)[] = [];
  let ended = false;
  const end = (): void => {
    if (ended) return;
    ended = true;
    setTimeout(() => {
      for (const exit of exits) exit(null);
    }, 5);
  };
  const say = (answer: IngestAnswer): void => {
    if (!ended) for (const message of messages) message(answer);
  };
  let tail = Promise.resolve();
  const handle = async (request: IngestRequest): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 1));
    const { id } = request;
    say({ kind: 'busy', id });
    if (request.kind === 'same') return say({ kind: 'same', id, same: request.pairs.map(() => true) });
    if (request.kind !== 'read') return;
    const read: ReadFile[] = [];
    for (const { path } of request.files) {
      if (path === 'crash') return end();
      read.push({ kind: 'ignored', reason: path });
    }
    say({ kind: 'read', id, files: encodeRead(read) });
  };
  return {
    post: (message) => {
      tail = tail.then(() => handle(message as IngestRequest));
    },
    onMessage: (listener) => messages.push(listener),
    onExit: (listener) => exits.push(listener),
    kill: end,
    pid: undefined,
  };
};
const file = (path: string): { path: string; name: string } => ({ path, name: path });
const reasons = (files: readonly ReadFile[]): string[] =>
  files.map((one) => (one.kind === 'ignored' || one.kind === 'refused' ? `${one.kind} ${one.reason}` : one.kind));

test('what waits in line behind a file that ends the process is as if it had not', async () => {
  const started = { count: 0 };
  const process = ingestProcess({ spawn: () => fragile(started) } as unknown as Outside, '');
  const asked = [
    process.read([file('a'), file('crash'), file('b'), file('crash')]),
    process.read([file('c'), file('d')]),
    process.read([file('e')]),
  ];
  const same = process.same([['x', 'y']]);
  const refused = 'refused Reading the file needed too much memory or crashed.';
  assert.deepEqual((await Promise.all(asked)).map(reasons), [
    ['ignored a', refused, 'ignored b', refused],
    ['ignored c', 'ignored d'],
    ['ignored e'],
  ]);
  assert.deepEqual(await same, [true], 'two files are not taken for different because another crashed');
  // Anew after the batch and after the first of the two files alone; after the second nothing was left to do.
  assert.equal(started.count, 3);
  process.close();
});

test('a process that cannot start refuses its files and ends', async () => {
  const outside = {
    spawn: (): Child => ({
      post: () => {},
      onMessage: () => {},
      onExit: (listener) => setTimeout(() => listener(1), 1),
      kill: () => {},
      pid: undefined,
    }),
  } as unknown as Outside;
  const process = ingestProcess(outside, '');
  const read = await Promise.all([process.read([file('a'), file('b')]), process.read([file('c')])]);
  assert.deepEqual(
    read.flat().map(({ kind }) => kind),
    ['refused', 'refused', 'refused'],
  );
  process.close();
});

test('what was read crosses the line as it was', () => {
  const instance = (study: string, series: string, image: string | null): ReadFile => ({
    kind: 'instance',
    words: { sopInstanceUid: '1.2', sopClassUid: '', instanceNumber: null, refused: 'Two\nlines.' },
    study,
    series,
    image,
    frames: 1,
    form: 'dicom',
    bytes: 1,
    modifiedMs: 0.5,
    fingerprint: 'x',
  });
  const one = JSON.stringify({ name: 'Zwei\nZeilen 山田' });
  const files: ReadFile[] = [
    { kind: 'archive' },
    instance(one, '{"a":1}', null),
    instance(one, '{"a":1}', '{"b":2}'),
    { kind: 'refused', reason: 'No\nimage.' },
    instance(one, '{"a":2}', null),
    instance('{}', '{"a":2}', '{"b":2}'),
  ];
  assert.deepEqual(decodeRead(encodeRead(files)), files);
  assert.deepEqual(decodeRead(encodeRead([])), []);
});
