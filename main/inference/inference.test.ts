import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  globSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { phantom } from '../../models/kit/phantom/index.ts';
import { Fault, type Finding, type Job } from '../../preload/contract/index.ts';
import { writePhantom } from '../dicom/write/index.ts';
import type { Inference } from '../domains.ts';
import type { Child, Outside } from '../outside.ts';
import { temporaryStudies } from '../studies/test-base.ts';
import { createInference } from './index.ts';
import { type TinyNetwork, writePackage } from './test-packages.ts';

const never = { signal: new AbortController().signal };
const bench = temporaryStudies();
const models = join(bench.folder, 'packages');
const children: Child[] = [];
const outside: Outside = {
  ...bench.base.outside,
  modelFolders: [models],
  spawn: (entry, limits) => {
    const child = bench.base.outside.spawn(entry, limits);
    if (entry === 'inference') children.push(child);
    return child;
  },
};
let inference: Inference;
let ct = { studyId: '', seriesId: '' };
let film = { studyId: '', seriesId: '' };

const who = (key: string) => ({
  name: 'Phantom^Test',
  id: key,
  birthDate: '1950-01-01',
  studyDate: '2026-01-02',
  studyTime: '10:00:00',
  description: 'CHEST',
  accession: '',
  key,
});

before(async () => {
  await writePhantom(phantom('ct 48x48x40 nodule', { seed: 3 }), who('ct'), join(bench.folder, 'ct'));
  await writePhantom(phantom('xray 96x96 nodule', { seed: 4 }), who('xray'), join(bench.folder, 'xray'));
  for (const name of ['ct', 'xray']) await bench.import(join(bench.folder, name));
  for (const { study, series } of bench.list()) {
    const own = { studyId: study.id, seriesId: series[0]?.id ?? '' };
    if (series[0]?.modality === 'CT') ct = own;
    else film = own;
  }
  for (const name of ['segment', 'detect', 'encode', 'write'] as TinyNetwork[])
    writePackage(models, `tiny-${name}`, name);
  // the drafting network has two files and a form of its own: the one that ships stands for itself
  cpSync(join(import.meta.dirname, '..', '..', 'models', 'packages', 'cxr-report'), join(models, 'cxr-report'), {
    recursive: true,
  });
  inference = createInference({ ...bench.base, outside }, bench.studies);
});
after(async () => {
  await inference.close();
  await bench.close();
  bench.remove();
});

const call = () => inference.handlers.inference;
const ended = async (jobId: string): Promise<Job> => bench.jobs.ended(jobId);
const run = async (seriesId: string, name: string) => (await call().run({ seriesId, package: name }, never)).jobId;
const fault = async (work: Promise<unknown>): Promise<Fault> => {
  const error = await work.then(
    () => null,
    (e: unknown) => e,
  );
  assert.ok(error instanceof Fault, String(error));
  return error;
};
/** The series keeps no answers lying about, whatever became of them. */
const noJobFolders = (): void => assert.deepEqual(readdirSync(join(outside.storeFolder, 'jobs')), []);

test('what suits which series', async () => {
  const names = async (seriesId: string) =>
    (await call().suitable({ seriesId }, never)).packages.map((own: { name: string }) => own.name);
  assert.deepEqual(await names(ct.seriesId), ['tiny-segment']);
  assert.deepEqual(await names(film.seriesId), ['tiny-detect']);
  assert.deepEqual((await call().suitable({ seriesId: film.seriesId }, never)).packages, [
    { name: 'tiny-detect', title: 'Tiny detect', byItself: true, hasRun: false },
  ]);
  assert.equal((await fault(run(film.seriesId, 'tiny-segment'))).code, 'refused');
  assert.equal((await fault(run(ct.seriesId, 'nothing'))).code, 'not-found');
});

