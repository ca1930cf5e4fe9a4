/** Marks of files find their images, whichever came first. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { phantom } from '../../models/kit/phantom/index.ts';
import { segmentationFile, uidOf, writePhantom } from '../dicom/write/index.ts';
import { temporaryStudies } from './test-base.ts';

/** NIfTI-1 of 3 x 3 x 3 voxels of 2 mm; labels as uint8, images as int16. */
const nifti = (values: readonly number[], labels: boolean, origin: number): Buffer => {
  const bytes = Buffer.alloc(352 + values.length * (labels ? 1 : 2));
  bytes.writeInt32LE(348, 0);
  for (const [n, size] of [3, 3, 3, 3, 1, 1, 1, 1].entries()) bytes.writeInt16LE(size, 40 + 2 * n);
  bytes.writeInt16LE(labels ? 1002 : 0, 68);
  bytes.writeInt16LE(labels ? 2 : 4, 70);
  bytes.writeInt16LE(labels ? 8 : 16, 72);
  for (let n = 0; n < 8; n++) bytes.writeFloatLE(n === 0 ? 1 : 2, 76 + 4 * n);
  bytes.writeFloatLE(352, 108);
  bytes.writeFloatLE(1, 112);
  bytes.writeInt16LE(1, 254);
  for (let axis = 0; axis < 3; axis++) {
    bytes.writeFloatLE(2, 280 + 16 * axis + 4 * axis);
    bytes.writeFloatLE(origin, 280 + 16 * axis + 12);
  }
  bytes.write('n+1\0', 344, 'latin1');
  for (const [n, value] of values.entries())
    if (labels) bytes.writeUInt8(value, 352 + n);
    else bytes.writeInt16LE(value, 352 + 2 * n);
  return bytes;
};
const LABELS = Array.from({ length: 27 }, (_, n) => (n < 9 ? 7 : 0));
const GREYS = Array.from({ length: 27 }, (_, n) => ((n * 37) % 900) - 300);

