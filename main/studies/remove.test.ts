import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { TAG } from '../dicom/index.ts';
import { file } from '../dicom/test-bytes.ts';
import { temporaryStudies } from './test-base.ts';

const NAME = 'Zwetschgenröster^Hildegardis';

const image = (name: string, study: number, n: number): Buffer =>
  file('1.2.840.10008.1.2.1', [
    [TAG.SpecificCharacterSet, 'CS', 'ISO_IR 192'],
    [TAG.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
    [TAG.SOPInstanceUID, 'UI', `2.25.${study}.1.${n}`],
    [TAG.Modality, 'CS', 'CT'],
    [TAG.StudyDescription, 'LO', Buffer.from(`Kontrolle ${name}`)],
    [TAG.PatientName, 'PN', Buffer.from(name)],
    [TAG.PatientID, 'LO', `ID-${study}`],
    [TAG.StudyInstanceUID, 'UI', `2.25.${study}`],
    [TAG.SeriesInstanceUID, 'UI', `2.25.${study}.1`],
    [TAG.SamplesPerPixel, 'US', 1],
    [TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'],
    [TAG.Rows, 'US', 2],
    [TAG.Columns, 'US', 2],
    [TAG.BitsAllocated, 'US', 8],
    [TAG.BitsStored, 'US', 8],
    [TAG.HighBit, 'US', 7],
    [TAG.PixelRepresentation, 'US', 0],
    [TAG.PixelData, 'OB', Uint8Array.of(1, 2, 3, n)],
  ]);

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
const holding = (folder: string, words: readonly string[]): string[] =>
  filesBelow(folder).filter((path) => {
    const text = readFileSync(path).toString('latin1').toLowerCase();
    return words.some(
      (word) => text.includes(Buffer.from(word).toString('latin1').toLowerCase()) || path.toLowerCase().includes(word),
    );
  });

test('after a study is removed no byte of the patient’s name is in the store', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-remove-'));
  const s = temporaryStudies();
  try {
    const own = join(folder, 'Zwetschgenröster Hildegardis 1931');
    mkdirSync(own);
    // Enough rows that the database moves them between pages.
    for (let n = 0; n < 150; n++) writeFileSync(join(own, `hildegardis-${n}`), image(NAME, 1, n));
    writeFileSync(join(own, 'hildegardis letter.txt'), 'ignored');
    for (let n = 0; n < 150; n++) writeFileSync(join(folder, `other-${n}`), image(`Other^Patient${n}`, 1000 + n, n));
    await s.import(folder);
    const copied = join(folder, 'copied');
    mkdirSync(copied);
    for (let n = 200; n < 210; n++) writeFileSync(join(copied, String(n)), image(NAME, 1, n));
    await s.import(copied, true);
    const found = s.list().find(({ study }) => study.patient.name === NAME);
    const series = found?.series[0];
    assert.ok(found && series);
    assert.equal(found.study.imageCount, 160);
    const images = await s.studies.images(series.id);
    const pixels = await s.media(`pixels/${series.id}/${images.pixelTag}/0-160`);
    assert.equal((await pixels.arrayBuffer()).byteLength, 640);
    await s.media(`thumbnail/${series.id}`);
    await s.studies.putOverlay(
      {
        kind: 'heatmap',
        id: 'mark',
        seriesId: series.id,
        maker: { kind: 'reader' },
        createdAt: new Date().toISOString(),
        title: 'seen in Hildegardis',
        frameIndex: 0,
        columns: 2,
        rows: 2,
        label: 'x',
        color: [1, 2, 3],
      },
      Uint8Array.of(1, 2, 3, 4),
    );
    const store = s.base.outside.storeFolder;
    const words = ['zwetschgen', 'hildegardis'];
    assert.ok(holding(store, words).length > 2, 'it was there before');
    const context = { signal: new AbortController().signal };
    await s.studies.handlers.studies.remove({ studyId: found.study.id }, context);
    assert.deepEqual(holding(store, words), []);
    assert.deepEqual(
      filesBelow(store).filter((path) => /overlays|cache|files/.test(path)),
      [],
      'nothing derived is left',
    );
    assert.equal(s.list().length, 150, 'the others are untouched');
    assert.equal(statSync(join(own, 'hildegardis-0')).isFile(), true, 'the source was never the store’s to delete');
    await assert.rejects(async () => s.studies.images(series.id), /no such series/);
  } finally {
    await s.close();
    s.remove();
    rmSync(folder, { recursive: true, force: true });
  }
});
