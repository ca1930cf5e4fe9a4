import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Backend, createBackend } from '../../main/backend.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { createClient, Fault, workstation } from '../../preload/contract/index.ts';
import { MEDIA_BASE } from '../../preload/contract/shell.ts';
import { ports, silent, sockets } from './bindings.ts';

describe('the whole backend behind the contract', () => {
  let folder = '';
  let backend: Backend;
  const outside = () => outsideNode({ shell: 'host', storeFolder: folder, roots: {}, log: silent });
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'sightline-backend-'));
    backend = createBackend(outside());
  });
  after(async () => {
    await backend.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('has a handler for every call and event', () => {
    for (const [service, methods] of Object.entries(workstation)) {
      for (const method of Object.keys(methods)) {
        const handlers = backend.handlers as Record<string, Record<string, unknown>>;
        assert.equal(typeof handlers[service]?.[method], 'function', `${service}.${method}`);
      }
    }
  });

  for (const [name, make] of [
    ['message ports', async () => ports(backend.handlers)],
    ['WebSocket on the host', () => sockets(backend.handlers)],
  ] as const) {
    it(`answers on an empty store over ${name}`, async () => {
      const binding = await make();
      const { line } = await binding.open();
      const client = createClient(workstation, line);
      assert.deepEqual(await client.studies.list({}), { studies: [], total: 0 });
      assert.deepEqual(await client.imports.list({}), { imports: [] });
      assert.deepEqual(await client.exports.list({}), { exports: [] });
      assert.equal((await client.knowledge.count({})).reports, 0);
      assert.equal((await client.settings.workstation({})).shell, 'host');
      assert.match((await client.settings.reader({})).pseudonym, /./);
      assert.deepEqual(await client.ratings.summary({}), { drafts: 0, sentences: 0, choices: 0 });
      assert.ok(Array.isArray((await client.jobs.list({})).jobs));
      assert.ok(Array.isArray((await client.inference.packages({})).packages));
      const nobody = { studyId: 'nobody' };
      for (const call of [client.studies.get(nobody), client.drafting.create(nobody), client.studies.remove(nobody)]) {
        await assert.rejects(call, (error: unknown) => error instanceof Fault && error.code === 'not-found');
      }
      await binding.end();
    });
  }

  it('answers what is not there by address as not there', async () => {
    for (const address of [
      'thumbnail/x',
      'pixels/x/y/0-1',
      'labelmap/x',
      'heatmap/x',
      'report/x.pdf',
      'export/x/a',
      'nothing/x',
    ]) {
      const answer = await backend.media(new Request(`http://127.0.0.1${MEDIA_BASE}${address}`));
      assert.ok([400, 404].includes(answer.status), `${address}: ${answer.status}`);
      assert.equal(answer.headers.get('cache-control'), 'no-store');
    }
  });

  it('refuses a second backend on its store, in words', () => {
    assert.throws(() => createBackend(outside()), /open in another Sightline \(host, process \d+\)/);
  });

  it('opens the same store again after it was closed', async () => {
    await backend.close();
    backend = createBackend(outside());
    assert.equal(typeof backend.close, 'function');
  });
});
