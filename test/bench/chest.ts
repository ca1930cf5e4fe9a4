/**
 * A chest CT of 300 slices of 512x512 through the real pipeline: imported, read by its own process, labels stored. A
 * folder of DICOM files may take the phantom's place. Times as they are on this machine now, others' work included.
 *
 *     node test/bench/chest.ts [folder]
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackend } from '../../main/backend.ts';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { load } from '../../models/packages/run.ts';
import { median } from './figures.ts';

const NAME = 'ct-organs-lesions';
const LIMITS = { load: 0.5, answer: 60 };

const log = {
  info: () => {},
  warn: (message: string) => console.error(message),
  error: (message: string, error: unknown) => console.error(message, error),
};
const seconds = (since: number): number => (performance.now() - since) / 1000;
const told = (what: string, took: number, limit: number): void =>
  console.log(`${took <= limit ? 'holds ' : 'misses'}  ${what}: ${took.toFixed(2)} s of ${limit}`);

const folder = await mkdtemp(join(tmpdir(), 'sightline-chest-'));
const backend = createBackend(outsideNode({ shell: 'cli', storeFolder: join(folder, 'store'), roots: {}, log }));
const none = { signal: new AbortController().signal };
try {
  const loading: number[] = [];
  for (let n = 0; n < 5; n++) {
    const start = performance.now();
    const own = await load(join(import.meta.dirname, '..', '..', 'models', 'packages', NAME));
    loading.push(seconds(start));
    await own.session.release();
  }
  told('the package loads (median of 5)', median(loading), LIMITS.load);
  let files = process.argv[2];
  if (!files) {
    files = join(folder, 'files');
    const made = phantom('ct 512x512x300 spacing 0.8 1.2 nodule 14mm', { seed: 'bench/chest' });
    const who = { name: 'Bench^Chest', id: 'CHEST', birthDate: '1960-01-01', studyDate: '2026-06-01' };
    await writePhantom(
      made,
      { ...who, studyTime: '09:00:00', description: 'Bench', accession: '', key: 'chest' },
      files,
    );
  }
  const { studies, jobs, inference } = backend.domains;
  const { jobId, importId } = studies.importPath(files, { copy: false, label: 'chest' });
  await jobs.ended(jobId);
  const { imports } = await backend.handlers.imports.list({}, none);
  const studyId = imports.find((one) => one.id === importId)?.studyIds[0];
  const series = studyId === undefined ? undefined : studies.study(studyId).series[0];
  if (studyId === undefined || !series) throw new Error('nothing was imported');
  const start = performance.now();
  const ran = await inference.runStudy(studyId, { jobId: 'bench', signal: none.signal, progress: () => {} });
  const took = seconds(start);
  if (!ran.ran.some((own) => own.package === NAME)) throw new Error(`${NAME} was not run: ${ran.remarks.join(' ')}`);
  const images = await studies.images(series.id);
  told(`${images.frames.length} slices decoded, answered and stored`, took, LIMITS.answer);
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
