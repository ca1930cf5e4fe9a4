import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Domains } from './backend.ts';
import { ensureDemonstration } from './demonstration.ts';
import { createWorld } from './test-world.ts';

test('cancelled before its process is started, none is, and the window that closes waits for nothing', async () => {
  const world = createWorld();
  const { jobs } = world.base;
  let spawned = 0;
  const domains = {
    jobs,
    settings: { handlers: { settings: { get: async () => ({ value: null }) } } },
    studies: { handlers: { studies: { list: async () => ({ studies: [], total: 0 }) } } },
  } as unknown as Domains;
  const spawn = () => {
    spawned += 1;
    return { post: () => {}, onMessage: () => {}, onExit: () => {}, kill: () => {}, pid: undefined };
  };
  const listening = new AbortController();
  jobs.handlers.jobs.changed(
    {},
    ({ id, state }) => {
      if (state === 'running') void jobs.handlers.jobs.cancel({ jobId: id }, { signal: listening.signal });
    },
    listening.signal,
  );
  await ensureDemonstration(domains, { spawn, storeFolder: world.base.store.folder }, world.base.outside.log);
  const [job] = (await jobs.handlers.jobs.list({}, { signal: listening.signal })).jobs;
  assert.equal(job?.state, 'cancelled');
  assert.equal(spawned, 0);
  listening.abort();
  await world.close();
});
