import { statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../store/index.ts';
import { commitFiles, type FileToCommit, type Known, type ReadInstance, recount } from './commit.ts';
import { type Outcome, recordOutcomes } from './import-records.ts';
import type { ReadFile } from './ingest-messages.ts';
import type { IngestProcess } from './ingest-process.ts';

export interface WorkFile {
  readonly path: string;
  readonly shown: string;
  /** Name below the store's files folder, where the file is a copy of the store's own. */
  readonly copiedAs: string | null;
  /** Archives it came out of. */
  readonly depth: number;
}

type Taken =
  | { readonly kind: 'new'; readonly variant: number }
  | { readonly kind: 'same' | 'found-again'; readonly known: Known }
  /** As another that is taken now. */
  | { readonly kind: 'repeated'; readonly of: number };

const APART = 'Its UID is here already with other content: kept apart as a series of its own.';

/**
 * Decides what becomes of read files and writes it in one transaction. The same file twice is one; a UID that is here
 * with other content is kept apart, never mixed in and never in place of what was there.
 */
export const takeFiles = async (
  tools: { store: Store; filesFolder: string; process: IngestProcess; newId: () => string; now: string },
  importId: string,
  files: readonly WorkFile[],
  answers: readonly ReadFile[],
): Promise<Set<string>> => {
  const { store, filesFolder, process } = tools;
  const outcomes: Outcome[] = [];
  const commits: { file: FileToCommit; shown: string }[] = [];
  const relinks: { known: Known; file: WorkFile; read: ReadInstance }[] = [];
  const unused: string[] = [];
  /** Files like one of `commits`. */
  const repeats: { of: number; shown: string }[] = [];
  /** Taken now, by UID; `at` in `commits`. */
  const fresh = new Map<string, { path: string; read: ReadInstance; variant: number; at: number }[]>();
  const pathOf = (known: Known): string => (known.copied ? join(filesFolder, known.path) : known.path);

  const uids = answers.flatMap((read) => (read.kind === 'instance' ? [read.words.sopInstanceUid] : []));
  const present = Map.groupBy(
    store.read.all<Known & { uid: string }>(
      `SELECT i.sop_instance_uid AS uid, i.id, i.path, i.copied, i.bytes, i.modified_ms, i.fingerprint, s.variant,
        s.study_id, i.missing FROM instances i JOIN series s ON s.id = i.series_id
        WHERE i.sop_instance_uid IN (SELECT value FROM json_each(?)) ORDER BY i.id`,
      JSON.stringify(uids),
    ),
    ({ uid }) => uid,
  );
  const judge = async (read: ReadInstance, path: string): Promise<Taken> => {
    const uid = read.words.sopInstanceUid;
    const known = present.get(uid) ?? [];
    const here = fresh.get(uid) ?? [];
    const alike = (other: { bytes: number; fingerprint: string }): boolean =>
      other.bytes === read.bytes && other.fingerprint === read.fingerprint;
    for (const one of known.filter(alike)) {
      const other = pathOf(one);
      const gone = statSync(other, { throwIfNoEntry: false })?.mtimeMs !== one.modified_ms;
      if (gone) return { kind: 'found-again', known: one };
      if (other === path || (await process.same([[other, path]]))[0]) return { kind: 'same', known: one };
    }
    for (const one of here.filter((f) => alike(f.read)))
      if ((await process.same([[one.path, path]]))[0]) return { kind: 'repeated', of: one.at };
    const used = new Set([...known, ...here].map((one) => one.variant));
    let variant = 0;
    while (used.has(variant)) variant += 1;
    return { kind: 'new', variant };
  };

  for (const [i, file] of files.entries()) {
    const read = answers[i];
    if (!read) continue;
    const { shown, copiedAs } = file;
    const path = copiedAs ? join(filesFolder, copiedAs) : file.path;
    if (read.kind === 'archive') continue;
    if (read.kind !== 'instance') {
      if (copiedAs) unused.push(path);
      outcomes.push({ shown, outcome: read.kind, reason: read.reason, studyId: null });
      continue;
    }
    const taken = await judge(read, path);
    if (taken.kind === 'new') {
      const uid = read.words.sopInstanceUid;
      fresh.set(uid, [...(fresh.get(uid) ?? []), { path, read, variant: taken.variant, at: commits.length }]);
      commits.push({
        file: { read, path: copiedAs ?? path, copied: copiedAs !== null, variant: taken.variant },
        shown,
      });
    } else if (taken.kind === 'found-again') relinks.push({ known: taken.known, file, read });
    else {
      if (copiedAs) unused.push(path);
      if (taken.kind === 'repeated') repeats.push({ of: taken.of, shown });
      else outcomes.push({ shown, outcome: 'already-there', reason: '', studyId: taken.known.study_id });
    }
  }
  const touched = store.transaction((writer) => {
    const { studyIds, seriesIds } = commitFiles(
      writer,
      commits.map(({ file }) => file),
      tools,
    );
    for (const { known, file, read } of relinks) {
      writer.run(
        'UPDATE instances SET path = ?, copied = ?, modified_ms = ?, missing = 0 WHERE id = ?',
        file.copiedAs ?? file.path,
        file.copiedAs ? 1 : 0,
        read.modifiedMs,
        known.id,
      );
      const row = writer.get<{ series_id: string }>('SELECT series_id FROM instances WHERE id = ?', known.id);
      if (row) seriesIds.add(row.series_id);
      const reason = 'Found again after its source was missing.';
      outcomes.push({ shown: file.shown, outcome: 'imported', reason, studyId: known.study_id });
    }
    commits.forEach(({ file, shown }, i) => {
      const reason = file.read.words.refused ?? (file.variant > 0 ? APART : '');
      outcomes.push({ shown, outcome: 'imported', reason, studyId: studyIds[i] ?? null });
    });
    for (const { of, shown } of repeats)
      outcomes.push({ shown, outcome: 'already-there', reason: '', studyId: studyIds[of] ?? null });
    recordOutcomes(writer, importId, outcomes);
    return recount(writer, seriesIds);
  });
  await Promise.all(unused.map((path) => rm(path, { force: true })));
  return touched;
};