describe('marks of files and their images', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-attach-'));
  const s = temporaryStudies();
  after(async () => {
    await s.close();
    s.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const place = (name: string): string => {
    const path = join(folder, name);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const studyOf = (description: string) => s.list().find(({ study }) => study.description === description);
  const marksOf = (description: string) => {
    const found = studyOf(description);
    return found ? s.studies.overlays(found.study.id) : [];
  };

  for (const [name, at] of [
    ['beside its image', ''],
    ['in a folder below its image', 'segmentations'],
  ] as const)
    test(`a label map that came first is attached when the image comes: ${name}`, async () => {
      const path = place(`first ${at}`);
      const origin = at === '' ? 10 : 40;
      const [label, image] = [`liver${origin}`, `scan${origin}`];
      writeFileSync(join(place(join(`first ${at}`, at)), `${label}.nii`), nifti(LABELS, true, origin));
      await s.import(path);
      assert.equal(studyOf(label)?.series[0]?.kind, 'image', 'alone it is shown as images');
      writeFileSync(join(path, `${image}.nii`), nifti(GREYS, false, origin));
      await s.import(path);
      const found = studyOf(image);
      assert.deepEqual(found?.series.map(({ kind, description }) => `${kind} ${description}`).sort(), [
        `image ${image}`,
        `segmentation ${label}`,
      ]);
      const [overlay] = marksOf(image);
      assert.ok(overlay?.kind === 'labelmap');
      assert.equal(overlay.labels[0]?.voxels, 9);
      assert.equal(studyOf(label), undefined, 'and is no study of its own any more');
    });

  test('a label map that comes later finds the image that is here', async () => {
    const path = place('later');
    writeFileSync(join(path, 'scan70.nii'), nifti(GREYS, false, 70));
    await s.import(path);
    writeFileSync(join(path, 'spleen70.nii'), nifti(LABELS, true, 70));
    await s.import(path);
    assert.equal(marksOf('scan70').length, 1);
  });

  test('the same grid elsewhere is no kinship, nor are copies beside each other', async () => {
    writeFileSync(join(place('atlas one'), 'scan90.nii'), nifti(GREYS, false, 90));
    await s.import(join(folder, 'atlas one'));
    writeFileSync(join(place('elsewhere/atlas two'), 'heart90.nii'), nifti(LABELS, true, 90));
    await s.import(join(folder, 'elsewhere/atlas two'));
    assert.equal(marksOf('scan90').length, 0);
    assert.equal(studyOf('heart90')?.series[0]?.kind, 'image');
    writeFileSync(join(place('copy one'), 'lung95.nii'), nifti(LABELS, true, 95));
    await s.import(join(folder, 'copy one'), true);
    writeFileSync(join(place('copy two'), 'scan95.nii'), nifti(GREYS, false, 95));
    await s.import(join(folder, 'copy two'), true);
    assert.equal(marksOf('scan95').length, 0);
  });

  describe('DICOM segmentations', () => {
    const images = join(folder, 'images');
    const later = join(folder, 'later images');
    const who = (key: string) => ({
      name: 'Marks^Mary',
      id: 'M-1',
      birthDate: '1960-02-03',
      studyDate: '2026-06-01',
      studyTime: '09:30:00',
      description: key,
      accession: 'A1',
      key,
    });
    before(async () => {
      await writePhantom(phantom('ct 16x16x6', { seed: 5 }), who('marks'), images);
    });

    const segmentation = async (key: string, frames: readonly number[]): Promise<Uint8Array> => {
      const world = temporaryStudies();
      try {
        await world.import(images);
        const [found] = world.list();
        const [series] = found?.series ?? [];
        assert.ok(found && series);
        const known = await world.studies.images(series.id);
        const mask = new Uint8Array(256).fill(1, 20, 40);
        const { bytes } = await segmentationFile({
          type: 'BINARY',
          source: {
            study: found.study,
            series: { uid: series.uid, bodyPart: '' },
            frameOfReferenceUid: known.frameOfReferenceUid,
            rows: 16,
            columns: 16,
            sliceMm: 5,
            frames: known.frames.map((frame) => ({
              sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
              sopInstanceUid: frame.instanceUid,
              frameNumber: null,
              positionMm: frame.positionMm,
              rowDirection: frame.rowDirection,
              columnDirection: frame.columnDirection,
              spacingMm: frame.calibration.kind === 'known' ? frame.calibration.spacingMm : null,
            })),
          },
          segments: [
            {
              number: 1,
              label: 'Liver',
              category: null,
              type: { value: '10200004', scheme: 'SCT', meaning: 'Liver' },
              color: [200, 100, 50],
              algorithm: 'MANUAL',
              algorithmName: '',
              tracking: { id: 'liver of Mary', uid: uidOf('liver') },
            },
          ],
          plane: (_segment, frame) => (frames.includes(frame) ? mask : null),
          everyFrame: false,
          overlap: 'NO',
          about: { key, seriesNumber: 9, description: key, creator: '', at: new Date(0), version: '1' },
        });
        return bytes;
      } finally {
        await world.close();
        world.remove();
      }
    };

    test('one that came before its images waits for them; one of missing images says what is lost', async () => {
      const drawn = place('drawn');
      writeFileSync(join(drawn, 'seg.dcm'), await segmentation('waits', [1, 4]));
      await s.import(drawn);
      assert.equal(marksOf('marks').length, 0);
      mkdirSync(later);
      const files = readdirSync(images).sort();
      const last = files.at(-2) ?? '';
      renameSync(join(images, last), join(later, last));
      await s.import(images);
      const [part] = marksOf('marks');
      assert.ok(part?.kind === 'labelmap');
      assert.equal(part.title, 'waits (1 of 2 frames lie on no image here)');
      assert.equal(part.labels[0]?.voxels, 20);
      await s.import(later);
      const [whole, ...more] = marksOf('marks');
      assert.ok(whole?.kind === 'labelmap' && more.length === 0);
      assert.equal(whole.title, 'waits');
      assert.equal(whole.dims[2], 6);
      assert.equal(whole.labels[0]?.voxels, 40);
      assert.deepEqual(whole.labels[0]?.code, { value: '10200004', scheme: 'SCT', meaning: 'Liver' });
      assert.equal(whole.labels[0]?.category?.meaning, 'Anatomical Structure');
      assert.deepEqual(whole.labels[0]?.tracking, { id: 'liver of Mary', uid: uidOf('liver') });
    });
  });
});
