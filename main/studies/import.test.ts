import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { crc32, gzipSync } from 'node:zlib';
import { encode as encodePng } from 'fast-png';
import { Fault } from '../../preload/contract/index.ts';
import { TAG } from '../dicom/index.ts';
import { encode, file, type TestItem } from '../dicom/test-bytes.ts';
import { temporaryStudies } from './test-base.ts';

const s = temporaryStudies();
after(async () => {
  await s.close();
  s.remove();
});
const { place } = s;

const ROWS = 4;
const COLUMNS = 6;
interface Slice {
  study: string;
  n: number;
  name?: string;
  patientId?: string;
  value?: number;
  series?: number;
  syntax?: string;
  slope?: number;
}
const slice = ({
  study,
  n,
  name = 'Muster^Änne',
  patientId = 'P1',
  value = 0,
  series = 1,
  syntax = '1.2.840.10008.1.2.1',
  slope = 1,
}: Slice): Buffer =>
  file(syntax, [
    [TAG.SpecificCharacterSet, 'CS', 'ISO_IR 192'],
    [TAG.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
    [TAG.SOPInstanceUID, 'UI', `2.25.${study}.${series}.${n}`],
    [TAG.StudyDate, 'DA', '20260102'],
    [TAG.StudyTime, 'TM', '101112.5'],
    [TAG.AccessionNumber, 'SH', `A${study}`],
    [TAG.Modality, 'CS', 'CT'],
    [TAG.StudyDescription, 'LO', Buffer.from('Thorax')],
    [TAG.PatientName, 'PN', Buffer.from(name)],
    [TAG.PatientID, 'LO', patientId],
    [TAG.PatientBirthDate, 'DA', '19700203'],
    [TAG.PatientSex, 'CS', 'F'],
    [TAG.StudyInstanceUID, 'UI', `2.25.${study}`],
    [TAG.SeriesInstanceUID, 'UI', `2.25.${study}.${series}`],
    [TAG.InstanceNumber, 'IS', String(100 - n)],
    [TAG.ImagePositionPatient, 'DS', `0\\0\\${n * 2}`],
    [TAG.ImageOrientationPatient, 'DS', '1\\0\\0\\0\\1\\0'],
    [TAG.SamplesPerPixel, 'US', 1],
    [TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'],
    [TAG.Rows, 'US', ROWS],
    [TAG.Columns, 'US', COLUMNS],
    [TAG.PixelSpacing, 'DS', '1\\1'],
    [TAG.BitsAllocated, 'US', 16],
    [TAG.BitsStored, 'US', 16],
    [TAG.HighBit, 'US', 15],
    [TAG.PixelRepresentation, 'US', 1],
    [TAG.RescaleIntercept, 'DS', '-1024'],
    [TAG.RescaleSlope, 'DS', String(slope)],
    [TAG.PixelData, 'OW', Array.from({ length: ROWS * COLUMNS }, (_, i) => n * 100 + i + value)],
  ] satisfies TestItem);
const context = { signal: new AbortController().signal };
const series = (uid: string): string => {
  const row = s.base.store.read.get<{ id: string }>(
    'SELECT id FROM series WHERE uid = ? ORDER BY variant',
    `2.25.${uid}`,
  );
  assert.ok(row, `series ${uid}`);
  return row.id;
};
const pixels = async (seriesId: string): Promise<{ status: number; values: number[] }> => {
  const images = await s.studies.images(seriesId);
  const response = await s.media(`pixels/${seriesId}/${images.pixelTag}/0-${images.frames.length}`);
  if (response.status !== 200) return { status: response.status, values: [] };
  return { status: 200, values: [...new Int16Array(await response.arrayBuffer())] };
};

test('a folder becomes a study, its slices a volume, its pixels what the files hold', async () => {
  const path = place();
  mkdirSync(join(path, 'deep'));
  for (const n of [2, 0, 1]) writeFileSync(join(path, n === 1 ? 'deep' : '', `x${n}`), slice({ study: '1', n }));
  writeFileSync(join(path, 'readme.txt'), 'no image');
  writeFileSync(join(path, 'torn.dcm'), slice({ study: '1', n: 7 }).subarray(0, -10));
  symlinkSync('/etc', join(path, 'link'));
  const { files } = await s.import(path);
  const outcome = (name: string) => files.find((one) => one.path === name);
  assert.equal(outcome('deep/x1')?.outcome, 'imported');
  assert.equal(outcome('readme.txt')?.outcome, 'ignored');
  assert.match(outcome('link')?.reason ?? '', /Links are not followed/);
  assert.match(outcome('torn.dcm')?.reason ?? '', /cut short/);
  const [found] = s.list();
  assert.deepEqual(found?.study.patient, {
    name: 'Muster^Änne',
    id: 'P1',
    issuer: '',
    birthDate: '1970-02-03',
    sex: 'F',
  });
  assert.deepEqual([found?.study.date, found?.study.time, found?.study.imageCount], ['2026-01-02', '10:11:12', 3]);
  const images = await s.studies.images(series('1.1'));
  assert.equal(images.volume.kind, 'volume');
  assert.equal(images.frames[0]?.unit, 'HU');
  const { values } = await pixels(series('1.1'));
  const all = [0, 1, 2].flatMap((n) => Array.from({ length: ROWS * COLUMNS }, (_, i) => n * 100 + i));
  assert.deepEqual(values, all);
  assert.deepEqual((await pixels(series('1.1'))).values, all, 'again, from the cache');
  const one = await s.media(`pixels/${series('1.1')}/${images.pixelTag}/1-2`);
  assert.deepEqual([...new Int16Array(await one.arrayBuffer())], all.slice(24, 48));
  assert.equal((await s.media(`pixels/${series('1.1')}/other/0-1`)).status, 409);
  assert.equal((await s.media(`pixels/${series('1.1')}/${images.pixelTag}/2-9`)).status, 400);
  const png = new Uint8Array(await (await s.media(`thumbnail/${series('1.1')}`)).arrayBuffer());
  assert.deepEqual([...png.subarray(1, 4)], [0x50, 0x4e, 0x47]);
});

test('the same again changes nothing, in place, copied or from elsewhere', async () => {
  const path = place();
  const other = place();
  for (const n of [0, 1, 2]) {
    writeFileSync(join(path, `x${n}`), slice({ study: '2', n }));
    writeFileSync(join(other, `y${n}`), slice({ study: '2', n }));
  }
  await s.import(path);
  const count = (): number => s.base.store.read.get<{ n: number }>('SELECT count(*) AS n FROM instances')?.n ?? -1;
  const before = count();
  for (const [from, copy] of [
    [path, false],
    [other, false],
    [other, true],
  ] as const) {
    const { files } = await s.import(from, copy);
    assert.deepEqual(new Set(files.map((one) => one.outcome)), new Set(['already-there']));
  }
  assert.equal(count(), before);
});

test('more files than one transaction takes: all are in, in order, and what is there twice is one', async () => {
  const path = place();
  const many = 1300;
  const name = (n: number): string => `x${String(n).padStart(4, '0')}`;
  for (let n = 0; n < many; n++) writeFileSync(join(path, name(n)), slice({ study: '11', n }));
  for (const n of [0, 700]) writeFileSync(join(path, `${name(n)}-again`), slice({ study: '11', n }));
  writeFileSync(join(path, `${name(many - 1)}-again`), slice({ study: '11', n: 5 }));
  const { importId } = await s.import(path);
  const rows = s.base.store.read.all<{ path: string; outcome: string; study_id: string }>(
    'SELECT path, outcome, study_id FROM import_files WHERE import_id = ?',
    importId,
  );
  const count = (outcome: string): number => rows.filter((row) => row.outcome === outcome).length;
  assert.deepEqual([count('imported'), count('already-there')], [many, 3]);
  assert.equal(new Set(rows.map((row) => row.study_id)).size, 1, 'each is told with its study');
  const uids = s.base.store.read.all<{ n: number }>(
    "SELECT 100 - number AS n FROM instances WHERE sop_instance_uid LIKE '2.25.11.%' ORDER BY id",
  );
  assert.deepEqual(
    uids.map(({ n }) => n),
    Array.from({ length: many }, (_, n) => n),
  );
});

test('on a machine that stands still between any two steps everything is imported', async (t) => {
  let now = performance.now();
  t.mock.method(performance, 'now', () => {
    now += 60_000;
    return now;
  });
  const path = place();
  for (let n = 0; n < 300; n++) writeFileSync(join(path, `x${n}`), slice({ study: '13', n }));
  const { files } = await s.import(path);
  assert.equal(files.filter(({ outcome }) => outcome === 'imported').length, 300);
});

test('a UID that is here with other content is kept apart; another patient of the same study UID too', async () => {
  const path = place();
  for (const n of [0, 1, 2]) writeFileSync(join(path, `x${n}`), slice({ study: '3', n }));
  await s.import(path);
  const other = place();
  writeFileSync(join(other, 'changed'), slice({ study: '3', n: 1, value: 7 }));
  const { files } = await s.import(other);
  assert.match(files[0]?.reason ?? '', /other content/);
  const { values } = await pixels(series('3.1'));
  assert.equal(values[ROWS * COLUMNS], 100, 'the first one is as it was');
  const third = place();
  writeFileSync(join(third, 'x'), slice({ study: '3', n: 9, patientId: 'P2', name: 'Andere^Eva' }));
  await s.import(third);
  const ids = s
    .list()
    .filter(({ study }) => study.uid === '2.25.3')
    .map(({ study }) => study.patient.id);
  assert.deepEqual(ids.sort(), ['P1', 'P2']);
});

test('a file that is missing or changed is told and never shown as other pixels; found again it is shown', async () => {
  const path = place();
  for (const n of [0, 1, 2]) writeFileSync(join(path, `x${n}`), slice({ study: '4', n }));
  await s.import(path);
  const id = series('4.1');
  assert.equal((await pixels(id)).status, 200);
  renameSync(join(path, 'x1'), join(path, 'moved'));
  assert.equal((await pixels(id)).status, 410);
  assert.equal(s.studies.seriesOf(id).sourceMissing, true);
  assert.equal((await s.studies.study(s.studies.seriesOf(id).studyId)).study.sourceMissing, true);
  await assert.rejects(s.studies.decoded(id, context.signal), /missing or has changed/);
  await s.import(path);
  assert.equal(s.studies.seriesOf(id).sourceMissing, false);
  assert.equal((await pixels(id)).status, 200);
  appendFileSync(join(path, 'x2'), 'x');
  assert.equal((await pixels(id)).status, 410);
});

test('slices scaled one by one are one volume of modality values', async () => {
  const path = place();
  for (const n of [0, 1, 2]) writeFileSync(join(path, `x${n}`), slice({ study: '8', n, slope: n + 1 }));
  await s.import(path);
  const images = await s.studies.images(series('8.1'));
  assert.ok(images.volume.kind === 'volume' && images.volume.format === 'float32');
  const response = await s.media(`pixels/${series('8.1')}/${images.pixelTag}/0-3`);
  const values = [...new Float32Array(await response.arrayBuffer())];
  const expected = [0, 1, 2].flatMap((n) =>
    Array.from({ length: ROWS * COLUMNS }, (_, i) => (n * 100 + i) * (n + 1) - 1024),
  );
  assert.deepEqual(values, expected);
});

test('a copy is the store’s own: the source may go', async () => {
  const path = place();
  for (const n of [0, 1, 2]) writeFileSync(join(path, `x${n}`), slice({ study: '5', n }));
  await s.import(path, true);
  rmSync(path, { recursive: true });
  assert.equal((await pixels(series('5.1'))).status, 200);
});

test('an image that cannot be decoded leaves its series; the others are shown', async () => {
  const path = place();
  for (const n of [0, 1, 2]) writeFileSync(join(path, `x${n}`), slice({ study: '6', n }));
  const broken = slice({ study: '6', n: 3, syntax: '1.2.840.10008.1.2.4.80' });
  const at = broken.indexOf(Buffer.from([0xe0, 0x7f, 0x10, 0]));
  const fragments = Buffer.from('feff00e000000000feff00e00400000001020304feffdde000000000', 'hex');
  const head = Buffer.concat([
    Buffer.from([0xe0, 0x7f, 0x10, 0]),
    Buffer.from('OB\0\0'),
    Buffer.from('ffffffff', 'hex'),
  ]);
  writeFileSync(join(path, 'broken'), Buffer.concat([broken.subarray(0, at), head, fragments]));
  await s.import(path);
  const id = series('6.1');
  assert.equal((await s.studies.images(id)).frames.length, 4);
  const images = await s.studies.images(id);
  const answer = await s.media(`pixels/${id}/${images.pixelTag}/3-4`);
  assert.equal(answer.status, 409);
  assert.equal((await s.studies.images(id)).frames.length, 3);
  assert.equal((await pixels(id)).status, 200);
});

test('one frame ahead of the others is the frame that comes with them', async () => {
  const path = place();
  for (const n of [0, 1, 2]) writeFileSync(join(path, `x${n}`), slice({ study: '12', n }));
  await s.import(path);
  const id = series('12.1');
  const { pixelTag, frames } = await s.studies.images(id);
  const ahead = async (n: number) => {
    const answer = await s.media(`frame-ahead/${id}/${pixelTag}/${n}`);
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) };
  };
  const alone = await ahead(1);
  assert.equal(alone.status, 200);
  const whole = Buffer.from(await (await s.media(`pixels/${id}/${pixelTag}/0-3`)).arrayBuffer());
  const { byteOffset = 0, byteLength = 0 } = frames[1] ?? {};
  assert.deepEqual(alone.bytes, whole.subarray(byteOffset, byteOffset + byteLength));
  assert.deepEqual((await ahead(1)).bytes, alone.bytes, 'and when all are decoded');
  assert.equal((await ahead(3)).status, 400);
  assert.equal((await s.media(`frame-ahead/${id}/other/1`)).status, 409);
});

