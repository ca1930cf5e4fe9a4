import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { TAG } from '../dicom/index.ts';
import { file, type TestElement } from '../dicom/test-bytes.ts';
import { temporaryStudies } from './test-base.ts';

const s = temporaryStudies();
after(async () => {
  await s.close();
  s.remove();
});
const { place } = s;

const [ROWS, COLUMNS, SLICES] = [4, 6, 4];
/** Every pixel of a slice holds echo * 100 + slice. */
const slice = (study: string, echo: number, n: number, more: readonly TestElement[] = []): Buffer => {
  const elements: TestElement[] = [
    [TAG.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.4'],
    [TAG.SOPInstanceUID, 'UI', `2.25.${study}.${echo}.${n}`],
    [TAG.StudyDate, 'DA', '20260102'],
    [TAG.Modality, 'CS', 'MR'],
    [TAG.SeriesDescription, 'LO', 'T2 SE'],
    [TAG.PatientName, 'PN', 'Teil^Thea'],
    [TAG.PatientID, 'LO', `P${study}`],
    [TAG.EchoTime, 'DS', String(echo * 40)],
    [TAG.EchoNumbers, 'IS', String(echo)],
    [TAG.StudyInstanceUID, 'UI', `2.25.${study}`],
    [TAG.SeriesInstanceUID, 'UI', `2.25.${study}.1`],
    [TAG.SeriesNumber, 'IS', '5'],
    [TAG.InstanceNumber, 'IS', String(n * 10 + echo)],
    [TAG.ImagePositionPatient, 'DS', `0\\0\\${n * 3}`],
    [TAG.ImageOrientationPatient, 'DS', '1\\0\\0\\0\\1\\0'],
    [TAG.FrameOfReferenceUID, 'UI', `2.25.${study}.9`],
    [TAG.SamplesPerPixel, 'US', 1],
    [TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'],
    [TAG.Rows, 'US', ROWS],
    [TAG.Columns, 'US', COLUMNS],
    [TAG.PixelSpacing, 'DS', '1\\1'],
    [TAG.BitsAllocated, 'US', 16],
    [TAG.BitsStored, 'US', 16],
    [TAG.HighBit, 'US', 15],
    [TAG.PixelRepresentation, 'US', 0],
    [TAG.PixelData, 'OW', new Array(ROWS * COLUMNS).fill(echo * 100 + n)],
    ...more,
  ];
  return file(
    '1.2.840.10008.1.2.1',
    elements.toSorted((a, b) => a[0] - b[0]),
  );
};
const writeEcho = (into: string, study: string, echo: number, slices = SLICES): void => {
  for (let n = 0; n < slices; n++) writeFileSync(join(into, `${study}-${echo}-${n}.dcm`), slice(study, echo, n));
};
const seriesOf = (study: string) => s.list().find((one) => one.study.uid === `2.25.${study}`)?.series ?? [];
/** First pixel of every frame, as the window is given them. */
const received = async (seriesId: string): Promise<number[]> => {
  const images = await s.studies.images(seriesId);
  const answer = await s.media(`pixels/${seriesId}/${images.pixelTag}/0-${images.frames.length}`);
  assert.equal(answer.status, 200);
  const bytes = Buffer.from(await answer.arrayBuffer());
  return images.frames.map(({ byteOffset }) => bytes.readUInt16LE(byteOffset));
};

test('echoes of a series are volumes of their own, with their own pixels; more of them come later', async () => {
  const path = place();
  writeEcho(path, '1', 1);
  writeEcho(path, '1', 2);
  await s.import(path);
  const first = seriesOf('1');
  assert.deepEqual(
    first.map(({ description, frameCount, number }) => [description, frameCount, number]),
    [
      ['T2 SE · TE 40 ms', 4, 5],
      ['T2 SE · TE 80 ms', 4, 5],
    ],
  );
  for (const [n, one] of first.entries()) {
    const { volume } = await s.studies.images(one.id);
    assert.ok(volume.kind === 'volume');
    assert.deepEqual(volume.dims, [COLUMNS, ROWS, SLICES]);
    assert.deepEqual(
      await received(one.id),
      [0, 1, 2, 3].map((z) => (n + 1) * 100 + z),
    );
    assert.equal((await s.media(`thumbnail/${one.id}`)).status, 200);
  }
  assert.equal(s.list()[0]?.study.imageCount, 8);
  const later = place();
  writeEcho(later, '1', 3);
  await s.import(later);
  const all = seriesOf('1');
  assert.deepEqual(
    all.map(({ id, description }) => [id, description]),
    [
      [first[0]?.id, 'T2 SE · TE 40 ms'],
      [first[1]?.id, 'T2 SE · TE 80 ms'],
      [all[2]?.id, 'T2 SE · TE 120 ms'],
    ],
  );
  assert.deepEqual(await received(all[2]?.id ?? ''), [300, 301, 302, 303]);
  // The same files again change nothing.
  await s.import(path);
  assert.deepEqual(
    seriesOf('1').map(({ id }) => id),
    all.map(({ id }) => id),
  );
});

test('what is drawn on a whole series keeps its images under it when parts come', async () => {
  const path = place();
  writeEcho(path, '2', 1);
  await s.import(path);
  const [whole] = seriesOf('2');
  assert.ok(whole);
  assert.equal(whole.description, 'T2 SE');
  const images = await s.studies.images(whole.id);
  const [frame] = images.frames;
  assert.ok(frame);
  await s.studies.putOverlay(
    {
      kind: 'boxes',
      id: 'mark',
      seriesId: whole.id,
      maker: { kind: 'reader' },
      createdAt: '2026-01-01T00:00:00.000Z',
      title: 'Mark',
      boxes: [],
    },
    null,
  );
  const later = place();
  writeEcho(later, '2', 2);
  await s.import(later);
  assert.deepEqual(
    seriesOf('2').map(({ id, description, frameCount }) => [id === whole.id, description, frameCount]),
    [
      [true, 'T2 SE', 8],
      [false, 'T2 SE · TE 40 ms', 4],
      [false, 'T2 SE · TE 80 ms', 4],
    ],
  );
});

test('an image that cannot be decoded leaves its part, which then says what it lacks', async () => {
  const path = place();
  writeEcho(path, '3', 1);
  writeEcho(path, '3', 2);
  // Of another size than it says, inside: found out when it is decoded.
  const broken = slice('3', 2, 1, []);
  const compressed = Buffer.from(broken);
  const at = compressed.indexOf('1.2.840.10008.1.2.1\0');
  assert.ok(at > 0);
  compressed.write('1.2.840.10008.1.2.5\0', at, 'latin1');
  const pixels = compressed.indexOf(Buffer.of(0xe0, 0x7f, 0x10, 0x00));
  const rle = Buffer.concat([
    compressed.subarray(0, pixels),
    Buffer.from([0xe0, 0x7f, 0x10, 0x00]),
    Buffer.from('OB\0\0'),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0x00, 0xe0, 0, 0, 0, 0]),
    Buffer.from([0xfe, 0xff, 0x00, 0xe0, 64, 0, 0, 0]),
    Buffer.alloc(64, 1),
    Buffer.from([0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]),
  ]);
  writeFileSync(join(path, '3-2-1.dcm'), rle);
  await s.import(path);
  const second = seriesOf('3')[1];
  assert.ok(second);
  assert.equal(second.frameCount, 4);
  const images = await s.studies.images(second.id);
  const answer = await s.media(`pixels/${second.id}/${images.pixelTag}/0-4`);
  await answer.arrayBuffer().catch(() => null);
  const after = seriesOf('3');
  assert.deepEqual(
    after.map(({ description, frameCount }) => [description, frameCount]),
    [
      ['T2 SE · TE 40 ms', 4],
      ['T2 SE · TE 80 ms', 3],
    ],
  );
  const { volume } = await s.studies.images(second.id);
  assert.deepEqual(volume, { kind: 'none', reason: 'uneven gaps: 3 / 6 mm, slices missing: 1' });
  assert.deepEqual(await received(second.id), [200, 202, 203]);
});

test('a removed study takes its parts with it', async () => {
  const study = s.list().find((one) => one.study.uid === '2.25.1');
  assert.ok(study);
  await s.studies.handlers.studies.remove({ studyId: study.study.id }, { signal: new AbortController().signal });
  assert.equal(
    s.base.store.read.get<{ n: number }>('SELECT count(*) AS n FROM series WHERE study_id = ?', study.study.id)?.n,
    0,
  );
});
