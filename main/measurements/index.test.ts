import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { DrawnMeasurement, Fault, type MeasurementDraft, type SeriesImages } from '../../preload/contract/index.ts';
import type { Measurements, Settings, Studies } from '../domains.ts';
import { createSettings } from '../settings/index.ts';
import { aSeries, aStudy, createWorld, type World } from '../test-world.ts';
import { createMeasurements } from './index.ts';

const context = { signal: new AbortController().signal };

interface Desk {
  readonly world: World;
  readonly measurements: Measurements;
  readonly settings: Settings;
}
/** Series 'ct' is a stack of 20 images of 64 x 64; 'volume' the same as a volume of 1 x 1 x 1 mm. */
const desk = (world: World): Desk => {
  world.studies.put(aStudy('s1'), [aSeries('ct', 's1'), aSeries('volume', 's1')]);
  world.studies.put(aStudy('s2'), [aSeries('other', 's2')]);
  const settings = createSettings(world.base);
  const images: Studies['images'] = async (seriesId) => {
    const stack = await world.studies.images(seriesId);
    const volume: SeriesImages['volume'] = {
      kind: 'volume',
      dims: [64, 64, 20],
      affineVoxelToPatient: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0],
      format: 'int16',
      slope: 1,
      intercept: 0,
    };
    return seriesId === 'volume' ? { ...stack, volume } : stack;
  };
  return {
    world,
    settings,
    measurements: createMeasurements(world.base, { ...world.studies, images }, settings),
  };
};
const open = (t: TestContext): Desk => {
  const world = createWorld();
  t.after(() => world.close());
  return desk(world);
};

const UID = aSeries('ct', 's1').uid;
const length = (more: Partial<MeasurementDraft> = {}): MeasurementDraft => ({
  id: 'm1',
  seriesId: 'ct',
  kind: 'length',
  place: {
    kind: 'image',
    instanceUid: `${UID}.3`,
    frameNumber: 1,
    points: [
      [1, 2],
      [11.5, 2],
    ],
    labelAt: null,
  },
  name: 'Length 1',
  text: '',
  visible: true,
  ...more,
});
const inVolume = (points: [number, number, number][], normal: [number, number, number] = [0, 1, 0]): MeasurementDraft =>
  length({ seriesId: 'volume', place: { kind: 'patient', points, normal, labelAt: null, resampled: '' } });

let op = 0;
const opId = (): string => `op-${++op}`;
const put = async (d: Desk, measurement: MeasurementDraft, revision = 0, id = opId()): Promise<DrawnMeasurement> =>
  DrawnMeasurement.parse(await d.measurements.handlers.measurements.put({ opId: id, revision, measurement }, context));
const remove = async (d: Desk, revision: number, id = opId()) =>
  d.measurements.handlers.measurements.remove({ opId: id, measurementId: 'm1', revision }, context);
const fault =
  (code: string, words = /./) =>
  (error: unknown) =>
    error instanceof Fault && error.code === code && words.test(error.message);

test('a measurement is kept with each change, under the pseudonym, over a restart', async (t) => {
  const d = open(t);
  const first = await put(d, length());
  assert.equal(first.revision, 1);
  assert.equal(first.studyId, 's1');
  assert.equal(first.reader, d.settings.reader().pseudonym);
  assert.match(first.trackingUid, /^2\.25\.\d{30,39}$/);
  d.world.pass(60_000);
  const changed = await put(d, length({ name: 'Nodule' }), 1);
  assert.equal(changed.revision, 2);
  assert.equal(changed.trackingUid, first.trackingUid);
  assert.equal(changed.createdAt, first.createdAt);
  assert.notEqual(changed.updatedAt, first.updatedAt);
  const world = d.world.reopen();
  t.after(() => world.close());
  assert.deepEqual(desk(world).measurements.ofStudy('s1'), [changed]);
});

test('an act counts once; one on an older revision is told', async (t) => {
  const d = open(t);
  const first = await put(d, length(), 0, 'a');
  assert.deepEqual(await put(d, length(), 0, 'a'), first);
  await assert.rejects(put(d, length({ name: 'x' }), 0), fault('conflict'));
  await put(d, length({ name: 'Nodule' }), 1, 'b');
  assert.equal((await put(d, length(), 0, 'a')).name, 'Nodule', 'an old act repeated undoes nothing');
  await assert.rejects(remove(d, 1), fault('conflict'));
});