test('series asked for at once are all decoded', async () => {
  const path = place();
  for (const n of [...Array(24).keys()])
    writeFileSync(join(path, `x${n}`), slice({ study: '10', n: 0, series: n + 1 }));
  await s.import(path);
  await pixels(series('10.1'));
  const plans = [...Array(23).keys()].map((n) => s.studies.decoded(series(`10.${n + 2}`), context.signal));
  for (const { release } of await Promise.all(plans)) release();
});

/** A stored zip with raw names and Unix modes, which no honest writer would make. */
const zip = (entries: readonly { name: string; bytes: Buffer; mode?: number }[]): Buffer => {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, mode = 0o100644 } of entries) {
    const raw = Buffer.from(name);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(20, 4);
    local.writeUInt32LE(crc32(bytes), 14);
    local.writeUInt32LE(bytes.length, 18);
    local.writeUInt32LE(bytes.length, 22);
    local.writeUInt16LE(raw.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE((3 << 8) | 20, 4);
    entry.writeUInt16LE(20, 6);
    entry.writeUInt32LE(crc32(bytes), 16);
    entry.writeUInt32LE(bytes.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(raw.length, 28);
    entry.writeUInt32LE((mode << 16) >>> 0, 38);
    entry.writeUInt32LE(at, 42);
    parts.push(local, raw, bytes);
    central.push(entry, raw);
    at += 30 + raw.length + bytes.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, directory, end]);
};

