/** Phantoms through the whole real pipeline: written as DICOM, imported, inferred, drafted, scored. No truth is passed in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createBackend } from '../../main/backend.ts';
import { writePhantom } from '../../main/dicom/write/index.ts';
import { outsideNode } from '../../main/outside-node.ts';
import { phantom } from '../../models/kit/phantom/index.ts';
import { addTally, emptyTally, score, type Tally } from './score.ts';

export interface Plan {
  readonly xrays: number;
  readonly cts: number;
  readonly seed: string;
  readonly progress: (line: string) => void;
}

/** 384 x 384 mm of body in at most 96 voxels a side. */
const CT_LINE = 'ct 96x96x96 spacing 4 random';
const XRAY_LINE = 'xray 512x512 random';

const log = {
  info: () => {},
  warn: (message: string, details?: Readonly<Record<string, unknown>>) => console.error(message, details ?? ''),
  error: (message: string, error: unknown) => console.error(message, error),
};

export const throughThePipeline = async (plan: Plan): Promise<{ xray: Tally; ct: Tally; all: Tally }> => {
  const folder = await mkdtemp(join(tmpdir(), 'sightline-phantoms-'));
  const backend = createBackend(outsideNode({ shell: 'cli', storeFolder: join(folder, 'store'), roots: {}, log }));
  const { studies, drafting, inference, jobs } = backend.domains;
  const none = { signal: new AbortController().signal };
  const tallies = { xray: emptyTally(), ct: emptyTally(), all: emptyTally() };
  try {
    for (let n = 0; n < plan.xrays + plan.cts; n++) {
      const kind = n < plan.xrays ? 'xray' : 'ct';
      const made = phantom(kind === 'xray' ? XRAY_LINE : CT_LINE, { seed: `${plan.seed}/${kind}/${n}` });
      const files = join(folder, 'files');
      await writePhantom(
        made,
        {
          name: `Phantom^N${n}`,
          id: `N${n}`,
          birthDate: `${2026 - made.patient.ageYears}-01-01`,
          studyDate: '2026-06-01',
          studyTime: '09:00:00',
          description: 'Phantom',
          accession: '',
          key: `${plan.seed}/${n}`,
        },
        files,
      );
      const { jobId, importId } = studies.importPath(files, { copy: false, label: 'phantom' });
      await jobs.ended(jobId);
      const { imports } = await backend.handlers.imports.list({}, none);
      const studyId = imports.find((one) => one.id === importId)?.studyIds[0];
      if (!studyId) throw new Error(`phantom ${n} was not imported`);
      const draft = await drafting.write(studyId, { seed: n, retrieval: 'priors-and-similar' });
      const series = studies.study(studyId).series[0];
      if (!series) throw new Error(`phantom ${n} has no series`);
      const tally = score(made, await studies.images(series.id), draft, inference.findings(studyId));
      addTally(tallies[kind], tally);
      addTally(tallies.all, tally);
      await backend.handlers.studies.remove({ studyId }, none);
      await rm(files, { recursive: true });
      if ((n + 1) % 25 === 0) plan.progress(`${n + 1} of ${plan.xrays + plan.cts}`);
    }
  } finally {
    await backend.close();
    await rm(folder, { recursive: true, force: true });
  }
  return tallies;
};

export interface Bar {
  readonly name: string;
  readonly holds: boolean;
}

/** The bars of the whole pipeline. */
export const bars = (all: Tally): Bar[] => [
  {
    name: 'lesions of 15 mm or more with side and region: at least 80 %',
    holds: all.largeWithSideAndRegion >= 0.8 * all.large,
  },
  { name: 'no side contradicts its region', holds: all.sideContradictsRegion === 0 },
  { name: 'clicks within one slice: at least 95 %', holds: all.sliceRight >= 0.95 * all.clicks },
  { name: 'false sentences: at most 0.5 a study', holds: all.falseSentences <= 0.5 * all.studies },
];
