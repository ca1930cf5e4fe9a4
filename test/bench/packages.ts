/**
 * What ships: how long each package takes to load and to answer (steps before, network, steps after), and, through the real
 * pipeline, a study from the asking until its answer is stored, files decoded and heat maps written too: a retina, a chest
 * film, its draft by the drafting network, a chest CT of 300 slices of 512x512. A folder of DICOM files may take the CT
 * phantom's place. Times as they are on this machine now, others' work included.
 *
 *     node test/bench/packages.ts [folder]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackend } from '../../main/backend.ts';
import { writeFundus, writePhantom } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { fundusPhantom } from '../../models/kit/phantom/fundus.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { answerTo } from '../../models/packages/photographs.ts';
import { type Loaded, load, saidOf } from '../../models/packages/run.ts';
import { median } from './figures.ts';

const PACKAGES = join(import.meta.dirname, '..', '..', 'models', 'packages');
const LOAD_S = 0.5;
const ANSWER_S = 0.5;
const FILM = 'xray 2048x2048 effusion left moderate';

const log = {
  info: () => {},
  warn: (message: string) => console.error(message),
  error: (message: string, error: unknown) => console.error(message, error),
};
const seconds = (since: number): number => (performance.now() - since) / 1000;
const told = (what: string, took: number, limit: number): void =>
  console.log(`${took <= limit ? 'holds ' : 'misses'}  ${what}: ${took.toFixed(2)} s of ${limit}`);

/** What is asked of a package outside the application too. */
const photograph = fundusPhantom('fundus 1800x1200 grade 2', 'bench');
const film = phantom(FILM, { seed: 'bench' });
const ASKED: Readonly<Record<string, { of: string; answer: (own: Loaded) => Promise<unknown> }>> = {
  'fundus-retinopathy': { of: 'a photograph of 1800x1200', answer: (own) => answerTo(own, photograph) },
  'cxr-findings': { of: 'a film of 2048x2048', answer: (own) => saidOf(own, film) },
};

for (const name of [
  'fundus-retinopathy',
  'cxr-findings',
  'cxr-report',
  'report-sentences',
  'text-encoder',
  'ct-organs-lesions',
]) {
  const loading: number[] = [];
  for (let n = 0; n < 5; n++) {
    const start = performance.now();
    const own = await load(join(PACKAGES, name));
    loading.push(seconds(start));
    await own.session.release();
    await own.writer?.release();
  }
  told(`${name} loads (median of 5)`, median(loading), LOAD_S);
  const asked = ASKED[name];
  if (!asked) continue;
  const own = await load(join(PACKAGES, name));
  const answering: number[] = [];
  for (let n = 0; n < 8; n++) {
    const start = performance.now();
    await asked.answer(own);
    answering.push(seconds(start));
  }
  await own.session.release();
  told(`${name} answers ${asked.of} (median of 7, after a first)`, median(answering.slice(1)), ANSWER_S);
}

const folder = await mkdtemp(join(tmpdir(), 'sightline-packages-'));
const backend = createBackend(outsideNode({ shell: 'cli', storeFolder: join(folder, 'store'), roots: {}, log }));
const { studies, jobs, inference, drafting } = backend.domains;
const none = { signal: new AbortController().signal };

const imported = async (path: string): Promise<string> => {
  const { jobId, importId } = studies.importPath(path, { copy: false, label: path });
  await jobs.ended(jobId);
  const { imports } = await backend.handlers.imports.list({}, none);
  const studyId = imports.find((one) => one.id === importId)?.studyIds[0];
  if (studyId === undefined) throw new Error('nothing was imported');
  return studyId;
};
const who = (key: string) => ({
  name: `Bench^${key}`,
  id: key,
  birthDate: '1960-01-01',
  studyDate: '2026-06-01',
  studyTime: '09:00:00',
  description: 'Bench',
  accession: '',
  key,
});
/** Seconds until the package's answer to a study is stored. */
const answered = async (name: string, studyId: string): Promise<number> => {
  const start = performance.now();
  const ran = await inference.runStudy(studyId, { jobId: 'bench', signal: none.signal, progress: () => {} });
  const took = seconds(start);
  if (!ran.ran.some((own) => own.package === name)) throw new Error(`${name} was not run: ${ran.remarks.join(' ')}`);
  return took;
};
/**
 * The first answer starts a process and loads the package; the others are what a reader waits for. `limit` in seconds; null
 * where the bar is of the package alone.
 */
const several = (name: string, of: string, took: readonly number[], limit: number | null): void => {
  const [first = Number.NaN, ...later] = took;
  const words = `${name} in the application: ${of}, decoded, answered and stored (median of ${later.length}; the first, process and package loaded too, ${first.toFixed(2)} s)`;
  if (limit === null) console.log(`        ${words}: ${median(later).toFixed(2)} s`);
  else told(words, median(later), limit);
};

try {
  const retinas: number[] = [];
  for (let n = 0; n < 5; n++) {
    const path = join(folder, `retina${n}`);
    await writeFundus([fundusPhantom('fundus 1800x1200 grade 2', `bench/${n}`)], who(`retina${n}`), path);
    retinas.push(await answered('fundus-retinopathy', await imported(path)));
  }
  several('fundus-retinopathy', 'a photograph of 1800x1200', retinas, null);

  const films: number[] = [];
  const drafts: number[] = [];
  for (let n = 0; n < 5; n++) {
    const path = join(folder, `film${n}`);
    await writePhantom(phantom(FILM, { seed: `bench/${n}` }), who(`film${n}`), path);
    const studyId = await imported(path);
    films.push(await answered('cxr-findings', studyId));
    const start = performance.now();
    const draft = await drafting.write(studyId, { seed: null, retrieval: null, drafter: 'film' });
    drafts.push(seconds(start));
    if (draft.sentences.length === 0) throw new Error('an empty draft');
  }
  several('cxr-findings', 'a film of 2048x2048', films, null);
  several('cxr-report', 'the same film with a draft', drafts, 3);

  let files = process.argv[2];
  if (!files) {
    files = join(folder, 'chest');
    await writePhantom(
      phantom('ct 512x512x300 spacing 0.8 1.2 nodule 14mm', { seed: 'bench/chest' }),
      who('chest'),
      files,
    );
  }
  const studyId = await imported(files);
  const series = studies.study(studyId).series[0];
  if (!series) throw new Error('no series');
  const took = await answered('ct-organs-lesions', studyId);
  const images = await studies.images(series.id);
  told(`ct-organs-lesions: ${images.frames.length} slices decoded, answered and stored`, took, 60);
  for (const overlay of studies.overlays(studyId))
    if (overlay.kind === 'labelmap' && images.volume.kind === 'volume') {
      const a = images.volume.affineVoxelToPatient;
      const column = (n: 0 | 1 | 2): number => Math.hypot(a[n], a[(n + 4) as 4], a[(n + 8) as 8]);
      const ml = (column(0) * column(1) * column(2)) / 1000;
      for (const label of overlay.labels) console.log(`  ${label.name}: ${(label.voxels * ml).toFixed(0)} mL`);
    }
  console.log(`  findings: ${inference.findings(studyId).length}`);
} finally {
  await backend.close();
  await rm(folder, { recursive: true, force: true });
}
