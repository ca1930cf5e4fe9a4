/** On an empty store: the demonstration patient is made, taken in like any other, and drafted by real inference. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../preload/contract/index.ts';
import type { Domains } from './backend.ts';
import type { Log, Outside } from './outside.ts';

const KEY = 'demonstration';
const LIMIT_MS = 120_000;
const never = { signal: new AbortController().signal };

const render = (spawn: Outside['spawn'], folder: string, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) return reject(new Fault('cancelled', 'Cancelled.'));
    const child = spawn('phantom', { heapMb: 1024, read: [folder], write: [folder], native: false });
    const limit = setTimeout(
      () => fail(new Fault('refused', 'The demonstration patient took too long to make.')),
      LIMIT_MS,
    );
    const end = (): void => {
      clearTimeout(limit);
      signal.removeEventListener('abort', abort);
      child.kill();
    };
    const fail = (error: unknown): void => {
      end();
      reject(error);
    };
    const abort = (): void => fail(new Fault('cancelled', 'Cancelled.'));
    signal.addEventListener('abort', abort);
    child.onExit((code) =>
      fail(new Fault('internal', 'The process that makes the demonstration patient ended.', { code })),
    );
    child.onMessage((message) => {
      const answer = message as { kind: 'done' } | { kind: 'failed'; why: string };
      if (answer.kind === 'failed') return fail(new Fault('internal', answer.why));
      end();
      resolve();
    });
    child.post({ folder });
  });

/** Made once in a store's life: a reader who removes it does not get it back. */
export const ensureDemonstration = async (
  domains: Domains,
  outside: Pick<Outside, 'spawn' | 'storeFolder'>,
  log: Log,
): Promise<void> => {
  const { jobs, settings, studies, knowledge, drafting } = domains;
  const remembered = await settings.handlers.settings.get({ key: KEY }, never);
  if (remembered.value === 'made') return;
  const query = {
    text: '',
    modality: null,
    status: null,
    from: null,
    to: null,
    order: 'newest',
    limit: 500,
    offset: 0,
  } as const;
  const list = async () => (await studies.handlers.studies.list(query, never)).studies;
  const isDemonstration = (study: { patient: { id: string } }): boolean => study.patient.id === 'SIGHTLINE-DEMO';
  // Studies of the reader's own: the store is in use, leave it alone. A half-made demonstration is finished.
  if ((await list()).some((study) => !isDemonstration(study))) return;
  const folder = join(outside.storeFolder, 'demonstration');
  try {
    const making = jobs.start(
      { kind: 'demonstration', title: 'Making the demonstration patient' },
      async ({ signal, progress }) => {
        progress(null, 'Rendering');
        await rm(folder, { recursive: true, force: true });
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await render(outside.spawn, folder, signal);
        return null;
      },
    );
    await jobs.ended(making);
    // Copied, and the folder removed: once its studies are removed nothing of it stays.
    await jobs.ended(studies.importPath(join(folder, 'studies'), { copy: true, label: 'Demonstration patient' }).jobId);
    await jobs.ended(knowledge.importPath(join(folder, 'reports.jsonl')).jobId);
    await rm(folder, { recursive: true, force: true });
    await settings.handlers.settings.set({ key: KEY, value: 'made' }, never);
    for (const study of (await list())
      .filter(isDemonstration)
      .toSorted((a, b) => ((a.date ?? '') < (b.date ?? '') ? 1 : -1))) {
      await drafting.write(study.id, { seed: 1, retrieval: 'priors-and-similar' });
    }
  } catch (error) {
    if (error instanceof Fault && error.code === 'cancelled') return;
    log.error('the demonstration patient was not finished', error);
  }
};
