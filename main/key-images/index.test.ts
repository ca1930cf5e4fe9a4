import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { Fault, KeyImage } from '../../preload/contract/index.ts';
import { createSettings } from '../settings/index.ts';
import { aSeries, aStudy, createWorld, type World } from '../test-world.ts';
import { createKeyImages } from './index.ts';

const context = { signal: new AbortController().signal };
const desk = (world: World) => {
  world.studies.put(aStudy('s1'), [aSeries('ct', 's1')]);
  world.studies.put(aStudy('s2'), [aSeries('other', 's2')]);
  return { world, keys: createKeyImages(world.base, world.studies, createSettings(world.base)) };
};
type Desk = ReturnType<typeof desk>;
const open = (t: TestContext): Desk => {
  const world = createWorld();
  t.after(() => world.close());
  return desk(world);
};
const place = (index: number, seriesId = 'ct') => ({
  seriesId,
  instanceUid: `${aSeries(seriesId, '').uid}.${index + 1}`,
  frameNumber: 1,
});
let op = 0;
const opId = (): string => `op-${++op}`;
const put = async (d: Desk, index: number, revision = 0, note = '', id = opId()): Promise<KeyImage> =>
  KeyImage.parse(await d.keys.handlers.keyImages.put({ opId: id, revision, image: place(index), note }, context));
const remove = async (d: Desk, index: number, revision: number, id = opId()) =>
  d.keys.handlers.keyImages.remove({ opId: id, revision, image: place(index) }, context);
const fault =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof Fault && error.code === code;

test('an image is marked once, with its note, over a restart; every change is a version', async (t) => {
  const d = open(t);
  const first = await put(d, 3);
  assert.deepEqual([first.studyId, first.revision, first.note], ['s1', 1, '']);
  d.world.pass(60_000);
  const noted = await put(d, 3, 1, '  Nodule  ');
  assert.deepEqual([noted.revision, noted.note], [2, 'Nodule']);
  await put(d, 1);
  const world = d.world.reopen();
  t.after(() => world.close());
  assert.deepEqual(
    desk(world)
      .keys.ofStudy('s1')
      .map((one) => [one.instanceUid, one.note]),
    [
      [place(1).instanceUid, ''],
      [place(3).instanceUid, 'Nodule'],
    ].sort(),
  );
});

test('an act counts once; one on an older revision is told; what was let go can be marked anew', async (t) => {
  const d = open(t);
  const first = await put(d, 3, 0, 'a', 'once');
  assert.deepEqual(await put(d, 3, 0, 'a', 'once'), first);
  await assert.rejects(put(d, 3, 0, 'b'), fault('conflict'));
  await put(d, 3, 1, 'b');
  await assert.rejects(remove(d, 3, 1), fault('conflict'));
  assert.deepEqual(await remove(d, 3, 2, 'gone'), { revision: 3 });
  assert.deepEqual(await remove(d, 3, 2, 'gone'), { revision: 3 });
  assert.deepEqual(d.keys.ofStudy('s1'), []);
  // A window that never knew of it, and one that does.
  assert.equal((await put(d, 3, 0, 'again')).revision, 4);
  await remove(d, 3, 4);
  assert.equal((await put(d, 3, 5)).revision, 6);
});

test('only images of the series are kept; a removed study leaves none', async (t) => {
  const d = open(t);
  await assert.rejects(put(d, 99), fault('invalid'));
  await assert.rejects(remove(d, 2, 1), fault('not-found'));
  await put(d, 2, 0, 'note');
  d.world.studies.remove('s1');
  for (const table of ['key_image', 'key_image_version'])
    assert.equal(d.world.base.store.read.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n, 0, table);
});

test('a window hears of changes in its study, and of no other', async (t) => {
  const d = open(t);
  const heard: string[] = [];
  const listening = new AbortController();
  d.keys.handlers.keyImages.changed({ studyId: 's1' }, ({ studyId }) => heard.push(studyId), listening.signal);
  await put(d, 1);
  await d.keys.handlers.keyImages.put({ opId: opId(), revision: 0, image: place(1, 'other'), note: '' }, context);
  await remove(d, 1, 1);
  listening.abort();
  await put(d, 1);
  assert.deepEqual(heard, ['s1', 's1']);
  assert.deepEqual(
    (await d.keys.handlers.keyImages.studies({}, context)).studies.map(({ studyId, count }) => [studyId, count]).sort(),
    [
      ['s1', 1],
      ['s2', 1],
    ],
  );
});