test('what suits is remembered until the series is made of other files', async () => {
  const seriesId = ct.seriesId;
  let read = 0;
  const counting: typeof bench.studies = {
    ...bench.studies,
    images: (id) => {
      read += 1;
      return bench.studies.images(id);
    },
    recorded: (id) => {
      read += 1;
      return bench.studies.recorded(id);
    },
  };
  const other = createInference({ ...bench.base, outside }, counting);
  const names = async (): Promise<string[]> =>
    (await other.handlers.inference.suitable({ seriesId }, never)).packages.map(({ name }) => name);
  const readFor = async (expected: string[]): Promise<number> => {
    read = 0;
    assert.deepEqual(await names(), expected);
    return read;
  };
  await ended((await other.handlers.inference.run({ seriesId, package: 'tiny-segment' }, never)).jobId);
  // What is kept of decoded pixels goes by when it was used last: being asked about is no use.
  const { pixelTag } = await bench.studies.images(seriesId);
  const [cached] = globSync(join(outside.storeFolder, 'cache', '*', pixelTag, 'pixels.bin'));
  assert.ok(cached);
  utimesSync(cached, new Date(1e12), statSync(cached).mtime);
  await readFor(['tiny-segment']);
  assert.equal(await readFor(['tiny-segment']), 0, 'asked again');
  bench.base.store.transaction((writer) => bench.studies.setStatus(writer, ct.studyId, 'unread'));
  assert.equal(await readFor(['tiny-segment']), 0, 'something else was saved');
  assert.equal(statSync(cached).atime.getTime(), 1e12);
  // A slice less: what is left is no volume.
  const hidden = bench.base.store.read.get<{ id: number }>(
    'SELECT id FROM instances WHERE series_id = ? ORDER BY number LIMIT 1 OFFSET 20',
    seriesId,
  );
  const refuse = (reason: string | null): unknown =>
    bench.base.store.transaction((writer) =>
      writer.run('UPDATE instances SET refused = ? WHERE id = ?', reason, hidden?.id ?? -1),
    );
  refuse('It cannot be decoded.');
  assert.ok((await readFor([])) > 0);
  refuse(null);
  await readFor(['tiny-segment']);
  // A file that is not there any more, as whoever opens the series finds it.
  const [{ path = '' } = {}] = bench.base.store.read.all<{ path: string }>(
    'SELECT path FROM instances WHERE series_id = ?',
    seriesId,
  );
  renameSync(path, `${path}.away`);
  await bench.studies.images(seriesId);
  await readFor([]);
  renameSync(`${path}.away`, path);
  await bench.studies.images(seriesId);
  await readFor(['tiny-segment']);
  await other.close();
  bench.base.store.transaction((writer) => writer.run('DELETE FROM model_runs WHERE series_id = ?', seriesId));
});

test('the runtime reports to nobody: no log, no queue of events beside it', async () => {
  await ended(await run(film.seriesId, 'tiny-detect'));
  assert.equal((await call().suitable({ seriesId: film.seriesId }, never)).packages[0]?.hasRun, true);
  const pid = children.at(-1)?.pid;
  assert.ok(pid);
  // Its reporter opens this file as it starts, and keeps what it could not send in the user's cache.
  assert.ok(!existsSync(join('/tmp', `mat-debug-${pid}.log`)));
  if (process.platform === 'linux')
    assert.match(readFileSync(`/proc/${pid}/environ`, 'latin1'), /ORT_DISABLE_TELEMETRY=1/);
});

