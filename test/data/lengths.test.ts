/** A real series with uneven gaps and a tilted gantry: lengths only where they are certain, and then the right ones. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkPlace } from '../../main/measurements/places.ts';
import { temporaryStudies } from '../../main/studies/test-base.ts';
import { measured } from '../../models/kit/measure/values.ts';
import type { MeasurementPlace } from '../../preload/contract/index.ts';
import { SHARED_DATA } from '../conditions.ts';

const FOLDER = join(SHARED_DATA, 'ct/variable-gap');

/** The value of an element as it stands in the file's bytes, explicit little endian: read without our reader. */
const words = (bytes: Buffer, group: number, element: number, vr: string): string => {
  const at = bytes.indexOf(Buffer.from([group & 255, group >> 8, element & 255, element >> 8, ...Buffer.from(vr)]));
  assert.ok(at > 0, `${group.toString(16)},${element.toString(16)} is in the file`);
  return bytes
    .subarray(at + 8, at + 8 + bytes.readUInt16LE(at + 6))
    .toString('latin1')
    .trim();
};

/** Pixel Spacing by SOP Instance UID. */
const spacings = (): Map<string, readonly [number, number]> => {
  const files = readdirSync(FOLDER, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const found = new Map<string, readonly [number, number]>();
  for (const file of files) {
    const bytes = readFileSync(join(file.parentPath, file.name));
    if (bytes.subarray(128, 132).toString('latin1') !== 'DICM') continue;
    const [row = 0, column = 0] = words(bytes, 0x28, 0x30, 'DS').split('\\').map(Number);
    found.set(words(bytes, 0x08, 0x18, 'UI').replace(/\0$/, ''), [row, column]);
  }
  return found;
};

test('of images with uneven gaps lengths are those of each image, and there are none across them', async (t) => {
  if (!existsSync(FOLDER)) return t.skip('shared data absent');
  const known = spacings();
  assert.ok(known.size > 3);
  const s = temporaryStudies();
  let [lengths, worst] = [0, 0];
  try {
    await s.import(FOLDER);
    const series = s.list().flatMap((one) => one.series.filter(({ kind, refused }) => kind === 'image' && !refused));
    for (const { id } of series) {
      const images = await s.studies.images(id);
      const scales = { seriesId: id, ultrasound: {}, suv: null, trouble: '' };
      const said = (place: MeasurementPlace) =>
        measured({ kind: 'length', place }, { images, scales, suv: 'bodyWeight', frame: () => null });
      for (const { instanceUid, frameNumber, positionMm } of images.frames) {
        const spacing = known.get(instanceUid);
        assert.ok(spacing && positionMm);
        for (const [across, down] of [
          [100, 0],
          [0, 100],
          [120, 50],
        ] as const) {
          const points = [
            [10, 20],
            [10 + across, 20 + down],
          ] as const;
          const { values } = said({ kind: 'image', instanceUid, frameNumber, points: [...points], labelAt: null });
          const [length] = values;
          assert.ok(values.length === 1 && length?.unit === 'mm');
          worst = Math.max(worst, Math.abs(length.value - Math.hypot(across * spacing[1], down * spacing[0])));
          lengths++;
        }
      }
      // Across images there is no grid to measure in: the store takes no such length.
      assert.equal(images.volume.kind, 'none');
      const [first, last] = [images.frames[0]?.positionMm, images.frames.at(-1)?.positionMm];
      assert.ok(first && last);
      const place = {
        kind: 'patient',
        points: [first, last],
        normal: [1, 0, 0],
        labelAt: null,
        resampled: '',
      } as const;
      assert.throws(
        () =>
          checkPlace(
            {
              id: 'x',
              seriesId: id,
              kind: 'length',
              place: { ...place, points: [...place.points] },
              name: '',
              text: '',
              visible: true,
            },
            images,
          ),
        /no planes through this series: uneven gaps/,
      );
    }
    console.log(
      `${lengths} lengths on images with uneven gaps, the worst ${worst.toExponential(1)} mm off; 0 across them`,
    );
    assert.ok(worst < 1e-6);
  } finally {
    await s.close();
    s.remove();
  }
});
