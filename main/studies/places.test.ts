import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { encode } from 'fast-png';
import { temporaryStudies } from './test-base.ts';

const folder = mkdtempSync(join(tmpdir(), 'sightline-places-'));
const root = join(folder, 'root');
mkdirSync(join(root, 'inside'), { recursive: true });
mkdirSync(join(folder, 'outside'));
writeFileSync(join(root, 'inside', 'file'), 'x');
symlinkSync(join(folder, 'outside'), join(root, 'way-out'));
const s = temporaryStudies({ roots: { images: root } });
after(async () => {
  await s.close();
  s.remove();
  rmSync(folder, { recursive: true, force: true });
});
const context = { signal: new AbortController().signal };
const { browse, openUpload, start } = s.studies.handlers.imports;

test('what lies below a root is listed, and nothing else', async () => {
  assert.deepEqual((await browse({ root: 'images', segments: [] }, context)).entries, [
    { name: 'inside', kind: 'folder', bytes: null },
  ]);
  assert.deepEqual((await browse({ root: 'images', segments: ['inside'] }, context)).entries, [
    { name: 'file', kind: 'file', bytes: 1 },
  ]);
  for (const segments of [
    ['..'],
    ['inside', '..', '..'],
    ['../outside'],
    ['way-out'],
    ['inside\0'],
    ['.'],
    [''],
    ['nowhere'],
  ])
    await assert.rejects(async () => browse({ root: 'images', segments }, context), JSON.stringify(segments));
  for (const name of ['other', '__proto__', 'constructor'])
    await assert.rejects(async () => browse({ root: name, segments: [] }, context), name);
  await assert.rejects(async () =>
    start({ source: { kind: 'root', root: 'images', segments: ['way-out'] }, copy: false }, context),
  );
  await assert.rejects(async () => start({ source: { kind: 'picked', token: 'abc' }, copy: false }, context));
});

const put = async (id: string, n: number, path: string, body: string): Promise<number> =>
  (await s.media(`upload/${id}/${n}`, { method: 'PUT', body, headers: { 'x-sightline-path': path } })).status;

test('uploads keep to their folder', async () => {
  const { uploadId } = await openUpload({}, context);
  assert.equal(await put(uploadId, 0, encodeURIComponent('Ä/b c.dcm'), 'one'), 200);
  assert.equal(await put(uploadId, 0, 'again', 'two'), 409);
  for (const path of ['..%2Fx', 'a%2F..%2F..%2Fb', 'a%5Cb', 'a%00b', '%', '%2F'])
    assert.equal(await put(uploadId, 5, path, 'x'), 400, path);
  assert.equal(await put('unknown', 0, 'a', 'x'), 404);
  assert.equal((await s.media(`upload/${uploadId}/1`)).status, 405);
  assert.equal(readFileSync(join(s.base.outside.storeFolder, 'uploads', uploadId, 'Ä', 'b c.dcm'), 'utf8'), 'one');
  const { jobId, importId } = await start({ source: { kind: 'upload', uploadId }, copy: false }, context);
  await s.jobs.ended(jobId);
  const { files } = await s.studies.handlers.imports.files({ importId, outcome: null, limit: 10, offset: 0 }, context);
  assert.deepEqual(
    files.map(({ path, outcome }) => [path, outcome]),
    [['Ä/b c.dcm', 'ignored']],
  );
  assert.equal(await put(uploadId, 9, 'late', 'x'), 404, 'taken, it is closed');
});

test('the next start says which files are gone', async () => {
  const images = mkdtempSync(join(tmpdir(), 'sightline-gone-'));
  const picture = encode({ width: 1, height: 1, data: Uint8Array.of(7), channels: 1, depth: 8 });
  writeFileSync(join(images, 'a.png'), picture);
  const first = temporaryStudies();
  await first.import(images);
  assert.equal(first.list()[0]?.study.sourceMissing, false);
  await first.close();
  rmSync(images, { recursive: true });
  const second = temporaryStudies({ folder: first.folder });
  const deadline = Date.now() + 10_000;
  while (second.list()[0]?.study.sourceMissing === false && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(second.list()[0]?.study.sourceMissing, true);
  await second.close();
  second.remove();
});
