import { statSync } from 'node:fs';
import { access, constants, copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Fault, type ImportRecord } from '../../preload/contract/index.ts';
import type { Base, JobContext } from '../domains.ts';
import { diskFault } from './faults.ts';
import { dealtWith, importSource, noteInterrupted, type Outcome, recordOutcomes } from './import-records.ts';
import { type IngestProcess, ingestProcess } from './ingest-process.ts';
import { takeFiles, type WorkFile } from './take.ts';
import { walk } from './walk.ts';

export interface Imports {
  start(source: string, options: { copy: boolean; after?: () => Promise<void> }): { jobId: string; importId: string };
  resume(importId: string): { jobId: string };
  close(): Promise<void>;
}

/** Files read at once by a worker, and committed in one transaction: each costs an fsync. */
const BATCH = 200;
/** On two cores one reads while the backend commits; a second reader would only take its turn from it. */
const WORKERS = availableParallelism() > 2 ? 2 : 1;
/** An archive inside an archive is opened; one inside that is not. */
const DEEPEST_ARCHIVE = 2;
const numbers = new Intl.NumberFormat('en-US');
const words = (n: number): string => numbers.format(n);

export const createImports = (
  base: Base,
  tools: {
    changed: (studyId: string | null) => void;
    /** After the files of an import are in: marks on other series find them. */
    attach: (importId: string, signal: AbortSignal) => Promise<void>;
  },
): Imports => {
  const { store, outside, jobs, newId } = base;
  const filesFolder = join(outside.storeFolder, 'files');
  const scratch = join(outside.storeFolder, 'scratch');
  const processes: IngestProcess[] = [];
  const processAt = (i: number): IngestProcess => {
    let process = processes[i];
    if (!process) {
      process = ingestProcess(outside, scratch);
      processes[i] = process;
    }
    return process;
  };
  /** One import at a time: two that bring the same file must not both find it new. */
  let tail: Promise<unknown>;

  /** Whether this very file, unchanged, is in the index: then it need not be read. */
  const unchanged = (path: string): string | null => {
    const row = store.read.get<{ bytes: number; modified_ms: number; study_id: string }>(
      `SELECT i.bytes, i.modified_ms, s.study_id FROM instances i JOIN series s ON s.id = i.series_id
        WHERE i.path = ? AND i.copied = 0 AND i.missing = 0`,
      path,
    );
    if (!row) return null;
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.size === row.bytes && found.mtimeMs === row.modified_ms ? row.study_id : null;
  };

  /** On disk before the database names it. */
  const settle = async (temporary: string): Promise<string> => {
    const name = newId();
    const file = await open(temporary, 'r+');
    try {
      await file.chmod(0o600);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(filesFolder, name));
    return name;
  };
  const copyIn = async (path: string): Promise<string> => {
    const temporary = join(filesFolder, `${newId()}.part`);
    try {
      await copyFile(path, temporary);
      return await settle(temporary);
    } catch (error) {
      await rm(temporary, { force: true });
      throw diskFault(error);
    }
  };

  const run = async (importId: string, source: string, copy: boolean, context: JobContext): Promise<void> => {
    const { signal } = context;
    const mine = join(scratch, importId);
    await mkdir(filesFolder, { recursive: true, mode: 0o700 });
    await mkdir(mine, { recursive: true, mode: 0o700 });
    const skipped: Outcome[] = [];
    // They start while the folder is looked through.
    for (let i = 0; i < WORKERS; i++) processAt(i).start();
    context.progress(null, 'Looking for files');
    const found = await walk(
      source,
      signal,
      (shown, reason) => {
        skipped.push({ shown, outcome: 'ignored', reason, studyId: null });
      },
      outside.storeFolder,
    ).catch(() => {
      throw new Fault('not-found', 'The folder or file to import is not there or cannot be read.');
    });
    const done = dealtWith(store.read, importId);
    const record = (outcomes: readonly Outcome[]): void => {
      const left = outcomes.filter(({ shown }) => !done.has(shown));
      if (left.length > 0) store.transaction((writer) => recordOutcomes(writer, importId, left));
    };
    record(skipped);
    const queue: WorkFile[] = found
      .filter((file) => !done.has(file.shown))
      .map((file) => ({ ...file, copiedAs: null, depth: 0 }));
    let total = found.length;
    let count = total - queue.length;

    /** Members of an archive go to the front of the queue, as copies. */
    const openArchive = async (process: IngestProcess, file: WorkFile): Promise<void> => {
      const { shown, copiedAs, depth } = file;
      const path = copiedAs ? join(filesFolder, copiedAs) : file.path;
      if (depth >= DEEPEST_ARCHIVE)
        return record([
          { shown, outcome: 'refused', reason: 'An archive inside an archive inside an archive.', studyId: null },
        ]);
      const folder = join(mine, newId());
      await mkdir(folder, { mode: 0o700 });
      const { files, refused } = await process.unpack(path, folder);
      const members: WorkFile[] = [];
      const outcomes: Outcome[] = [];
      for (const { name, file: unpacked, reason } of files) {
        const memberShown = `${shown}!/${name}`;
        if (done.has(memberShown)) continue;
        if (unpacked === null) outcomes.push({ shown: memberShown, outcome: 'refused', reason, studyId: null });
        else
          members.push({
            path: '',
            shown: memberShown,
            copiedAs: await settle(join(folder, unpacked)),
            depth: depth + 1,
          });
      }
      outcomes.push(
        refused === null
          ? { shown, outcome: 'ignored', reason: 'An archive: its files are listed themselves.', studyId: null }
          : { shown, outcome: 'refused', reason: refused, studyId: null },
      );
      record(outcomes);
      await rm(folder, { recursive: true, force: true });
      queue.unshift(...members);
      total += members.length;
    };

    let committing: Promise<unknown> = Promise.resolve();
    /** Batches are read side by side and committed one after another. */
    const work = async (process: IngestProcess): Promise<void> => {
      while (queue.length > 0 && !signal.aborted) {
        const batch = queue.splice(0, BATCH);
        const already: Outcome[] = [];
        const rest: WorkFile[] = [];
        for (const file of batch) {
          const studyId = copy || file.copiedAs ? null : unchanged(file.path);
          if (studyId) already.push({ shown: file.shown, outcome: 'already-there', reason: '', studyId });
          else if (copy && !file.copiedAs) {
            const readable = await access(file.path, constants.R_OK).then(
              () => true,
              () => false,
            );
            if (readable) rest.push({ ...file, copiedAs: await copyIn(file.path) });
            else
              already.push({
                shown: file.shown,
                outcome: 'refused',
                reason: 'The file cannot be read.',
                studyId: null,
              });
          } else rest.push(file);
        }
        const answers = await process.read(
          rest.map((f) => ({ path: f.copiedAs ? join(filesFolder, f.copiedAs) : f.path, name: f.shown })),
        );
        const commit = committing.then(async () => {
          record(already);
          const now = outside.now().toISOString();
          const touched = await takeFiles({ store, filesFolder, process, newId, now }, importId, rest, answers);
          for (const studyId of touched) tools.changed(studyId);
          count += batch.length;
          context.progress(total === 0 ? 1 : count / total, `${words(count)} of ${words(total)} files`);
        });
        committing = commit.catch(() => {});
        await commit;
        for (const [i, file] of rest.entries()) {
          if (answers[i]?.kind !== 'archive') continue;
          await openArchive(process, file);
          if (file.copiedAs) await rm(join(filesFolder, file.copiedAs), { force: true });
        }
      }
    };
    try {
      const workers = Math.max(1, Math.min(WORKERS, Math.ceil(queue.length / BATCH)));
      await Promise.all(Array.from({ length: workers }, (_, i) => work(processAt(i))));
      // A worker that found its queue empty may have ended while another opened an archive.
      await work(processAt(0));
      if (!signal.aborted) await tools.attach(importId, signal);
    } finally {
      await rm(mine, { recursive: true, force: true });
      for (const { copiedAs } of queue) if (copiedAs) await rm(join(filesFolder, copiedAs), { force: true });
    }
  };

  const job = (importId: string, source: string, copy: boolean, after?: () => Promise<void>): string =>
    jobs.start({ kind: 'import', title: 'Import' }, async (context) => {
      const mine = tail.then(() => run(importId, source, copy, context));
      tail = mine.catch(() => {});
      let state: ImportRecord['state'] = 'failed';
      try {
        await mine;
        state = context.signal.aborted ? 'cancelled' : 'done';
        if (state === 'cancelled') throw new Fault('cancelled', 'Cancelled.');
        return importId;
      } finally {
        const now = outside.now().toISOString();
        store.transaction((writer) =>
          writer.run(
            "UPDATE imports SET state = ?1, ended_at = ?2, source = CASE WHEN ?1 = 'done' THEN NULL ELSE source END WHERE id = ?3",
            state,
            now,
            importId,
          ),
        );
        if (state === 'done') await after?.();
        tools.changed(null);
      }
    });

  /** What an earlier run left on its way: unpacked members, and copies that no row names. */
  const sweep = async (): Promise<void> => {
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true, mode: 0o700 });
    const named = new Set(
      store.read.all<{ path: string }>('SELECT path FROM instances WHERE copied = 1').map(({ path }) => path),
    );
    for (const name of await readdir(filesFolder).catch(() => []))
      if (!named.has(name) && (await stat(join(filesFolder, name))).isFile()) await rm(join(filesFolder, name));
  };
  noteInterrupted(store);
  tail = sweep().catch((error: unknown) => outside.log.error('leftovers of an import are still there', error));

  return {
    start: (source, { copy, after }) => {
      const importId = newId();
      store.transaction((writer) =>
        writer.run(
          "INSERT INTO imports (id, started_at, state, copied, source) VALUES (?, ?, 'running', ?, ?)",
          importId,
          outside.now().toISOString(),
          copy ? 1 : 0,
          source,
        ),
      );
      return { jobId: job(importId, source, copy, after), importId };
    },
    resume: (importId) => {
      const { source, copied, state } = importSource(store.read, importId);
      if (state === 'running') throw new Fault('conflict', 'This import is running.', { importId });
      if (source === null) throw new Fault('refused', 'This import has ended: import the folder again.', { importId });
      store.transaction((writer) =>
        writer.run("UPDATE imports SET state = 'running', ended_at = NULL WHERE id = ?", importId),
      );
      return { jobId: job(importId, source, copied) };
    },
    close: async () => {
      for (const process of processes) process.close();
      // What is under way (also the sweep of a start that ends at once) still reads the store.
      await tail;
    },
  };
};
