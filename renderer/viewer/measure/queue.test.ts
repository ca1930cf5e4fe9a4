import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DrawnMeasurement, Fault, type MeasurementDraft } from '../../../preload/contract/index.ts';
import { MeasureQueue } from './queue.ts';

const draft = (id: string, name: string): MeasurementDraft => ({
  id,
  seriesId: 's',
  kind: 'probe',
  place: { kind: 'image', instanceUid: '1.2', frameNumber: 1, points: [[1, 1]], labelAt: null },
  name,
  text: '',
  visible: true,
});

/** A store that counts revisions as the backend does and can be made to fail. */
const world = () => {
  const stored = new Map<string, { revision: number; draft: MeasurementDraft | null }>();
  const done = new Set<string>();
  const told: string[] = [];
  const later: (() => void)[] = [];
  let failing: unknown = null;
  /** Loses the answer after the act was done. */
  let deaf = false;
  let ids = 0;
  const act = (opId: string, revision: number, id: string, next: MeasurementDraft | null): number => {
    if (failing) throw failing;
    const held = stored.get(id)?.revision ?? 0;
    if (!done.has(opId)) {
      if (held !== revision) throw new Fault('conflict', `revision ${held}`);
      stored.set(id, { revision: revision + 1, draft: next });
      done.add(opId);
    }
    if (deaf) throw new Fault('closed', 'gone');
    return stored.get(id)?.revision ?? 0;
  };
  const queue = new MeasureQueue({
    put: async (opId, revision, one) =>
      ({ ...one, revision: act(opId, revision, one.id, one) }) as unknown as DrawnMeasurement,
    remove: async (opId, revision, id) => ({ revision: act(opId, revision, id, null) }),
    newId: () => `op${++ids}`,
    later: (_, work) => later.push(work),
    kept: (id, one) => told.push(`${id} ${one?.name ?? 'removed'}`),
    refused: (id, error) => told.push(`${id} refused ${(error as Fault).code}`),
    changed: () => {},
  });
  const settle = async (): Promise<void> => {
    for (let n = 0; n < 20; n++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    queue,
    stored,
    told,
    settle,
    fail: (error: unknown) => {
      failing = error;
    },
    lose: (on: boolean) => {
      deaf = on;
    },
    retry: async () => {
      for (const work of later.splice(0)) work();
      await settle();
    },
  };
};

test('acts go in order, and what waits is replaced by what came later', async () => {
  const w = world();
  for (const name of ['one', 'two', 'three']) w.queue.add({ id: 'a', draft: draft('a', name) });
  w.queue.add({ id: 'b', draft: draft('b', 'other') });
  assert.equal(w.queue.size, 3);
  await w.settle();
  assert.equal(w.queue.size, 0);
  assert.equal(w.stored.get('a')?.draft?.name, 'three');
  assert.equal(w.stored.get('a')?.revision, 2, '“two” was never sent');
  assert.deepEqual(w.told, ['a three', 'b other']);
});

test('while the line is down nothing is lost, and a lost answer makes nothing twice', async () => {
  const w = world();
  w.lose(true);
  w.queue.add({ id: 'a', draft: draft('a', 'one') });
  await w.settle();
  assert.match(w.queue.trouble ?? '', /gone/);
  assert.equal(w.queue.isPending('a'), true);
  w.queue.add({ id: 'b', draft: draft('b', 'two') });
  await w.retry();
  w.lose(false);
  await w.retry();
  assert.equal(w.queue.size, 0);
  assert.equal(w.queue.trouble, null);
  assert.equal(w.stored.get('a')?.revision, 1);
  assert.equal(w.stored.get('b')?.draft?.name, 'two');
});

test('drawn, removed, brought back', async () => {
  const w = world();
  w.queue.add({ id: 'a', draft: draft('a', 'one') });
  await w.settle();
  w.queue.add({ id: 'a', draft: null });
  await w.settle();
  w.queue.add({ id: 'a', draft: draft('a', 'again') });
  await w.settle();
  assert.deepEqual(w.told, ['a one', 'a removed', 'a again']);
  assert.equal(w.stored.get('a')?.revision, 3);
});

test('removed before it was sent: the store never hears of it', async () => {
  const w = world();
  w.queue.add({ id: 'b', draft: draft('b', 'first') });
  w.queue.add({ id: 'a', draft: draft('a', 'one') });
  w.queue.add({ id: 'a', draft: null });
  await w.settle();
  assert.deepEqual([...w.stored.keys()], ['b']);
  assert.equal(w.queue.size, 0);
});

test('removed after its answer was lost: it is gone from the store too', async () => {
  const w = world();
  w.lose(true);
  w.queue.add({ id: 'a', draft: draft('a', 'one') });
  await w.settle();
  w.queue.add({ id: 'a', draft: null });
  await w.settle();
  w.lose(false);
  await w.retry();
  assert.deepEqual(w.stored.get('a'), { revision: 2, draft: null });
  assert.deepEqual(w.told, ['a removed']);
});

test('another window was faster: told, and not tried again', async () => {
  const w = world();
  w.queue.add({ id: 'a', draft: draft('a', 'one') });
  await w.settle();
  w.stored.set('a', { revision: 7, draft: draft('a', 'theirs') });
  w.queue.add({ id: 'a', draft: draft('a', 'mine') });
  await w.settle();
  assert.deepEqual(w.told.at(-1), 'a refused conflict');
  w.queue.knows('a', 7);
  w.queue.add({ id: 'a', draft: draft('a', 'mine after all') });
  await w.settle();
  assert.equal(w.stored.get('a')?.draft?.name, 'mine after all');
});
