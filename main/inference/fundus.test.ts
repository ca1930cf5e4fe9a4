/** The shipped retinopathy package on photographs that come in as DICOM: offered, run, shown, and refused in words. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { fundusPhantom } from '../../models/kit/phantom/fundus.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import type { Job } from '../../preload/contract/index.ts';
import { type ColourPicture, writeFundus, writePhantom } from '../dicom/write/index.ts';
import type { Inference } from '../domains.ts';
import type { Outside } from '../outside.ts';
import { temporaryStudies } from '../studies/test-base.ts';
import { createInference } from './index.ts';

const PACKAGES = fileURLToPath(new URL('../../models/packages', import.meta.url));
const NAME = 'fundus-retinopathy';
const never = { signal: new AbortController().signal };
const bench = temporaryStudies();
const outside: Outside = { ...bench.base.outside, modelFolders: [PACKAGES] };
let inference: Inference;
const series = new Map<string, { studyId: string; seriesId: string }>();

const drawn = fundusPhantom('fundus 480x320 grade 3', 'inference');
const grey: ColourPicture = { ...drawn, rgb: drawn.rgb.map((_, n) => drawn.rgb[n - (n % 3) + 1] ?? 0) };
const black: ColourPicture = { ...drawn, rgb: new Uint8Array(drawn.rgb.length) };

before(async () => {
  const who = (key: string) => ({
    name: 'Phantom^Retina',
    id: key,
    birthDate: '1950-01-01',
    studyDate: '2026-01-02',
    studyTime: '10:00:00',
    description: key,
    accession: '',
    key,
  });
  await writeFundus([{ ...drawn, laterality: 'R' }], who('drawn'), join(bench.folder, 'drawn'));
  await writeFundus([grey, { ...black, laterality: 'L' }], who('refused'), join(bench.folder, 'refused'));
  await writePhantom(phantom('xray 96x96 normal', { seed: 4 }), who('film'), join(bench.folder, 'film'));
  for (const name of ['drawn', 'refused', 'film']) await bench.import(join(bench.folder, name));
  for (const { study, series: own } of bench.list())
    series.set(study.description, { studyId: study.id, seriesId: own[0]?.id ?? '' });
  inference = createInference({ ...bench.base, outside }, bench.studies);
});
after(async () => {
  await inference.close();
  await bench.close();
  bench.remove();
});

const call = () => inference.handlers.inference;
const at = (name: string) => series.get(name) ?? { studyId: '', seriesId: '' };
const ran = async (name: string): Promise<Job> => {
  const { jobId } = await call().run({ seriesId: at(name).seriesId, package: NAME }, never);
  return bench.jobs.ended(jobId);
};

test('it is offered for photographs of the retina, and not for a radiograph', async () => {
  const names = async (name: string) =>
    (await call().suitable({ seriesId: at(name).seriesId }, never)).packages.map((own: { name: string }) => own.name);
  assert.deepEqual(await names('drawn'), [NAME]);
  assert.ok(!(await names('film')).includes(NAME));
  const refused = async () => call().run({ seriesId: at('film').seriesId, package: NAME }, never);
  await assert.rejects(refused, /reads OP, XC/);
});

test('a photograph gets a grade, lesions in places of it, boxes and the map that go with them', async () => {
  const job = await ran('drawn');
  assert.equal(job.state, 'done', job.fault?.message);
  const { studyId, seriesId } = at('drawn');
  const images = await bench.studies.images(seriesId);
  assert.equal(images.frames[0]?.format, 'rgb8');
  const { findings, remarks } = await call().findings({ studyId }, never);
  const grade = findings.find((finding) => finding.key === 'diabetic-retinopathy');
  assert.ok(grade, `no grade among ${findings.map((finding) => finding.key)}; ${remarks.map(({ text }) => text)}`);
  const told = grade.measurements.find((measurement) => measurement.name === 'grade')?.value ?? 0;
  assert.ok(told >= 1 && told <= 4);
  assert.ok(grade.severity.length > 0);
  assert.deepEqual([grade.side, grade.place], ['right', 'right eye'], 'as the file says');
  assert.ok(grade.score !== null && grade.score > 0 && grade.score <= 1);
  const lesions = findings.filter((finding) => finding !== grade);
  assert.ok(lesions.length > 0, 'a drawn grade 3 has lesions to mark');
  for (const lesion of lesions) {
    assert.equal(lesion.side, 'right');
    assert.ok(lesion.regions.length > 0);
    for (const region of lesion.regions) {
      assert.ok(region.kind === 'box' && region.seriesId === seriesId);
      assert.equal(region.instanceUid, images.frames[0]?.instanceUid);
      const [x0, y0, x1, y1] = region.box;
      const middle = Math.hypot((x0 + x1) / 2 - drawn.field.x, (y0 + y1) / 2 - drawn.field.y);
      assert.ok(middle < drawn.field.radius, `a lesion outside the field at ${region.box}`);
    }
  }
  assert.ok(!findings.some((finding) => finding.key === 'optic-disc'), 'a disc is no finding');
  const overlays = bench.studies.overlays(studyId);
  const boxes = overlays.find((overlay) => overlay.kind === 'boxes');
  assert.ok(boxes?.kind === 'boxes');
  assert.equal(
    boxes.boxes.length,
    lesions.reduce((sum, lesion) => sum + lesion.regions.length, 0),
  );
  const map = overlays.find((overlay) => overlay.kind === 'heatmap');
  assert.ok(map?.kind === 'heatmap');
  const bytes = new Uint8Array(await (await bench.media(`heatmap/${map.id}`)).arrayBuffer());
  assert.equal(bytes.length, map.columns * map.rows);
});

test('what cannot be graded says why and has no findings', async () => {
  const job = await ran('refused');
  assert.equal(job.state, 'done', job.fault?.message);
  const { findings, remarks } = await call().findings({ studyId: at('refused').studyId }, never);
  assert.deepEqual(findings, []);
  const texts = remarks.map(({ text }) => text).sort();
  assert.equal(texts.length, 2);
  assert.match(texts[0] ?? '', /photograph 1 was not graded: its colours are not those of a retina/);
  assert.match(texts[1] ?? '', /photograph 2 \(left eye\) was not graded: no round field of view/);
});