test('a volume: labels on its own grid, findings with regions, the maker told, nothing left over', async () => {
  const steps: (number | null)[] = [];
  const jobId = await run(ct.seriesId, 'tiny-segment');
  const listening = new AbortController();
  bench.jobs.handlers.jobs.changed({}, (job) => void (job.id === jobId && steps.push(job.progress)), listening.signal);
  await ended(jobId);
  listening.abort();
  assert.ok(
    steps.some((p) => p !== null && p > 0 && p < 1),
    'progress is told',
  );
  const [overlay, ...others] = bench.studies.overlays(ct.studyId);
  assert.ok(overlay?.kind === 'labelmap');
  assert.equal(others.length, 0, 'one labelmap for the package');
  const images = await bench.studies.images(ct.seriesId);
  assert.ok(images.volume.kind === 'volume');
  assert.deepEqual(overlay.dims, images.volume.dims);
  assert.deepEqual(overlay.maker, { kind: 'model', package: 'tiny-segment', version: '1.0.0', jobId });
  const response = await bench.media(`labelmap/${overlay.id}`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  assert.equal(bytes.length, 48 * 48 * 40);
  for (const label of overlay.labels) assert.equal(bytes.filter((v) => v === label.value).length, label.voxels);
  assert.ok((overlay.labels.find((l) => l.name === 'body')?.voxels ?? 0) > 1000);
  const findings = inference.findings(ct.studyId);
  assert.ok(findings.length > 0, 'bone above 600 HU is what this network calls a nodule');
  for (const finding of findings) {
    for (const region of finding.regions) {
      assert.ok(region.kind === 'label' && region.overlayId === overlay.id && region.bounds);
      assert.equal(region.instanceUid, images.frames[region.frameIndex]?.instanceUid);
      const [i0, j0, k0, i1, j1, k1] = region.bounds;
      assert.ok(region.frameIndex >= k0 && region.frameIndex < k1);
      let inside = 0;
      for (let k = k0; k < k1; k++)
        for (let j = j0; j < j1; j++)
          for (let i = i0; i < i1; i++) inside += Number(bytes[(k * 48 + j) * 48 + i] === region.value);
      assert.ok(inside > 0, 'the region holds voxels of its label');
    }
  }
  assert.deepEqual((await call().findings({ studyId: ct.studyId }, never)).findings, findings);
  noJobFolders();
});

test('the same version on the same pixels runs once; a new version takes the place of the old', async () => {
  const before = inference.findings(ct.studyId);
  assert.deepEqual((await call().runStudy({ studyId: ct.studyId }, never)).jobIds, []);
  const again = await run(ct.seriesId, 'tiny-segment');
  await ended(again);
  assert.deepEqual(inference.findings(ct.studyId), before);
  writePackage(models, 'tiny-segment', 'segment', (manifest) => ({ ...manifest, version: '1.1.0' }));
  const later = createInference({ ...bench.base, outside }, bench.studies);
  const context = { jobId: 'by-hand', signal: never.signal, progress: () => {} };
  assert.deepEqual((await later.runStudy(ct.studyId, context)).ran, [{ package: 'tiny-segment', version: '1.1.0' }]);
  assert.deepEqual((await later.runStudy(ct.studyId, context)).ran, []);
  await later.close();
  const version = (finding: Finding) => (finding.maker.kind === 'model' ? finding.maker.version : '');
  assert.ok(inference.findings(ct.studyId).every((finding) => version(finding) === '1.1.0'));
  assert.equal(bench.studies.overlays(ct.studyId).length, 1);
});

test('a film: boxes in its pixels, heat map and organs, sides of the patient', async () => {
  await ended(await run(film.seriesId, 'tiny-detect'));
  const findings = inference.findings(film.studyId);
  assert.ok(findings.length > 0);
  const images = await bench.studies.images(film.seriesId);
  for (const finding of findings) {
    const [region] = finding.regions;
    assert.ok(region?.kind === 'box' && region.instanceUid === images.frames[0]?.instanceUid);
    const centre = (region.box[0] + region.box[2]) / 2 - 48;
    // the phantom's file says that the patient's left is on the right
    if (finding.side) assert.equal(finding.side, centre > 0 ? 'left' : 'right');
  }
  assert.deepEqual(
    new Set(bench.studies.overlays(film.studyId).map((own) => own.kind)),
    new Set(['boxes', 'heatmap', 'labelmap']),
  );
  noJobFolders();
});

test('texts become directions of length one, the same whoever stands beside them', async () => {
  const texts = ['a nodule', 'there is a small mass.', '', 'x'.repeat(300), 'a nodule'];
  const vectors = await inference.embed(texts, never.signal);
  assert.equal(vectors?.length, 5);
  for (const v of vectors ?? []) assert.ok(Math.abs(Math.hypot(...v) - 1) < 1e-5);
  const [alone] = (await inference.embed(['a nodule'], never.signal)) ?? [];
  for (const n of [0, 4])
    for (const [d, value] of (vectors?.[n] ?? []).entries()) assert.ok(Math.abs(value - (alone?.[d] ?? 9)) < 1e-5);
  assert.deepEqual(await inference.embed([], never.signal), []);
});

test('a sentence for a finding that the network knows, none for another', async () => {
  const finding = { key: 'lung-nodule', side: 'left', place: '', severity: '', measurements: [] } as const;
  const prompt = { finding: { ...finding, measurements: [] }, modality: 'CT', wording: [] };
  const made = await inference.generate(prompt, 0, never.signal);
  assert.equal(made?.sentence.text, 'There is a small nodule.');
  assert.equal(made?.package, 'tiny-write');
  assert.equal(
    await inference.generate({ ...prompt, finding: { ...prompt.finding, key: 'effusion' } }, 0, never.signal),
    null,
  );
});

test('a film of a person is refused by a network that learned from drawn ones alone, with the reason', async () => {
  const folder = join(bench.folder, 'person');
  await writePhantom(phantom('xray 96x96 nodule', { seed: 5 }), { ...who('person'), name: 'Person^Some' }, folder);
  // the same film, whose file says nothing of a phantom
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name))
      .toString('latin1')
      .replaceAll('Phantom, not a patient', 'Film, of someone there');
    writeFileSync(join(folder, name), bytes, 'latin1');
  }
  await bench.import(folder);
  const person = bench.list().find(({ study }) => study.patient.name.includes('Some'))?.series[0]?.id ?? '';
  assert.equal((await bench.studies.images(person)).remark, '');
  const refused = await fault(inference.draftFilm(person, { jobId: 'job', signal: never.signal, progress: () => {} }));
  assert.equal(refused.code, 'refused');
  assert.match(refused.message, /^cxr-report \d.*phantoms only/);
});

