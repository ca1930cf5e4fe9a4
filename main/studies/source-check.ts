import { stat } from 'node:fs/promises';
import type { Base } from '../domains.ts';
import { recount } from './commit.ts';

interface Placed {
  readonly id: number;
  readonly series_id: string;
  readonly path: string;
  readonly bytes: number;
  readonly modified_ms: number;
  readonly missing: number;
}

const CHUNK = 200;

/**
 * Looks once, in the background, whether files that lie in place are still there and unchanged, so that the worklist
 * says so before a study is opened. What is opened is looked at again anyway.
 */
export const checkSources = async (
  base: Base,
  signal: AbortSignal,
  changed: (studyId: string) => void,
): Promise<void> => {
  const { store } = base;
  let last = 0;
  while (!signal.aborted) {
    const rows = store.read.all<Placed>(
      'SELECT id, series_id, path, bytes, modified_ms, missing FROM instances WHERE copied = 0 AND id > ? ORDER BY id LIMIT ?',
      last,
      CHUNK,
    );
    if (rows.length === 0) return;
    last = rows.at(-1)?.id ?? last;
    const wrong: { row: Placed; missing: number }[] = [];
    for (const row of rows) {
      if (signal.aborted) return;
      const found = await stat(row.path).catch(() => null);
      const missing = found?.size === row.bytes && found.mtimeMs === row.modified_ms ? 0 : 1;
      if (missing !== row.missing) wrong.push({ row, missing });
    }
    if (wrong.length === 0 || signal.aborted) continue;
    const studyIds = store.transaction((writer) => {
      for (const { row, missing } of wrong)
        writer.run('UPDATE instances SET missing = ? WHERE id = ?', missing, row.id);
      return recount(
        writer,
        wrong.map(({ row }) => row.series_id),
      );
    });
    for (const studyId of studyIds) changed(studyId);
  }
};
