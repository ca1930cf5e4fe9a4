import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TAG } from '../dicom/index.ts';
import { file, type TestItem } from '../dicom/test-bytes.ts';
import { temporaryStudies } from './test-base.ts';

const US_IMAGE = '1.2.840.10008.5.1.4.1.1.6.1';
const PET_IMAGE = '1.2.840.10008.5.1.4.1.1.128';

const image = (modality: string, sopClass: string, study: number, n: number, more: TestItem): Buffer =>
  file('1.2.840.10008.1.2.1', [
    [TAG.SOPClassUID, 'UI', sopClass],
    [TAG.SOPInstanceUID, 'UI', `2.25.${study}.1.${n}`],
    [TAG.Modality, 'CS', modality],
    [TAG.PatientName, 'PN', 'Roe^Jane'],
    [TAG.PatientID, 'LO', `ID-${study}`],
    [TAG.StudyInstanceUID, 'UI', `2.25.${study}`],
    [TAG.SeriesInstanceUID, 'UI', `2.25.${study}.1`],
    [TAG.InstanceNumber, 'IS', String(n)],
    [TAG.SamplesPerPixel, 'US', 1],
    [TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'],
    [TAG.Rows, 'US', 4],
    [TAG.Columns, 'US', 4],
    [TAG.BitsAllocated, 'US', 8],
    [TAG.BitsStored, 'US', 8],
    [TAG.HighBit, 'US', 7],
    [TAG.PixelRepresentation, 'US', 0],
    ...more,
    [TAG.PixelData, 'OB', new Uint8Array(16).fill(n)],
  ]);

/** One two-dimensional region over the whole image, so many centimetres a pixel. */
const region = (cm: number): TestItem => [
  [TAG.RegionSpatialFormat, 'US', 1],
  [TAG.RegionFlags, 'UL', 0],
  [TAG.RegionLocationMinX0, 'UL', 0],
  [TAG.RegionLocationMinY0, 'UL', 0],
  [TAG.RegionLocationMaxX1, 'UL', 3],
  [TAG.RegionLocationMaxY1, 'UL', 3],
  [TAG.PhysicalUnitsXDirection, 'US', 3],
  [TAG.PhysicalUnitsYDirection, 'US', 3],
  [TAG.PhysicalDeltaX, 'FD', cm],
  [TAG.PhysicalDeltaY, 'FD', cm],
];
const pet = (weight: string): TestItem => [
  [TAG.Units, 'CS', 'BQML'],
  [TAG.CorrectedImage, 'CS', 'ATTN\\DECY'],
  [TAG.DecayCorrection, 'CS', 'ADMIN'],
  [TAG.PatientWeight, 'DS', weight],
  [
    TAG.RadiopharmaceuticalInformationSequence,
    'SQ',
    [
      [
        [TAG.RadionuclideTotalDose, 'DS', '400000000'],
        [TAG.RadionuclideHalfLife, 'DS', '6586.2'],
      ],
    ],
  ],
];

test('each image’s own ultrasound regions, uptake only where all images agree, and the trouble where files are gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-measuring-'));
  const s = temporaryStudies();
  const put = (name: string, bytes: Buffer): void => writeFileSync(join(folder, name), bytes);
  try {
    for (const [n, cm] of [0.01, 0.02].entries())
      put(`us-${n}`, image('US', US_IMAGE, 1, n, [[TAG.SequenceOfUltrasoundRegions, 'SQ', [region(cm)]]]));
    for (const n of [0, 1]) put(`pt-${n}`, image('PT', PET_IMAGE, 2, n, pet('80')));
    for (const n of [0, 1]) put(`odd-${n}`, image('PT', PET_IMAGE, 3, n, pet(String(80 + n))));
    put('ct', image('CT', '1.2.840.10008.5.1.4.1.1.2', 4, 1, []));
    await s.import(folder);
    const seriesOf = (study: number): string => {
      const found = s.list().find((one) => one.study.patient.id === `ID-${study}`)?.series[0];
      assert.ok(found);
      return found.id;
    };
    const us = await s.studies.scales(seriesOf(1));
    assert.equal(us.trouble, '');
    assert.deepEqual(
      ['2.25.1.1.0', '2.25.1.1.1'].map((uid) => us.ultrasound[uid]?.regions[0]?.x.perPixel),
      [0.01, 0.02],
    );
    const uptake = await s.studies.scales(seriesOf(2));
    assert.ok(uptake.suv?.kind === 'known');
    assert.equal(uptake.suv.bodyWeight, 80_000 / 4e8);
    const odd = await s.studies.scales(seriesOf(3));
    assert.ok(odd.suv?.kind === 'none' && /weight/.test(odd.suv.reason));
    assert.deepEqual(await s.studies.scales(seriesOf(4)), {
      seriesId: seriesOf(4),
      ultrasound: {},
      suv: null,
      trouble: '',
    });
    assert.deepEqual(
      [...s.studies.classes(seriesOf(1))],
      [
        ['2.25.1.1.0', US_IMAGE],
        ['2.25.1.1.1', US_IMAGE],
      ],
    );
    // Once known it is kept; a store opened anew looks into the files, and says so where they are gone.
    const series = seriesOf(1);
    rmSync(join(folder, 'us-1'));
    assert.equal((await s.studies.scales(series)).trouble, '');
    await s.close();
    const again = temporaryStudies({ folder: s.folder });
    assert.match((await again.studies.scales(series)).trouble, /could not be read/);
    await again.close();
  } finally {
    s.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});