test('a film becomes sentences with boxes in its own pixels, a volume none; the network is not run as one that finds', async () => {
  const steps: string[] = [];
  const context = {
    jobId: 'job',
    signal: never.signal,
    progress: (_: number | null, step: string) => steps.push(step),
  };
  const drafted = await inference.draftFilm(film.seriesId, context);
  assert.ok(drafted);
  assert.equal(drafted.package, 'cxr-report');
  assert.ok(drafted.sentences.length > 0);
  assert.ok(steps.includes('looking') && steps.includes('writing'));
  for (const { text, score, finding } of drafted.sentences) {
    assert.match(text, /^[A-Z].*\.$/);
    assert.doesNotMatch(text, /\[/);
    assert.ok(score > 0 && score <= 1);
    if (!finding) continue;
    assert.ok(drafted.keys.includes(finding.key));
    const [x0, y0, x1, y1] = finding.box ?? [0, 0, 0, 0];
    assert.ok(x0 >= 0 && y0 >= 0 && x0 < x1 && y0 < y1 && x1 <= 96 && y1 <= 96);
  }
  assert.equal(await inference.draftFilm(ct.seriesId, context), null);
  assert.equal((await fault(run(film.seriesId, 'cxr-report'))).code, 'refused');
  const stopped = new AbortController();
  stopped.abort();
  await assert.rejects(inference.draftFilm(film.seriesId, { ...context, signal: stopped.signal }));
  noJobFolders();
});

const REFUSED: readonly (readonly [TinyNetwork, RegExp])[] = [
  ['shape', /input image has the shape \[1, 1, 16, 16, 16\]/],
  ['infinite', /not finite/],
  ['huge', /could not be run/],
  ['outside', /weights in other files/],
];
for (const [network, why] of REFUSED)
  test(`a network that cannot be meant is refused in words: ${network}`, async () => {
    writePackage(models, `bad-${network}`, network);
    const other = createInference({ ...bench.base, outside }, bench.studies);
    const { jobId } = await other.handlers.inference.run({ seriesId: ct.seriesId, package: `bad-${network}` }, never);
    const failed = await fault(ended(jobId));
    assert.match(failed.message, why);
    assert.equal(failed.code, 'refused');
    assert.deepEqual(
      other.findings(ct.studyId).filter((f) => f.maker.kind === 'model' && f.maker.package.startsWith('bad')),
      [],
    );
    await other.close();
    noJobFolders();
  });

test('a network that is no network, with the right hash', async () => {
  const { createHash } = await import('node:crypto');
  const junk = Buffer.from('no network at all');
  const own = writePackage(models, 'bad-bytes', 'segment', (manifest) => ({
    ...manifest,
    files: manifest.files.map((file) =>
      file.path === 'segment.onnx'
        ? { ...file, bytes: junk.length, sha256: createHash('sha256').update(junk).digest('hex') }
        : file,
    ),
  }));
  writeFileSync(join(own, 'segment.onnx'), junk);
  const other = createInference({ ...bench.base, outside }, bench.studies);
  const { jobId } = await other.handlers.inference.run({ seriesId: ct.seriesId, package: 'bad-bytes' }, never);
  assert.match((await fault(ended(jobId))).message, /cannot be loaded/);
  await other.close();
});

test('cancelled within a second in the middle of a long run; the next run has a new process', async () => {
  writePackage(models, 'tiny-slow', 'slow');
  writePackage(models, 'tiny-after', 'segment');
  const other = createInference({ ...bench.base, outside }, bench.studies);
  const { jobId } = await other.handlers.inference.run({ seriesId: ct.seriesId, package: 'tiny-slow' }, never);
  const step = () => bench.jobs.handlers.jobs.get({ jobId }, never) as Job;
  while (!step().step.startsWith('part')) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 150));
  const child = children.at(-1);
  const at = performance.now();
  await bench.jobs.handlers.jobs.cancel({ jobId }, never);
  assert.equal((await fault(ended(jobId))).code, 'cancelled');
  const tookMs = performance.now() - at;
  assert.ok(tookMs < 1000, `${tookMs} ms`);
  const { jobId: second } = await other.handlers.inference.run({ seriesId: ct.seriesId, package: 'tiny-after' }, never);
  await ended(second);
  assert.notEqual(children.at(-1), child);
  await other.close();
  noJobFolders();
});

