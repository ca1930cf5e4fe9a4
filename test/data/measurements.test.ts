/** Lengths, regions and SUV on the images of the shared data folder equal numpy's and pydicom's, and no gap is measured across. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openFrames } from '../../main/measurements/frames.ts';
import { createMeasurements } from '../../main/measurements/index.ts';
import { createSettings } from '../../main/settings/index.ts';
import { temporaryStudies } from '../../main/studies/test-base.ts';
import type { Measured } from '../../models/kit/measure/terms.ts';
import { measured } from '../../models/kit/measure/values.ts';
import { Fault, type MeasurementKind, type MeasurementPlace } from '../../preload/contract/index.ts';

const SHARED = resolve(fileURLToPath(new URL('.', import.meta.url)), '../../../shared/data');

type Point = [number, number];
interface Region {
  readonly points: Point[];
  readonly area: number;
  readonly voxels: number;
  readonly mean: number;
  readonly deviation: number;
  readonly minimum: number;
  readonly maximum: number;
}
interface Expected {
  readonly images: Readonly<
    Record<
      string,
      {
        readonly uid: string;
        readonly outline: Region;
        readonly ellipse: Region;
        readonly line: { readonly points: Point[]; readonly length: number };
        readonly suv: number | null;
      }
    >
  >;
  readonly ultrasound: Readonly<
    Record<string, { readonly uid: string; readonly points: Point[]; readonly length: number | null }>
  >;
}

/** float64 against numpy's pairwise sums, and decimal strings of ten digits. */
const near = (actual: number | undefined, expected: number, what: string): void =>
  assert.ok(
    Math.abs((actual ?? Number.NaN) - expected) <= 1e-6 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual} for ${expected}`,
  );

test('regions, lengths and SUV equal numpy’s on the same voxels', async (t) => {
  if (!existsSync(SHARED)) return t.skip('the shared data folder is not here');
  const expected = JSON.parse(readFileSync(new URL('./measurements.json', import.meta.url), 'utf8')) as Expected;
  const world = temporaryStudies();
  const measurements = createMeasurements(world.base, world.studies, createSettings(world.base));
  try {
    const folders = ['ct/lidc-idri-0314', 'ct/variable-gap', 'pet/qin-headneck/PET'];
    for (const folder of folders) await world.import(join(SHARED, folder));
    for (const name of [...Object.keys(expected.images), ...Object.keys(expected.ultrasound)])
      if (!folders.some((folder) => name.startsWith(folder))) await world.import(join(SHARED, name));
    const seriesOf = (name: string, uid: string): string => {
      const row = world.base.store.read.get<{ series_id: string }>(
        'SELECT series_id FROM instances WHERE sop_instance_uid = ? AND path LIKE ?',
        uid,
        `%${name}`,
      );
      assert.ok(row, name);
      return row.series_id;
    };
    const see = async (seriesId: string, uid: string, kind: MeasurementKind, points: Point[]): Promise<Measured> => {
      const images = await world.studies.images(seriesId);
      const frame = images.frames.find((one) => one.instanceUid === uid);
      assert.ok(frame);
      const place: MeasurementPlace = { kind: 'image', instanceUid: uid, frameNumber: 1, points, labelAt: null };
      const pixels = openFrames(await world.studies.decoded(seriesId, new AbortController().signal));
      try {
        const scales = await world.studies.scales(seriesId);
        return measured({ kind, place }, { images, scales, suv: 'bodyWeight', frame: pixels.read });
      } finally {
        pixels.close();
      }
    };
    let compared = 0;
    const equal = (found: Measured, key: string, value: number, what: string): void => {
      near(found.values.find((one) => one.key === key)?.value, value, `${what} ${key}`);
      compared++;
    };
    for (const [name, one] of Object.entries(expected.images)) {
      const seriesId = seriesOf(name, one.uid);
      const factor = one.suv ?? 1;
      for (const [kind, region] of [
        ['freehand', one.outline],
        ['ellipse', one.ellipse],
      ] as const) {
        const found = await see(seriesId, one.uid, kind, region.points);
        equal(found, 'area', region.area, `${name} ${kind}`);
        equal(found, 'voxels', region.voxels, `${name} ${kind}`);
        for (const key of ['mean', 'deviation', 'minimum', 'maximum'] as const)
          equal(found, key, region[key] * factor, `${name} ${kind}`);
        if (one.suv !== null) assert.equal(found.values.find(({ key }) => key === 'mean')?.unit, 'g/ml{SUVbw}');
      }
      equal(await see(seriesId, one.uid, 'length', one.line.points), 'length', one.line.length, name);
    }
    for (const [name, one] of Object.entries(expected.ultrasound)) {
      const found = await see(seriesOf(name, one.uid), one.uid, 'length', one.points);
      if (one.length !== null) equal(found, 'length', one.length, name);
      else {
        assert.equal(found.values[0]?.unit, '{pixels}', name);
        assert.match(found.remarks.join(), /cropped or resized/);
      }
    }

    // Slices of uneven gaps are no volume: nothing is ever measured across them.
    const uneven = seriesOf('ct/variable-gap/GE/09.dcm', expected.images['ct/variable-gap/GE/09.dcm']?.uid ?? '');
    const { volume } = await world.studies.images(uneven);
    assert.equal(volume.kind, 'none');
    await assert.rejects(
      async () =>
        measurements.handlers.measurements.put(
          {
            opId: 'across',
            revision: 0,
            measurement: {
              id: 'across',
              seriesId: uneven,
              kind: 'length',
              place: {
                kind: 'patient',
                points: [
                  [0, 0, 0],
                  [0, 0, 30],
                ],
                normal: [0, 1, 0],
                labelAt: null,
                resampled: '',
              },
              name: 'across',
              text: '',
              visible: true,
            },
          },
          { signal: new AbortController().signal },
        ),
      (error) => error instanceof Fault && error.code === 'invalid' && /no planes/.test(error.message),
    );
    console.log(`measurements on real images: ${compared} values compared with numpy, ${compared} equal, 0 wrong`);
  } finally {
    await world.close();
    world.remove();
  }
});
