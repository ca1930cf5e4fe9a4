import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Base } from '../domains.ts';
import type { Log, Outside } from '../outside.ts';
import { createJobs } from '../process/index.ts';
import { spawnNode } from '../process/spawn-node.ts';
import { openStore } from '../store/index.ts';
import { createStudies } from './index.ts';

/** Real store, real worker processes, on a temporary folder: for tests and benchmarks of this domain. */
export const temporaryStudies = (options: { folder?: string; roots?: Record<string, string> } = {}) => {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'sightline-studies-'));
  let made = 0;
  const logged: string[] = [];
  const log: Log = {
    info: () => {},
    warn: (message) => logged.push(message),
    error: (message, error) => logged.push(`${message}: ${error instanceof Error ? error.stack : error}`),
  };
  const outside: Outside = {
    shell: 'cli',
    storeFolder: join(folder, 'store'),
    modelFolders: [],
    roots: options.roots ?? {},
    pickFolder: null,
    now: () => new Date(),
    randomBytes: (count) => new Uint8Array(randomBytes(count)),
    spawn: spawnNode(log),
    log,
  };
  const newId = (): string => randomBytes(16).toString('base64url');
  const store = openStore(outside.storeFolder);
  const jobs = createJobs({ newId, now: outside.now, log });
  const base: Base = { outside, store, jobs, newId };
  const studies = createStudies(base);
  const media = async (path: string, init?: RequestInit): Promise<Response> => {
    const request = new Request(`http://media/${path}`, init);
    return (
      (await studies.media(request, path.split('/').map(decodeURIComponent))) ?? new Response(null, { status: 404 })
    );
  };
  return {
    folder,
    base,
    studies,
    jobs,
    media,
    logged,
    /** A new empty folder, for files that are to be imported. */
    place: (): string => {
      const path = join(folder, 'places', String(made++));
      mkdirSync(path, { recursive: true });
      return path;
    },
    import: async (path: string, copy = false) => {
      const { jobId, importId } = studies.importPath(path, { copy, label: '' });
      await jobs.ended(jobId);
      const all = { importId, outcome: null, limit: 1000, offset: 0 };
      const context = { signal: new AbortController().signal };
      const { files } = await studies.handlers.imports.files(all, context);
      return { importId, files };
    },
    list: () =>
      store.read
        .all<{ id: string }>('SELECT id FROM studies ORDER BY imported_at, id')
        .map((row) => studies.study(row.id)),
    /** Ends the processes; the folder stays. */
    close: async () => {
      await jobs.close();
      await studies.close();
      store.close();
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};