test('a process that dies fails its job in words, and the next job starts a new one', async () => {
  const other = createInference({ ...bench.base, outside }, bench.studies);
  const { jobId } = await other.handlers.inference.run({ seriesId: ct.seriesId, package: 'tiny-slow' }, never);
  const step = () => bench.jobs.handlers.jobs.get({ jobId }, never) as Job;
  while (!step().step.startsWith('part')) await new Promise((resolve) => setTimeout(resolve, 20));
  children.at(-1)?.kill();
  assert.match((await fault(ended(jobId))).message, /inference process ended/);
  const { jobId: second } = await other.handlers.inference.run(
    { seriesId: film.seriesId, package: 'tiny-detect' },
    never,
  );
  await ended(second);
  await other.close();
  noJobFolders();
});

test('the process may not read the database', async () => {
  const { spawn } = await import('node:child_process');
  const { workerFlags } = await import('../process/spawn-node.ts');
  const flags = workerFlags({
    heapMb: 100,
    read: [join(outside.storeFolder, 'cache')],
    write: [join(outside.storeFolder, 'jobs')],
    native: true,
  });
  const file = join(outside.storeFolder, 'sightline.sqlite');
  assert.ok(existsSync(file));
  const code = await new Promise<string>((resolve) => {
    const child = spawn(process.execPath, [
      ...flags,
      '-e',
      `try { require('fs').readFileSync(${JSON.stringify(file)}); console.log('read') } catch (e) { console.log(e.code) }`,
    ]);
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.on('close', () => resolve(out.trim()));
  });
  assert.equal(code, 'ERR_ACCESS_DENIED');
});

test('providers: the processor is there, and the others say why not', async () => {
  const report = await call().providers({}, never);
  assert.ok(report.inUse);
  assert.deepEqual(
    report.tried.map((own: { provider: string }) => own.provider),
    ['cuda', 'tensorrt', 'dml', 'coreml', 'webgpu', 'cpu'],
  );
  for (const own of report.tried) assert.ok(own.usable === (own.reason === ''));
});

test('a removed study takes its findings with it', async () => {
  assert.ok(inference.findings(film.studyId).length > 0);
  await bench.studies.handlers.studies.remove({ studyId: film.studyId }, never);
  assert.deepEqual(inference.findings(film.studyId), []);
  const rows = bench.base.store.read.all('SELECT 1 FROM model_runs WHERE study_id = ?', film.studyId);
  assert.deepEqual(rows, []);
});
