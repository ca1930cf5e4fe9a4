import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Child, EntryName, Log, SpawnLimits } from '../outside.ts';
import { spawnNode } from './spawn-node.ts';

const LINE = fileURLToPath(new URL('./worker-line.ts', import.meta.url));

/** Does what it is asked and tells what came of it. */
const PROBE = `
import { readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import net from 'node:net';
import { workerLine } from ${JSON.stringify(LINE)};
const line = workerLine();
type Ask = { act: string; path?: string; port?: number; bytes?: Uint8Array };
const attempt = (act: () => unknown): string => {
  try { act(); return 'done'; } catch (error) { return (error as NodeJS.ErrnoException).code ?? 'failed'; }
};
line.onMessage((message) => {
  const ask = message as Ask;
  if (ask.act === 'echo') line.post({ bytes: ask.bytes, environment: Object.keys(process.env) });
  if (ask.act === 'read') line.post(attempt(() => readFileSync(ask.path ?? '')));
  if (ask.act === 'write') line.post(attempt(() => writeFileSync(ask.path ?? '', 'x')));
  if (ask.act === 'run') line.post(attempt(() => { const r = spawnSync(process.execPath, ['-v']); if (r.error) throw r.error; }));
  if (ask.act === 'connect') line.post(attempt(() => net.connect(ask.port ?? 0, '127.0.0.1').on('error', () => {})));
  if (ask.act === 'grow') { const kept: unknown[] = []; for (;;) kept.push(Array.from({ length: 100_000 }, (_, i) => ({ i }))); }
});
`;

describe('worker processes in Node', () => {
  let folder = '';
  const warnings: unknown[] = [];
  const log: Log = { info: () => {}, warn: (message, details) => warnings.push({ message, details }), error: () => {} };
  const start = (limits: Partial<SpawnLimits> = {}): Child =>
    spawnNode(log, join(folder, 'entries'))('probe' as EntryName, {
      heapMb: 256,
      read: [join(folder, 'entries'), join(folder, 'readable')],
      write: [join(folder, 'writable')],
      native: false,
      ...limits,
    });
  const ask = (child: Child, question: unknown): Promise<unknown> =>
    new Promise((resolve) => {
      child.onMessage(resolve);
      child.onExit((code) => resolve({ exit: code }));
      child.post(question);
    });
  const once = async (question: unknown, limits: Partial<SpawnLimits> = {}): Promise<unknown> => {
    const child = start(limits);
    try {
      return await ask(child, question);
    } finally {
      child.kill();
    }
  };

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sightline-spawn-'));
    for (const name of ['entries', 'readable/deep', 'writable', 'secret']) {
      mkdirSync(join(folder, name), { recursive: true });
    }
    writeFileSync(join(folder, 'entries/probe.ts'), PROBE);
    for (const name of ['readable/deep/a', 'secret/a']) writeFileSync(join(folder, name), 'x');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('is as one that has ended where it cannot be started', async () => {
    // What the system says is emitted or thrown, as it happens: a name that no system takes is thrown.
    const child = spawnNode(log, 'no\0name')('probe' as EntryName, { heapMb: 256, read: [], write: [], native: false });
    assert.deepEqual(await ask(child, { act: 'echo' }), { exit: 1 });
    child.kill();
  });

  it('carries typed arrays and starts with an empty environment', async () => {
    process.env.SIGHTLINE_TEST_SECRET = 'x';
    const answer = (await once({ act: 'echo', bytes: new Uint8Array([1, 2, 255]) })) as {
      bytes: Uint8Array;
      environment: string[];
    };
    delete process.env.SIGHTLINE_TEST_SECRET;
    assert.deepEqual([...answer.bytes], [1, 2, 255]);
    assert.ok(!answer.environment.includes('SIGHTLINE_TEST_SECRET'));
    assert.ok(!answer.environment.includes('HOME'));
    assert.ok(answer.environment.includes('ORT_DISABLE_TELEMETRY'));
  });

  it('reads and writes what it was given and nothing else', async () => {
    assert.equal(await once({ act: 'read', path: join(folder, 'readable/deep/a') }), 'done');
    assert.equal(await once({ act: 'read', path: join(folder, 'secret/a') }), 'ERR_ACCESS_DENIED');
    assert.equal(await once({ act: 'write', path: join(folder, 'writable/new') }), 'done');
    assert.equal(await once({ act: 'read', path: join(folder, 'writable/new') }), 'done');
    assert.equal(await once({ act: 'write', path: join(folder, 'readable/new') }), 'ERR_ACCESS_DENIED');
  });

  it('reads everything, still writing nothing, where asked to', async () => {
    assert.equal(await once({ act: 'read', path: join(folder, 'secret/a') }, { read: 'all' }), 'done');
    assert.equal(
      await once({ act: 'write', path: join(folder, 'secret/b') }, { read: 'all', write: [] }),
      'ERR_ACCESS_DENIED',
    );
  });

  it('starts no process and opens no connection', async () => {
    assert.equal(await once({ act: 'run' }), 'ERR_ACCESS_DENIED');
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    assert.equal(await once({ act: 'connect', port }), 'ERR_ACCESS_DENIED');
    server.close();
  });

  it('ends with a reason when its memory is used up, and when it is killed', async () => {
    warnings.length = 0;
    const grown = (await once({ act: 'grow' }, { heapMb: 40 })) as { exit: number | null };
    assert.notEqual(grown.exit, 0);
    const child = start();
    const ended = new Promise((resolve) => child.onExit(resolve));
    child.kill();
    assert.equal(await ended, null);
  });
});
