import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../preload/contract/index.ts';
import type { Store, Writer } from '../store/index.ts';

/** Errors of the file system in words; the code decides, the message (which names a path) stays here. */
export const diskFault = (error: unknown): unknown => {
  const code = String((error as { code?: unknown } | null)?.code ?? '');
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new Fault('refused', 'The disk of the store is full: nothing was changed.', { code });
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM')
    return new Fault('refused', 'The folder of the store cannot be written.', { code });
  return error;
};

/** The folder of this domain's files; what a crash left in it, written and named by no row, is deleted. */
export const createFiles = (store: Store) => {
  const folder = join(store.folder, 'segmentations');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const named = new Set(
    store.read
      .all<{ file: string }>(
        'SELECT file FROM segmentation UNION ALL SELECT file FROM segmentation_edit WHERE file IS NOT NULL',
      )
      .map(({ file }) => file),
  );
  for (const name of readdirSync(folder)) if (!named.has(name)) rmSync(join(folder, name), { force: true });

  const pathOf = (file: string): string => join(folder, file);
  return {
    pathOf,
    /** Files that a transaction makes useless: written down in it, so that a crash before they are gone loses none. */
    forget: (writer: Writer, files: readonly string[]): void => {
      for (const file of files) writer.run('INSERT OR IGNORE INTO file_removals (path) VALUES (?)', pathOf(file));
    },
    /** After it. One that cannot be deleted now is deleted at the next start. */
    deleteForgotten: async (files: readonly string[]): Promise<void> => {
      for (const file of files) {
        const gone = await rm(pathOf(file), { force: true }).then(
          () => true,
          () => false,
        );
        if (gone) store.transaction((writer) => writer.run('DELETE FROM file_removals WHERE path = ?', pathOf(file)));
      }
    },
    /** Files of segmentations where a column has a value. */
    of: (column: 'id' | 'study_id', value: string): string[] =>
      store.read
        .all<{ file: string }>(
          `SELECT file FROM segmentation WHERE ${column} = ?1 UNION ALL
            SELECT e.file FROM segmentation_edit e JOIN segmentation s ON s.id = e.segmentation_id
            WHERE e.file IS NOT NULL AND s.${column} = ?1`,
          value,
        )
        .map(({ file }) => file),
  };
};
export type Files = ReturnType<typeof createFiles>;