test('an archive is opened within bounds: no links, no way out, one archive inside it', async () => {
  const path = place();
  const inner = zip([
    { name: 'c', bytes: slice({ study: '7', n: 2 }) },
    { name: 'deeper.zip', bytes: zip([{ name: 'x', bytes: Buffer.from('x') }]) },
  ]);
  writeFileSync(
    join(path, 'images.bin'),
    zip([
      { name: 'a/0', bytes: slice({ study: '7', n: 0 }) },
      { name: 'a/1', bytes: slice({ study: '7', n: 1 }) },
      { name: '../../escaped', bytes: slice({ study: '7', n: 8 }) },
      { name: '/absolute', bytes: slice({ study: '7', n: 9 }) },
      { name: 'link', bytes: Buffer.from('/etc/passwd'), mode: 0o120777 },
      { name: 'inner.zip', bytes: inner },
    ]),
  );
  writeFileSync(join(path, 'broken.zip'), zip([{ name: 'a', bytes: Buffer.from('abc') }]).subarray(0, 60));
  const { files } = await s.import(path);
  const of = (name: string) => files.find((one) => one.path === name);
  assert.equal(of('images.bin!/a/0')?.outcome, 'imported');
  assert.equal(of('images.bin!/inner.zip!/c')?.outcome, 'imported');
  assert.match(of('images.bin!/../../escaped')?.reason ?? '', /leads out/);
  assert.match(of('images.bin!//absolute')?.reason ?? '', /leads out/);
  assert.match(of('images.bin!/link')?.reason ?? '', /Links/);
  assert.match(of('images.bin!/inner.zip!/deeper.zip')?.reason ?? '', /archive inside an archive/);
  assert.equal(of('broken.zip')?.outcome, 'refused');
  assert.equal((await pixels(series('7.1'))).values.length, 3 * ROWS * COLUMNS);
});

