import { statSync } from 'node:fs';
import { access, constants, copyFile, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Fault, type ImportRecord } from '../../preload/contract/index.ts';
import type { Base, JobContext } from '../domains.ts';
import { diskFault } from './faults.ts';
import { dealtWith, importSource, noteInterrupted, type Outcome, recordOutcomes } from './import-records.ts';
import type { ReadFile } from './ingest-messages.ts';
import { type IngestProcess, ingestProcess } from './ingest-process.ts';
import { takeFiles, type WorkFile } from './take.ts';
import { walk } from './walk.ts';

export interface Imports {
  start(source: string, options: { copy: boolean; after?: () => Promise<void> }): { jobId: string; importId: string };
  resume(importId: string): { jobId: string };
  close(): Promise<void>;
}

/** Files that a process is asked for at once. */
const BATCH = 128;
/** Reading a file takes two to three times as long as committing it. */
const PROCESSES = Math.min(2, availableParallelism());
/** Batches that a process has before it, so that it never waits for a commit. */
const AHEAD = 3;
/** Batches committed in one transaction, unless they are long in coming: each costs an fsync. */
const GROUP = 4;
const GROUP_MS = 250;
/** An archive inside an archive is opened; one inside that is not. */
const DEEPEST_ARCHIVE = 2;
const numbers = new Intl.NumberFormat('en-US');
const words = (n: number): string => numbers.format(n);

/** Files on their way from the folder into the database. */
interface Batch {
  /** Known without reading. */
  readonly already: readonly Outcome[];
  readonly rest: readonly WorkFile[];
  readonly answers: readonly ReadFile[];
}

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

  /** Which of these very files, unchanged, are in the index, and in which study: they need not be read. */
  const unchanged = (files: readonly WorkFile[]): Map<string, string> => {
    const rows = store.read.all<{ path: string; bytes: number; modified_ms: number; study_id: string }>(
      `SELECT i.path, i.bytes, i.modified_ms, s.study_id FROM json_each(?) AS wanted
        JOIN instances i ON i.path = wanted.value JOIN series s ON s.id = i.series_id
        WHERE i.copied = 0 AND i.missing = 0`,
      JSON.stringify(files.map(({ path }) => path)),
    );
    const studies = new Map<string, string>();
    for (const row of rows) {
      const found = statSync(row.path, { throwIfNoEntry: false });
      if (found?.size === row.bytes && found.mtimeMs === row.modified_ms) studies.set(row.path, row.study_id);
    }
    return studies;
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
    // It starts while the folder is looked through; another only where there are files for it.
    processAt(0).start();
    context.progress(null, 'Looking for files');
    const done = dealtWith(store.read, importId);
    const record = (outcomes: readonly Outcome[]): void => {
      const left = outcomes.filter(({ shown }) => !done.has(shown));
      if (left.length > 0) store.transaction((writer) => recordOutcomes(writer, importId, left));
    };
    const queue: WorkFile[] = [];
    let total = 0;
    let count = 0;

    /** Told last: who resumes before all their members are in opens them again. */
    const opened: Outcome[] = [];
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
      opened.push(
        refused === null
          ? { shown, outcome: 'ignored', reason: 'An archive: its files are listed themselves.', studyId: null }
          : { shown, outcome: 'refused', reason: refused, studyId: null },
      );
      record(outcomes);
      await rm(folder, { recursive: true, force: true });
      queue.unshift(...members);
      total += members.length;
    };

    const readBatch = async (process: IngestProcess, files: readonly WorkFile[]): Promise<Batch> => {
      const already: Outcome[] = [];
      const rest: WorkFile[] = [];
      const known = copy ? null : unchanged(files.filter(({ copiedAs }) => copiedAs === null));
      for (const file of files) {
        const studyId = file.copiedAs ? undefined : known?.get(file.path);
        if (studyId) already.push({ shown: file.shown, outcome: 'already-there', reason: '', studyId });
        else if (copy && !file.copiedAs) {
          // Copying takes its time: what is not begun is left for who resumes.
          if (signal.aborted) continue;
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
      return { already, rest, answers };
    };
    const commit = async (process: IngestProcess, batches: readonly Batch[]): Promise<void> => {
      record(batches.flatMap(({ already }) => already));
      const files = batches.flatMap(({ rest }) => rest);
      const answers = batches.flatMap((batch) => batch.answers);
      const now = outside.now().toISOString();
      const touched = await takeFiles({ store, filesFolder, process, newId, now }, importId, files, answers);
      for (const studyId of touched) tools.changed(studyId);
      count += batches.reduce((sum, { already, rest }) => sum + already.length + rest.length, 0);
      context.progress(total === 0 ? 1 : count / total, `${words(count)} of ${words(total)} files`);
      for (const [i, file] of files.entries()) {
        if (answers[i]?.kind !== 'archive') continue;
        await openArchive(process, file);
        if (file.copiedAs) await rm(join(filesFolder, file.copiedAs), { force: true });
      }
    };
    /** In the order of the files, however fast each process is: what is there twice has the same outcome every time. */
    const reading: Promise<Batch>[] = [];
    let turn = 0;
    const readAhead = (atLeast = 1): void => {
      while (reading.length < PROCESSES * AHEAD && queue.length >= atLeast && !signal.aborted) {
        const next = readBatch(processAt(turn % PROCESSES), queue.splice(0, BATCH));
        turn += 1;
        // What went wrong is told where it is waited for.
        next.catch(() => {});
        reading.push(next);
      }
    };
    const lookThrough = async (): Promise<void> => {
      const skipped: Outcome[] = [];
      await walk(source, {
        signal,
        except: outside.storeFolder,
        found: (files) => {
          total += files.length;
          for (const file of files)
            if (done.has(file.shown)) count += 1;
            else queue.push({ ...file, copiedAs: null, depth: 0 });
          readAhead(BATCH);
        },
        skipped: (shown, reason) => skipped.push({ shown, outcome: 'ignored', reason, studyId: null }),
      }).catch(() => {
        throw new Fault('not-found', 'The folder or file to import is not there or cannot be read.');
      });
      record(skipped);
    };
    const nextGroup = async (): Promise<Batch[]> => {
      const group: Batch[] = [];
      const from = performance.now();
      readAhead();
      while (group.length === 0 || (group.length < GROUP && performance.now() - from < GROUP_MS)) {
        const next = reading.shift();
        if (!next) break;
        group.push(await next);
        readAhead();
      }
      return group;
    };
    try {
      await lookThrough();
      for (let group = await nextGroup(); group.length > 0; group = await nextGroup())
        await commit(processAt(0), group);
      if (signal.aborted) return;
      record(opened);
      await tools.attach(importId, signal);
    } finally {
      const unused = [...queue];
      for (const one of await Promise.allSettled(reading))
        if (one.status === 'fulfilled') unused.push(...one.value.rest);
      for (const { copiedAs } of unused) if (copiedAs) await rm(join(filesFolder, copiedAs), { force: true });
      await rm(mine, { recursive: true, force: true });
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
