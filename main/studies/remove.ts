import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../preload/contract/index.ts';
import type { Base } from '../domains.ts';
import type { Writer } from '../store/index.ts';
import { folded } from './rows.ts';

type RemoveListener = (writer: Writer, studyId: string) => readonly string[];

/**
 * Removes a study and everything derived from it. Files to delete are written down in the same transaction, so that a
 * crash before they are gone leaves none behind: the next start deletes them.
 */
export const createRemoval = (
  base: Base,
  parts: {
    listeners: readonly RemoveListener[];
    overlayFiles: (studyId: string) => string[];
    cacheFolder: (seriesId: string) => string;
  },
) => {
  const { store, outside } = base;
  const filesFolder = join(outside.storeFolder, 'files');

  const deleteFiles = async (): Promise<number> => {
    const rows = store.read.all<{ path: string }>('SELECT path FROM file_removals');
    for (const { path } of rows) {
      await rm(path, { recursive: true, force: true });
      store.transaction((writer) => writer.run('DELETE FROM file_removals WHERE path = ?', path));
    }
    return rows.length;
  };

  return {
    /** What a crash left to delete. */
    finish: deleteFiles,
    remove: async (studyId: string): Promise<void> => {
      const study = store.read.get<{ patient_name: string }>('SELECT patient_name FROM studies WHERE id = ?', studyId);
      if (!study) throw new Fault('not-found', 'There is no such study.', { studyId });
      const series = store.read.all<{ id: string }>('SELECT id FROM series WHERE study_id = ?', studyId);
      const cached = series.map(({ id }) => parts.cacheFolder(id));
      const copies = store.read
        .all<{ path: string }>(
          'SELECT i.path FROM instances i JOIN series s ON s.id = i.series_id WHERE s.study_id = ? AND i.copied = 1',
          studyId,
        )
        .map(({ path }) => join(filesFolder, path));
      const own = [...cached, ...copies, ...parts.overlayFiles(studyId)];
      const nameWords = folded(study.patient_name)
        .split(' ')
        .filter((word) => word.length > 2);
      store.transaction((writer) => {
        const derived = parts.listeners.flatMap((listener) => listener(writer, studyId));
        // Paths of imports are often named after the patient: those of this study go, and all of the same imports
        // that belong to no study, and any that hold a word of the name.
        writer.run(
          `DELETE FROM import_files WHERE study_id IS NULL AND import_id IN
            (SELECT import_id FROM import_files WHERE study_id = ?)`,
          studyId,
        );
        writer.run('DELETE FROM import_files WHERE study_id = ?', studyId);
        const others = writer.all<{ import_id: string; n: number; path: string }>(
          'SELECT import_id, n, path FROM import_files',
        );
        for (const { import_id, n, path } of others) {
          const text = folded(path);
          if (nameWords.some((word) => text.includes(word)))
            writer.run('DELETE FROM import_files WHERE import_id = ? AND n = ?', import_id, n);
        }
        const sources = writer.all<{ id: string; source: string }>(
          'SELECT id, source FROM imports WHERE source IS NOT NULL',
        );
        for (const { id, source } of sources)
          if (nameWords.some((word) => folded(source).includes(word)))
            writer.run('UPDATE imports SET source = NULL WHERE id = ?', id);
        writer.run('DELETE FROM overlays WHERE study_id = ?', studyId);
        writer.run('DELETE FROM studies WHERE id = ?', studyId);
        for (const path of [...own, ...derived])
          writer.run('INSERT OR IGNORE INTO file_removals (path) VALUES (?)', path);
      });
      await deleteFiles();
      const name = study.patient_name;
      const used = store.read.get('SELECT 1 FROM studies WHERE patient_name = ?', name) !== undefined;
      // As it was written, as names are shown, and as they are searched.
      store.scrub(used ? [] : [name, name.replaceAll('^', ' '), folded(name)]);
    },
  };
};