test('a cancelled import keeps what it has, and takes the rest when it is resumed, out of archives too', async () => {
  const many = 1500;
  const packed = 10;
  const path = place();
  for (let n = 0; n < many; n++) writeFileSync(join(path, `x${n}`), slice({ study: '12', n }));
  // Opened with the first files; what is in it comes after the import was cancelled.
  const members = Array.from({ length: packed }, (_, n) => ({
    name: `y${n}`,
    bytes: slice({ study: '12', n, series: 2 }),
  }));
  writeFileSync(join(path, 'all.zip'), zip(members));
  const { jobId, importId } = s.studies.importPath(path, { copy: false, label: '' });
  const counted = (): number =>
    s.base.store.read.get<{ n: number }>('SELECT count(*) AS n FROM import_files WHERE import_id = ?', importId)?.n ??
    0;
  const stopped = new AbortController();
  s.jobs.handlers.jobs.changed(
    {},
    () => {
      if (counted() > 0) void s.jobs.handlers.jobs.cancel({ jobId }, context);
    },
    stopped.signal,
  );
  await assert.rejects(s.jobs.ended(jobId), (error) => error instanceof Fault && error.code === 'cancelled');
  stopped.abort();
  const before = counted();
  assert.ok(before > 0 && before < many, `${before} when cancelled`);
  const { jobId: again } = await s.studies.handlers.imports.resume({ importId }, context);
  await s.jobs.ended(again);
  assert.equal(counted(), many + packed + 1);
  const rows = s.base.store.read.all<{ path: string; copied: number }>(
    "SELECT path, copied FROM instances WHERE sop_instance_uid LIKE '2.25.12.%'",
  );
  assert.equal(new Set(rows.map((row) => row.path)).size, many + packed);
  assert.deepEqual([rows.length, rows.filter((row) => row.copied === 1).length], [many + packed, packed]);
  const named = new Set(
    s.base.store.read.all<{ path: string }>('SELECT path FROM instances WHERE copied = 1').map((row) => row.path),
  );
  const left = readdirSync(join(s.base.outside.storeFolder, 'files')).filter((name) => !named.has(name));
  assert.deepEqual(left, [], 'no copy that nothing names');
});

