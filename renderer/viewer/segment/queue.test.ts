import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EditHistory, type Entry } from './history.ts';
import { type Act, ActQueue, type Sent } from './queue.ts';

const edit = (id: string, parent: string | null, bytes = 3): Act => ({
  kind: 'edit',
  id,
  parent,
  title: 'Brush',
  segments: null,
  difference: new Uint8Array(bytes),
});
const idsOf = (body: Uint8Array): string[] => {
  const view = new DataView(body.buffer, body.byteOffset);
  const ids: string[] = [];
  for (let at = 0; at < body.length; ) {
    const length = view.getUint32(at, true);
    ids.push((JSON.parse(new TextDecoder().decode(body.subarray(at + 4, at + 4 + length))) as { id: string }).id);
    at += 4 + length;
    at += 4 + view.getUint32(at, true);
  }
  return ids;
};

/** A backend that answers when it is told to. */
const line = () => {
  const sent: string[][] = [];
  let answer: (sent: Sent) => void = () => {};
  let retry: (() => void) | null = null;
  const queue = new ActQueue({
    send: (body) => {
      sent.push(idsOf(body));
      return new Promise((resolve) => {
        answer = resolve;
      });
    },
    later: (_ms, work) => {
      retry = work;
      return () => {
        retry = null;
      };
    },
    onChange: () => {},
  });
  const say = async (what: Sent): Promise<void> => {
    answer(what);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, sent, say, retry: () => retry?.() };
};

test('one request at a time, in order; what is made meanwhile goes together', async () => {
  const { queue, sent, say } = line();
  queue.put(edit('a', null));
  queue.put(edit('b', 'a'));
  queue.put({ kind: 'move', id: 'm', from: 'b', to: 'a', difference: new Uint8Array() });
  assert.deepEqual(sent, [['a']]);
  assert.deepEqual(queue.saving, { kind: 'saving', waiting: 3 });
  await say({ kind: 'kept' });
  assert.deepEqual(sent, [['a'], ['b', 'm']]);
  await say({ kind: 'kept' });
  assert.deepEqual(queue.saving, { kind: 'saved' });
  assert.equal(queue.rest(), null);
});

test('a line that is down loses nothing; what a closing window sends holds all that is not known to be kept', async () => {
  const { queue, sent, say, retry } = line();
  queue.put(edit('a', null));
  await say({ kind: 'again', reason: 'gone' });
  assert.deepEqual(queue.saving, { kind: 'unsaved', waiting: 1, reason: 'gone' });
  queue.put(edit('b', 'a'));
  assert.equal(sent.length, 1, 'it waits');
  retry();
  assert.deepEqual(sent.at(-1), ['a', 'b']);
  queue.put(edit('c', 'b'));
  const rest = queue.rest();
  assert.deepEqual(rest && idsOf(rest), ['a', 'b', 'c']);
  await say({ kind: 'kept' });
  await say({ kind: 'kept' });
  assert.deepEqual(queue.saving, { kind: 'saved' });
});

test('a refusal stops, and what was built on it is dropped when the reader has seen it', async () => {
  const { queue, sent, say } = line();
  queue.put(edit('a', null));
  queue.put(edit('b', 'a'));
  await say({ kind: 'refused', reason: 'edited elsewhere', conflict: true });
  assert.equal(queue.saving.kind, 'refused');
  queue.put(edit('c', 'b'));
  assert.equal(sent.length, 1);
  queue.drop();
  queue.put(edit('d', null));
  assert.deepEqual(sent.at(-1), ['d']);
});

test('the history goes to the first edit and back, its memory is bounded, the way not taken is gone', () => {
  const entry = (id: string, bytes: number): Entry => ({
    id,
    title: 'Brush',
    bytes,
    segments: id === 'e3' ? [{ value: 1, name: 'A', code: null, color: [1, 2, 3] }] : null,
    difference: new Uint8Array(bytes),
  });
  let history = EditHistory.of({ start: [], history: [], current: null });
  for (let n = 0; n < 10; n++) history = history.with(entry(`e${n}`, 100), 450);
  assert.equal(history.heldBytes, 400);
  assert.equal(history.segments.length, 1);
  const gone = history.entries.filter(({ difference }) => difference === null).map(({ id }) => id);
  assert.deepEqual(gone, ['e0', 'e1', 'e2', 'e3', 'e4', 'e5']);
  for (let n = 9; n >= 0; n--) {
    assert.equal(history.last?.id, `e${n}`);
    history = history.filled(`e${n}`, new Uint8Array(100), 450).stepped(-1);
    assert.ok(history.heldBytes <= 450);
  }
  assert.equal(history.current, null);
  assert.deepEqual(history.segments, []);
  assert.equal(history.last, null);
  assert.equal(history.next?.id, 'e0');
  history = history.stepped(1).with(entry('other', 5000), 450);
  assert.deepEqual(
    history.entries.map(({ id }) => id),
    ['e0', 'other'],
  );
  assert.ok(history.last?.difference, 'the last is held however large');
  const opened = EditHistory.of({
    start: [],
    history: [entry('a', 1), entry('b', 1), entry('c', 1)],
    current: 'b',
  });
  assert.deepEqual([opened.last?.id, opened.next?.id, opened.last?.difference], ['b', 'c', null]);
});
