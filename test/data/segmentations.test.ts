/** Segmentations of the shared data folder lie on their images where pydicom and numpy put them, pixel by pixel. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryStudies } from '../../main/studies/test-base.ts';

const SHARED = resolve(fileURLToPath(new URL('.', import.meta.url)), '../../../shared/data');

type Expected =
  | { readonly error: string }
  | {
      readonly uid: string;
      readonly type: string;
      readonly frames: number;
      /** Frames that lie on no image of the folder. */
      readonly lost: number;
      /** By segment, by SOP Instance UID of an image: pixels and their hash. */
      readonly segments: Readonly<Record<string, Readonly<Record<string, readonly [number, string]>>>>;
    };

test('every segment of the shared folder lies on its images where pydicom has it', async (t) => {
  if (!existsSync(SHARED)) return t.skip('the shared data folder is not here');
  const expected = JSON.parse(readFileSync(new URL('./segmentations.json', import.meta.url), 'utf8')) as Record<
    string,
    Expected
  >;
  const world = temporaryStudies();
  try {
    for (const folder of ['dicom', 'pet']) await world.import(join(SHARED, folder));
    const { read } = world.base.store;
    let equal = 0;
    let segments = 0;
    let elsewhere = 0;
    for (const [name, one] of Object.entries(expected)) {
      if ('error' in one) continue;
      const rows = read.all<{ series_id: string; study_id: string; path: string }>(
        `SELECT i.series_id, s.study_id, i.path FROM instances i JOIN series s ON s.id = i.series_id
          WHERE i.path LIKE ?`,
        `%${name}`,
      );
      // A file that is there twice is kept once, under the first path.
      const [row] = [
        ...rows,
        ...read.all<{ series_id: string; study_id: string }>(
          `SELECT i.series_id, s.study_id FROM instances i JOIN series s ON s.id = i.series_id
            WHERE i.sop_instance_uid = ?`,
          one.uid,
        ),
      ];
      assert.ok(row, `${name} is in the store`);
      const marks = world.studies
        .overlays(row.study_id)
        .filter((overlay) => overlay.maker.kind === 'file' && overlay.maker.seriesId === row.series_id);
      const placed = Object.values(one.segments).some((images) => Object.keys(images).length > 0);
      if (!placed) {
        elsewhere += 1;
        continue;
      }
      const found: Record<string, Record<string, [number, string]>> = {};
      for (const overlay of marks) {
        assert.ok(overlay.kind === 'labelmap');
        const bytes = await world.studies.overlayBytes(overlay.id);
        const { frames } = await world.studies.images(overlay.seriesId);
        const size = overlay.dims[0] * overlay.dims[1];
        for (const { value } of overlay.labels) {
          const images: Record<string, [number, string]> = {};
          found[value] = images;
          for (const [k, frame] of frames.entries()) {
            const mask = bytes.subarray(k * size, (k + 1) * size).map((label) => Number(label === value));
            const pixels = mask.reduce((sum, is) => sum + is, 0);
            if (pixels > 0)
              images[frame.instanceUid] = [pixels, createHash('sha256').update(mask).digest('hex').slice(0, 16)];
          }
        }
      }
      assert.deepEqual(found, one.segments, name);
      equal += 1;
      segments += Object.keys(found).length;
    }
    console.log(
      `segmentations of the shared folder: ${equal} files, ${segments} segments equal pixel by pixel; ${elsewhere} whose images are not in it`,
    );
    assert.ok(equal >= 15, `${equal} compared`);
  } finally {
    await world.close();
    world.remove();
  }
});