const nifti = (data: readonly number[], type: 2 | 4, flip = false): Buffer => {
  const head = Buffer.alloc(352);
  head.writeInt32LE(348, 0);
  for (const [i, n] of [3, 3, 2, 3, 1, 1, 1, 1].entries()) head.writeInt16LE(n, 40 + 2 * i);
  // A file this small has no flat areas to know labels by: its intent says so.
  if (type === 2) head.writeInt16LE(1002, 68);
  head.writeInt16LE(type, 70);
  head.writeInt16LE(type * 4, 72);
  head.writeFloatLE(352, 108);
  head.writeUInt8(2, 123);
  head.writeInt16LE(1, 254);
  const x = flip ? [-2, 0, 0, 4] : [2, 0, 0, 0];
  for (const [i, n] of [...x, 0, 3, 0, 0, 0, 0, 4, 0].entries()) head.writeFloatLE(n, 280 + 4 * i);
  head.write('n+1\0', 344, 'latin1');
  const body = Buffer.alloc(data.length * (type === 4 ? 2 : 1));
  for (const [i, n] of data.entries()) type === 4 ? body.writeInt16LE(n, 2 * i) : body.writeUInt8(n, i);
  return Buffer.concat([head, body]);
};

test('NIfTI: an image, and a label map on its grid as marks, mirrored where it must be', async () => {
  const path = place();
  const grey = Array.from({ length: 18 }, (_, i) => ((i * 37) % 1000) - 300);
  writeFileSync(join(path, 'scan.nii.gz'), gzipSync(nifti(grey, 4)));
  // Column 2 of the file's own order is column 0 of the image's.
  const labels = Array.from({ length: 18 }, (_, i) => (i % 3 === 2 && i < 6 ? 5 : 0));
  writeFileSync(join(path, 'liver.nii'), nifti(labels, 2, true));
  await s.import(path);
  const found = s.list().find(({ study }) => study.description === 'scan');
  assert.ok(found);
  const image = found.series.find((one) => one.kind === 'image');
  assert.equal(found.series.find((one) => one.kind === 'segmentation')?.description, 'liver');
  assert.ok(image);
  const images = await s.studies.images(image.id);
  assert.ok(images.volume.kind === 'volume');
  // RAS of the file is LPS here: x and y change their signs.
  assert.deepEqual(
    images.frames[0]?.rowDirection?.map((v) => v + 0),
    [-1, 0, 0],
  );
  const [overlay] = s.studies.overlays(found.study.id);
  assert.ok(overlay?.kind === 'labelmap');
  assert.deepEqual(overlay.labels[0]?.bounds, [0, 0, 0, 1, 2, 1]);
  assert.ok(Math.abs((overlay.labels[0]?.volumeMl ?? 0) - (2 * 2 * 3 * 4) / 1000) < 1e-6);
  const map = new Uint8Array(await (await s.media(`labelmap/${overlay.id}`)).arrayBuffer());
  assert.deepEqual(
    [...map],
    Array.from({ length: 18 }, (_, i) => (i % 3 === 0 && i < 6 ? 5 : 0)),
  );
});