test('what was removed is not listed, and can be brought back as the same', async (t) => {
  const d = open(t);
  const first = await put(d, length());
  assert.deepEqual(await remove(d, 1, 'gone'), { revision: 2 });
  assert.deepEqual(await remove(d, 1, 'gone'), { revision: 2 });
  assert.deepEqual(d.measurements.ofStudy('s1'), []);
  const back = await put(d, length(), 2);
  assert.equal(back.trackingUid, first.trackingUid);
  assert.deepEqual(d.measurements.ofStudy('s1'), [back]);
});

test('a version that cannot be read leaves the one before it', async (t) => {
  const d = open(t);
  await put(d, length({ name: 'good' }));
  await put(d, length({ name: 'torn' }), 1);
  d.world.base.store.transaction((writer) =>
    writer.run(`UPDATE measurement_version SET body = '{"id":"m1","na' WHERE revision = 2`),
  );
  const [shown] = d.measurements.ofStudy('s1');
  assert.equal(shown?.name, 'good');
  assert.equal(shown?.revision, 2);
  assert.equal((await put(d, length({ name: 'better' }), 2)).revision, 3);
});

test('only what lies on an image of its series is kept', async (t) => {
  const d = open(t);
  const place = length().place;
  assert.ok(place.kind === 'image');
  const refused: readonly (readonly [MeasurementDraft, RegExp])[] = [
    [length({ place: { ...place, instanceUid: '1.2.3' } }), /not there/],
    [length({ place: { ...place, frameNumber: 2 } }), /not there/],
    [length({ place: { ...place, points: [[1, 1]] } }), /has not 1 points/],
    [
      length({ place: { ...place, points: [...place.points, [64.1, 3]].slice(1) as typeof place.points } }),
      /not on its image/,
    ],
    // The stand-in stack is no volume: nothing can be measured across its images.
    [
      {
        ...inVolume([
          [1, 1, 1],
          [1, 1, 9],
        ]),
        seriesId: 'ct',
      },
      /no planes/,
    ],
    [
      inVolume([
        [1, 1, 1],
        [1, 1, 25],
      ]),
      /not inside the volume/,
    ],
    [
      inVolume([
        [1, 1, 1],
        [1, 4, 9],
      ]),
      /one plane/,
    ],
    [
      inVolume(
        [
          [1, 1, 1],
          [1, 1, 9],
        ],
        [0, 2, 0],
      ),
      /unit vector/,
    ],
  ];
  for (const [draft, words] of refused) await assert.rejects(put(d, draft), fault('invalid', words));
  await assert.rejects(put(d, length({ seriesId: 'none' })), fault('not-found'));
  assert.equal(
    (
      await put(
        d,
        inVolume([
          [1, 1, 1],
          [1, 1, 9],
        ]),
      )
    ).revision,
    1,
  );
  await assert.rejects(put(d, length(), 1), fault('invalid', /another series/));
});

test('a window hears of changes in its study, and of no other', async (t) => {
  const d = open(t);
  const heard: string[] = [];
  const listening = new AbortController();
  d.measurements.handlers.measurements.changed(
    { studyId: 's1' },
    ({ studyId }) => heard.push(studyId),
    listening.signal,
  );
  await put(d, length());
  const other = length({ id: 'm2', seriesId: 'other' });
  assert.ok(other.place.kind === 'image');
  await put(d, { ...other, place: { ...other.place, instanceUid: `${aSeries('other', 's2').uid}.1` } });
  await remove(d, 1);
  listening.abort();
  await put(d, length(), 2);
  assert.deepEqual(heard, ['s1', 's1']);
});

test('a removed study leaves no measurement', async (t) => {
  const d = open(t);
  await put(d, length());
  await put(d, length({ name: 'again' }), 1);
  d.world.studies.remove('s1');
  for (const table of ['measurement', 'measurement_version'])
    assert.equal(d.world.base.store.read.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n, 0, table);
});
