import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault } from '../../preload/contract/index.ts';
import { createWorld } from '../test-world.ts';
import { createSettings } from './index.ts';

const context = { signal: new AbortController().signal };

test('a pseudonym is random, stays, and has nothing of the name', async (t) => {
  const world = createWorld();
  const settings = createSettings(world.base);
  const { pseudonym, name } = settings.reader();
  assert.equal(name, '');
  assert.match(pseudonym, /^rater-[a-hjkmnp-z2-9]{12}$/u);
  await settings.handlers.settings.setReader({ name: ' Dr.  Ada Reader' }, context);
  const next = world.reopen();
  t.after(() => next.close());
  assert.deepEqual(createSettings(next.base).reader(), { name: 'Dr. Ada Reader', pseudonym });
  const other = createWorld();
  t.after(() => other.close());
  other.base.outside.randomBytes(3);
  assert.notEqual(createSettings(other.base).reader().pseudonym, pseudonym);
});

test('a name of blanks is refused', async (t) => {
  const world = createWorld();
  t.after(() => world.close());
  const { setReader } = createSettings(world.base).handlers.settings;
  await assert.rejects(
    async () => setReader({ name: '  ' }, context),
    (error: unknown) => error instanceof Fault && error.code === 'invalid',
  );
});

test('small values are kept by key, and the workstation says what it is', async (t) => {
  const world = createWorld();
  t.after(() => world.close());
  const { settings } = createSettings(world.base).handlers;
  assert.deepEqual(await settings.get({ key: 'panes' }, context), { value: null });
  await settings.set({ key: 'panes', value: '1' }, context);
  await settings.set({ key: 'panes', value: '2' }, context);
  assert.deepEqual(await settings.get({ key: 'panes' }, context), { value: '2' });
  const about = await settings.workstation({}, context);
  assert.match(about.version, /^\d+\.\d+\.\d+$/u);
  assert.equal(about.store, world.base.store.folder);
});
