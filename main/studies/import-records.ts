import { Fault, type ImportedFile, type ImportRecord } from '../../preload/contract/index.ts';
import type { Reader, Store, Writer } from '../store/index.ts';

export interface Outcome {
  readonly shown: string;
  readonly outcome: ImportedFile['outcome'];
  readonly reason: string;
  readonly studyId: string | null;
}

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

const MOST_STUDIES = 1000;

const recordOf = (read: Reader, row: ImportRow): ImportRecord => ({
  id: row.id,
  startedAt: row.started_at,
  endedAt: row.ended_at,
  state: row.state,
  copied: row.copied === 1,
  counts: { imported: row.imported, alreadyThere: row.already_there, ignored: row.ignored, refused: row.refused },
  studyIds: read
    .all<{ study_id: string }>(
      `SELECT DISTINCT study_id FROM import_files WHERE import_id = ? AND study_id IN (SELECT id FROM studies)
        LIMIT ${MOST_STUDIES}`,
      row.id,
    )
    .map(({ study_id }) => study_id),
});

export const importSource = (
  read: Reader,
  importId: string,
): { source: string | null; copied: boolean; state: ImportRecord['state'] } => {
  const row = read.get<ImportRow>('SELECT * FROM imports WHERE id = ?', importId);
  if (!row) throw new Fault('not-found', 'There is no such import.', { importId });
  return { source: row.source, copied: row.copied === 1, state: row.state };
};

export const listImports = (read: Reader): ImportRecord[] =>
  read.all<ImportRow>('SELECT * FROM imports ORDER BY started_at DESC LIMIT 200').map((row) => recordOf(read, row));

export const importedFiles = (
  read: Reader,
  which: { importId: string; outcome: ImportedFile['outcome'] | null; limit: number; offset: number },
): { files: ImportedFile[]; total: number } => {
  const { importId, outcome, limit, offset } = which;
  const where = 'import_id = ?1 AND (?2 IS NULL OR outcome = ?2)';
  const total =
    read.get<{ n: number }>(`SELECT count(*) AS n FROM import_files WHERE ${where}`, importId, outcome)?.n ?? 0;
  const files = read.all<ImportedFile>(
    `SELECT path, outcome, reason FROM import_files WHERE ${where} ORDER BY n LIMIT ?3 OFFSET ?4`,
    importId,
    outcome,
    limit,
    offset,
  );
  return { files, total };
};

/** Writes what became of files, and the import's counts with them. */
export const recordOutcomes = (writer: Writer, importId: string, outcomes: readonly Outcome[]): void => {
  let n =
    writer.get<{ n: number | null }>('SELECT max(n) AS n FROM import_files WHERE import_id = ?', importId)?.n ?? -1;
  const counts = { imported: 0, 'already-there': 0, ignored: 0, refused: 0 };
  for (const { shown, outcome, reason, studyId } of outcomes) {
    writer.run(
      'INSERT INTO import_files (import_id, n, path, outcome, reason, study_id) VALUES (?, ?, ?, ?, ?, ?)',
      importId,
      ++n,
      shown,
      outcome,
      reason,
      studyId,
    );
    counts[outcome] += 1;
  }
  writer.run(
    `UPDATE imports SET imported = imported + ?, already_there = already_there + ?, ignored = ignored + ?,
      refused = refused + ? WHERE id = ?`,
    counts.imported,
    counts['already-there'],
    counts.ignored,
    counts.refused,
    importId,
  );
};

/** Files that this import has dealt with. */
export const dealtWith = (read: Reader, importId: string): Set<string> =>
  new Set(
    read.all<{ path: string }>('SELECT path FROM import_files WHERE import_id = ?', importId).map(({ path }) => path),
  );

/** What was running when the program ended is told, and can be resumed. */
export const noteInterrupted = (store: Store): void => {
  const interrupted = store.transaction(
    (writer) => writer.run("UPDATE imports SET state = 'interrupted' WHERE state = 'running'").changes,
  );
  if (interrupted === 0) return;
  const which = interrupted === 1 ? 'An import was' : `${interrupted} imports were`;
  store.recovered.push(`${which} interrupted: what was imported is here, the rest can be resumed.`);
};
