import { statSync } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, type ImportedFile, type ImportRecord } from '../../preload/contract/index.ts';
import type { Base, JobContext } from '../domains.ts';
import { commitFiles, type FileToCommit, type Known, type ReadInstance, recount } from './commit.ts';
import type { ReadFile } from './ingest-messages.ts';
import { type IngestProcess, ingestProcess } from './ingest-process.ts';
import { type WalkedFile, walk } from './walk.ts';

interface ImportRow {
  readonly id: string;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly state: ImportRecord['state'];
  readonly copied: number;
  readonly source: string | null;
  readonly imported: number;
  readonly already_there: number;
  readonly ignored: number;
  readonly refused: number;
}

interface Outcome {
  readonly shown: string;
  readonly outcome: ImportedFile['outcome'];
  readonly reason: string;
  readonly studyId: string | null;
}

export interface Imports {
  start(source: string, options: { copy: boolean; after?: () => Promise<void> }): { jobId: string; importId: string };
  resume(importId: string): { jobId: string };
  list(): ImportRecord[];
  files(
    importId: string,
    outcome: ImportedFile['outcome'] | null,
    limit: number,
    offset: number,
  ): { files: ImportedFile[]; total: number };
  close(): void;
}

const BATCH = 64;
const WORKERS = 2;
const words = (n: number): string => n.toLocaleString('en-US');