test('a picture is a secondary capture whose pixels measure nothing', async () => {
  const path = place();
  const data = Uint8Array.from({ length: 6 }, (_, i) => i * 40);
  writeFileSync(join(path, 'fundus.png'), encodePng({ width: 3, height: 2, data, channels: 1, depth: 8 }));
  await s.import(path);
  const found = s.list().find(({ study }) => study.description === 'fundus');
  const [one] = found?.series ?? [];
  assert.ok(one);
  const images = await s.studies.images(one.id);
  assert.equal(images.frames[0]?.calibration.kind, 'unknown');
  const response = await s.media(`pixels/${one.id}/${images.pixelTag}/0-1`);
  assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [...data]);
});

test('a DICOM directory is ignored, its files are read themselves', async () => {
  const path = place();
  const directory = Buffer.concat([
    Buffer.alloc(128),
    Buffer.from('DICM'),
    encode([
      [TAG.MediaStorageSOPClassUID, 'UI', '1.2.840.10008.1.3.10'],
      [TAG.TransferSyntaxUID, 'UI', '1.2.840.10008.1.2.1'],
    ]),
    encode([[TAG.DirectoryRecordSequence, 'SQ', [[[TAG.PatientID, 'LO', 'P']]]]]),
  ]);
  writeFileSync(join(path, 'DICOMDIR'), directory);
  const { files } = await s.import(path);
  assert.equal(files[0]?.outcome, 'ignored');
});

test('words are found without accents and in any order; unread studies by key', async () => {
  const { list, unread, setStatus, remember, recall } = s.studies.handlers.studies;
  const query = {
    text: '',
    modality: null,
    status: null,
    from: null,
    to: null,
    order: 'newest',
    limit: 100,
    offset: 0,
  } as const;
  const total = async (text: string): Promise<number> => (await list({ ...query, text }, context)).total;
  assert.ok((await total('anne muster')) >= 1);
  assert.ok((await total('MUSTER thor a1')) >= 1);
  assert.equal(await total('anne zimmer'), 0);
  assert.equal(await total('100%'), 0);
  const { studies } = await list(query, context);
  const order = studies.filter((study) => study.status === 'unread').map((study) => study.id);
  const walked: (string | null)[] = [];
  for (let at: string | null = null; walked.length <= order.length; ) {
    at = (await unread({ from: at, direction: 'next' }, context)).studyId;
    if (at === null) break;
    walked.push(at);
  }
  assert.deepEqual(walked, order);
  const [first = '', second = ''] = order;
  assert.equal((await unread({ from: second, direction: 'previous' }, context)).studyId, first);
  await setStatus({ studyId: first, status: 'preliminary' }, context);
  assert.equal((await unread({ from: null, direction: 'next' }, context)).studyId, second);
  const view = { seriesId: null, frameIndex: 3, layout: 'stack', state: '{}' };
  await remember({ studyId: second, view }, context);
  assert.deepEqual(await recall({ studyId: null }, context), { studyId: second, view });
});
