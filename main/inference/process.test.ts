import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../preload/contract/index.ts';
import type { Child, Outside, SpawnLimits } from '../outside.ts';
import { inferenceProcess } from './process.ts';

/** Children that say what the test tells them to. */
const stage = (times = {}) => {
  const started: {
    limits: SpawnLimits;
    heard: { kind: string; id: number }[];
    say(message: unknown): void;
    die(code: number | null): void;
    killed: boolean;
  }[] = [];
  const spawn: Outside['spawn'] = (_entry, limits) => {
    let say = (_: unknown): void => {};
    let die = (_: number | null): void => {};
    const own = {
      limits,
      heard: [] as { kind: string; id: number }[],
      say: (m: unknown) => say(m),
      die: (c: number | null) => die(c),
      killed: false,
    };
    started.push(own);
    const child: Child = {
      post: (message) => own.heard.push(message as { kind: string; id: number }),
      onMessage: (listener) => {
        say = listener;
      },
      onExit: (listener) => {
        die = listener;
      },
      kill: () => {
        own.killed = true;
      },
      pid: undefined,
    };
    return child;
  };
  const process = inferenceProcess({ spawn } as Outside, { read: ['/models'], write: ['/jobs'] }, times);
  return { process, started };
};
const probe = { kind: 'probe', provider: 'cpu' } as const;
const never = new AbortController().signal;
const done = (id: number) => ({ kind: 'done', id, provider: 'cpu', value: id });
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof Fault ? error.code : String(error)),
  );
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('one request after another, on one process; words that are none are not heard', async () => {
  const { process, started } = stage();
  const first = process.ask(probe, { signal: never });
  const second = process.ask(probe, { signal: never });
  await settle();
  assert.equal(started[0]?.heard.length, 1);
  for (const noise of [
    null,
    'done',
    { kind: 'done' },
    { ...done(99) },
    { kind: 'done', id: 1, provider: 'abacus', value: 1 },
  ])
    started[0]?.say(noise);
  assert.equal(started[0]?.heard.length, 1);
  started[0]?.say(done(1));
  assert.equal((await first).value, 1);
  await settle();
  started[0]?.say(done(2));
  assert.equal((await second).value, 2);
  assert.equal(started.length, 1);
  process.close();
});

test('an idle process ends, and the next request has a new one', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { process, started } = stage({ idleMs: 20 });
  const first = process.ask(probe, { signal: never });
  await settle();
  started[0]?.say(done(1));
  await first;
  t.mock.timers.tick(19);
  assert.ok(!started[0]?.killed);
  t.mock.timers.tick(1);
  assert.ok(started[0]?.killed);
  const second = process.ask(probe, { signal: never });
  await settle();
  started[1]?.say(done(2));
  await second;
  process.close();
});

test('a crash fails what ran and starts anew; the dead one is not heard any more', async () => {
  const { process, started } = stage();
  const first = process.ask(probe, { signal: never });
  await settle();
  started[0]?.die(139);
  assert.equal(await code(first), 'refused');
  const second = process.ask(probe, { signal: never });
  await settle();
  started[0]?.say(done(2));
  started[1]?.say({ kind: 'failed', id: 2, code: 'refused', why: 'no' });
  assert.equal(await code(second), 'refused');
  process.close();
});

test('cancel: heard between runs, else the process is killed; before its turn nothing is asked', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { process, started } = stage({ cancelMs: 30 });
  const [polite, deaf, late] = [new AbortController(), new AbortController(), new AbortController()];
  const first = process.ask(probe, { signal: polite.signal });
  await settle();
  polite.abort();
  assert.deepEqual(started[0]?.heard.at(-1), { kind: 'cancel', id: 1 });
  started[0]?.say({ kind: 'failed', id: 1, code: 'cancelled', why: '' });
  assert.equal(await code(first), 'cancelled');
  assert.ok(!started[0]?.killed);
  const second = process.ask(probe, { signal: deaf.signal });
  const third = process.ask(probe, { signal: late.signal });
  await settle();
  late.abort();
  deaf.abort();
  t.mock.timers.tick(29);
  assert.ok(!started[0]?.killed);
  t.mock.timers.tick(1);
  assert.equal(await code(second), 'cancelled');
  assert.ok(started[0]?.killed);
  assert.equal(await code(third), 'cancelled');
  assert.equal(started.length, 1);
  process.close();
});

test('silence has an end, progress winds it up again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { process, started } = stage();
  const told: number[] = [];
  const work = process.ask(probe, { signal: never, limitMs: 60, progress: (fraction) => told.push(fraction) });
  await settle();
  for (let n = 1; n <= 4; n++) {
    t.mock.timers.tick(59);
    started[0]?.say({ kind: 'progress', id: 1, fraction: n / 10, step: 'on' });
  }
  assert.deepEqual(told, [0.1, 0.2, 0.3, 0.4]);
  t.mock.timers.tick(59);
  assert.ok(!started[0]?.killed);
  t.mock.timers.tick(1);
  assert.equal(await code(work), 'refused');
  assert.ok(started[0]?.killed);
  process.close();
});

test('a folder that a request needs is let in by a new process; closing settles what waits', async () => {
  const { process, started } = stage();
  const first = process.ask(probe, { signal: never });
  await settle();
  assert.deepEqual(started[0]?.limits.read, ['/models']);
  started[0]?.say(done(1));
  await first;
  const second = process.ask(probe, { signal: never, read: ['/cache'] });
  await settle();
  assert.deepEqual(started[1]?.limits.read, ['/models', '/cache']);
  const third = process.ask(probe, { signal: never });
  process.close();
  assert.equal(await code(second), 'closed');
  assert.equal(await code(third), 'closed');
});