export const createImports = (base: Base, tools: { changed: (studyId: string | null) => void }): Imports => {
  const { store, outside, jobs, newId } = base;
  const filesFolder = join(outside.storeFolder, 'files');
  const processes: IngestProcess[] = [];
  const processAt = (i: number): IngestProcess => {
    let process = processes[i];
    if (!process) {
      process = ingestProcess(outside);
      processes[i] = process;
    }
    return process;
  };
  /** One import at a time: two that bring the same file must not both find it new. */
  let tail: Promise<unknown> = Promise.resolve();

  const absolute = (known: Pick<Known, 'path' | 'copied'>): string =>
    known.copied ? join(filesFolder, known.path) : known.path;

  const knownOf = (uid: string): Known[] =>
    store.read.all<Known>(
      `SELECT i.id, i.path, i.copied, i.bytes, i.modified_ms, i.fingerprint, s.variant, s.study_id, i.missing
        FROM instances i JOIN series s ON s.id = i.series_id WHERE i.sop_instance_uid = ?`,
      uid,
    );

  /** Whether this very file, unchanged, is in the index: then it need not be read. */
  const unchanged = (path: string): string | null => {
    const row = store.read.get<{ bytes: number; modified_ms: number; study_id: string; id: number; missing: number }>(
      `SELECT i.id, i.bytes, i.modified_ms, i.missing, s.study_id FROM instances i JOIN series s ON s.id = i.series_id
        WHERE i.path = ? AND i.copied = 0`,
      path,
    );
    if (!row) return null;
    try {
      const stat = statSync(path);
      return stat.size === row.bytes && stat.mtimeMs === row.modified_ms && row.missing === 0 ? row.study_id : null;
    } catch {
      return null;
    }
  };

  interface Batch {
    readonly files: readonly (WalkedFile & { copiedAs: string | null })[];
    readonly read: readonly ReadFile[];
  }

  /** Decides for each file of a batch what becomes of it, then writes all in one transaction. */
  const take = async (
    importId: string,
    batch: Batch,
    next: () => number,
    process: IngestProcess,
  ): Promise<Set<string>> => {
    const outcomes: Outcome[] = [];
    const commits: { file: FileToCommit; shown: string }[] = [];
    const relinks: { known: Known; path: string; copied: boolean; read: ReadInstance; shown: string }[] = [];
    const unused: string[] = [];
    const fresh = new Map<string, { path: string; read: ReadInstance; variant: number }[]>();
    for (const [i, file] of batch.files.entries()) {
      const read = batch.read[i];
      if (!read) continue;
      const { shown } = file;
      const path = file.copiedAs ? join(filesFolder, file.copiedAs) : file.path;
      if (read.kind !== 'instance') {
        if (file.copiedAs) unused.push(path);
        const outcome = read.kind === 'archive' ? 'refused' : read.kind;
        outcomes.push({
          shown,
          outcome,
          reason: read.kind === 'archive' ? 'An archive inside an archive.' : read.reason,
          studyId: null,
        });
        continue;
      }
      const uid = read.words.sopInstanceUid;
      const known = knownOf(uid);
      const here = fresh.get(uid) ?? [];
      const alike = [
        ...known.filter((k) => k.bytes === read.bytes && k.fingerprint === read.fingerprint),
        ...here.filter((f) => f.read.bytes === read.bytes && f.read.fingerprint === read.fingerprint),
      ];
      let done = false;
      for (const one of alike) {
        const other = 'study_id' in one ? absolute(one) : one.path;
        const gone = 'study_id' in one && one.missing !== 0;
        if (other === path && 'study_id' in one && one.modified_ms !== read.modifiedMs && !gone) continue;
        if (gone || other === path || (await process.same([[other, path]]))[0]) {
          if (gone && 'study_id' in one) {
            relinks.push({ known: one, path: file.copiedAs ?? path, copied: file.copiedAs !== null, read, shown });
          } else {
            if (file.copiedAs) unused.push(path);
            const studyId = 'study_id' in one ? one.study_id : null;
            outcomes.push({ shown, outcome: 'already-there', reason: '', studyId });
          }
          done = true;
          break;
        }
      }
      if (done) continue;
      const used = new Set([...known.map((k) => k.variant), ...here.map((f) => f.variant)]);
      let variant = 0;
      while (used.has(variant)) variant++;
      here.push({ path, read, variant });
      fresh.set(uid, here);
      commits.push({ file: { read, path: file.copiedAs ?? path, copied: file.copiedAs !== null, variant }, shown });
    }
    const now = outside.now().toISOString();
    const studyIds = store.transaction((writer) => {
      const { studyIds, seriesIds } = commitFiles(
        writer,
        commits.map((c) => c.file),
        { newId, now },
      );
      for (const { known, path, copied, read, shown } of relinks) {
        writer.run(
          'UPDATE instances SET path = ?, copied = ?, modified_ms = ?, missing = 0 WHERE id = ?',
          path,
          copied ? 1 : 0,
          read.modifiedMs,
          known.id,
        );
        const row = writer.get<{ series_id: string }>('SELECT series_id FROM instances WHERE id = ?', known.id);
        if (row) seriesIds.add(row.series_id);
        outcomes.push({
          shown,
          outcome: 'imported',
          reason: 'Found again after its source was missing.',
          studyId: known.study_id,
        });
      }
      const touched = recount(writer, seriesIds);
      commits.forEach(({ file, shown }, i) => {
        const refused = file.read.words.refused;
        outcomes.push({
          shown,
          outcome: 'imported',
          reason:
            refused ??
            (file.variant > 0 ? 'Its UID is here already with other content: kept apart as a series of its own.' : ''),
          studyId: studyIds[i] ?? null,
        });
      });
      record(writer, importId, outcomes, next);
      return touched;
    });
    await Promise.all(unused.map((path) => rm(path, { force: true })));
    return studyIds;
  };

  const record = (
    writer: Parameters<Parameters<typeof store.transaction>[0]>[0],
    importId: string,
    outcomes: readonly Outcome[],
    next: () => number,
  ): void => {
    for (const { shown, outcome, reason, studyId } of outcomes) {
      writer.run(
        'INSERT INTO import_files (import_id, n, path, outcome, reason, study_id) VALUES (?, ?, ?, ?, ?, ?)',
        importId,
        next(),
        shown,
        outcome,
        reason,
        studyId,
      );
    }
    const count = (outcome: Outcome['outcome']): number => outcomes.filter((o) => o.outcome === outcome).length;
    writer.run(
      `UPDATE imports SET imported = imported + ?, already_there = already_there + ?, ignored = ignored + ?,
        refused = refused + ? WHERE id = ?`,
      count('imported'),
      count('already-there'),
      count('ignored'),
      count('refused'),
      importId,
    );
  };

  /** A copy of its own in the store, on disk before the database names it. */
  const copyIn = async (path: string): Promise<string> => {
    const name = newId();
    const temporary = join(filesFolder, `${name}.part`);
    await copyFile(path, temporary);
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

  const run = async (importId: string, source: string, copy: boolean, context: JobContext): Promise<void> => {
    await mkdir(filesFolder, { recursive: true, mode: 0o700 });
    const skipped: Outcome[] = [];
    context.progress(null, 'Looking for files');
    const found = await walk(source, context.signal, (shown, reason) => {
      skipped.push({ shown, outcome: 'ignored', reason, studyId: null });
    }).catch(() => {
      throw new Fault('not-found', 'The folder or file to import is not there or cannot be read.');
    });
    const before = store.read.all<{ path: string; n: number }>(
      'SELECT path, n FROM import_files WHERE import_id = ?',
      importId,
    );
    const done = new Set(before.map((row) => row.path));
    let n = before.reduce((most, row) => Math.max(most, row.n + 1), 0);
    const next = (): number => n++;
    const files = found.filter((file) => !done.has(file.shown));
    const total = found.length;
    let count = total - files.length;
    const unreadSkips = skipped.filter((outcome) => !done.has(outcome.shown));
    if (unreadSkips.length > 0) store.transaction((writer) => record(writer, importId, unreadSkips, next));

    let at = 0;
    let committing: Promise<unknown> = Promise.resolve();
    const worker = async (i: number): Promise<void> => {
      const process = processAt(i);
      while (at < files.length && !context.signal.aborted) {
        const batch = files.slice(at, at + BATCH);
        at += batch.length;
        const already: Outcome[] = [];
        const rest: (WalkedFile & { copiedAs: string | null })[] = [];
        for (const file of batch) {
          const studyId = copy ? null : unchanged(file.path);
          if (studyId) already.push({ shown: file.shown, outcome: 'already-there', reason: '', studyId });
          else rest.push({ ...file, copiedAs: null });
        }
        if (copy) for (const file of rest) file.copiedAs = await copyIn(file.path).catch(() => null);
        const read =
          rest.length > 0
            ? await process.read(rest.map((f) => ({ path: f.copiedAs ? join(filesFolder, f.copiedAs) : f.path })))
            : [];
        const commit = committing.then(async () => {
          if (already.length > 0) store.transaction((writer) => record(writer, importId, already, next));
          const studyIds = rest.length > 0 ? await take(importId, { files: rest, read }, next, process) : [];
          for (const studyId of studyIds) tools.changed(studyId);
          count += batch.length;
          context.progress(total === 0 ? 1 : count / total, `${words(count)} of ${words(total)} files`);
        });
        committing = commit.catch(() => {});
        await commit;
      }
    };
    const workers = Math.min(WORKERS, Math.ceil(files.length / BATCH));
    await Promise.all(Array.from({ length: workers }, (_, i) => worker(i)));
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
            `UPDATE imports SET state = ?, ended_at = ?, source = CASE WHEN ? = 'done' THEN NULL ELSE source END WHERE id = ?`,
            state,
            now,
            state,
            importId,
          ),
        );
        if (state === 'done') await after?.();
        tools.changed(null);
      }
    });

  /** What was running when the program ended is told, and can be resumed. */
  const interrupted = store.transaction(
    (writer) => writer.run("UPDATE imports SET state = 'interrupted' WHERE state = 'running'").changes,
  );
  if (interrupted > 0)
    store.recovered.push(
      `${interrupted === 1 ? 'An import was' : `${interrupted} imports were`} interrupted: what was imported is here, the rest can be resumed.`,
    );

  const recordOf = (row: ImportRow): ImportRecord => ({
    id: row.id,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    state: row.state,
    copied: row.copied === 1,
    counts: { imported: row.imported, alreadyThere: row.already_there, ignored: row.ignored, refused: row.refused },
    studyIds: store.read
      .all<{ study_id: string }>(
        'SELECT DISTINCT study_id FROM import_files WHERE import_id = ? AND study_id IS NOT NULL LIMIT 1000',
        row.id,
      )
      .map((r) => r.study_id),
  });

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
      const row = store.read.get<ImportRow>('SELECT * FROM imports WHERE id = ?', importId);
      if (!row) throw new Fault('not-found', 'There is no such import.', { importId });
      if (row.state === 'running') throw new Fault('conflict', 'This import is running.', { importId });
      if (row.source === null)
        throw new Fault('refused', 'This import has ended: import the folder again.', { importId });
      const { source } = row;
      store.transaction((writer) =>
        writer.run("UPDATE imports SET state = 'running', ended_at = NULL WHERE id = ?", importId),
      );
      return { jobId: job(importId, source, row.copied === 1) };
    },
    list: () => store.read.all<ImportRow>('SELECT * FROM imports ORDER BY started_at DESC LIMIT 200').map(recordOf),
    files: (importId, outcome, limit, offset) => {
      const total = store.read.get<{ n: number }>(
        'SELECT count(*) AS n FROM import_files WHERE import_id = ?1 AND (?2 IS NULL OR outcome = ?2)',
        importId,
        outcome,
      );
      return {
        total: total?.n ?? 0,
        files: store.read.all<ImportedFile>(
          `SELECT path, outcome, reason FROM import_files WHERE import_id = ?1 AND (?2 IS NULL OR outcome = ?2)
            ORDER BY n LIMIT ?3 OFFSET ?4`,
          importId,
          outcome,
          limit,
          offset,
        ),
      };
    },
    close: () => {
      for (const process of processes) process.close();
    },
  };
};
