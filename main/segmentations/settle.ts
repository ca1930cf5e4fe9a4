import type { Base } from '../domains.ts';
import type { Writer } from '../store/index.ts';
import type { Files } from './files.ts';
import { historyOf } from './journal.ts';
import type { Labels } from './labels.ts';
import { dimsOf, editRows, type SegmentationRow } from './rows.ts';
import { writeSlices } from './slices.ts';

/** Edits, or bytes of them, after which the labels are written anew, so that opening them stays quick. */
const MOST_EDITS = 200;
const MOST_EDIT_BYTES = 8 * 2 ** 20;

/**
 * Writes the labels anew as they are after the present edit, and lets go of edits that can no longer be reached. The file
 * before stays until the new one is on disk and named.
 */
export const createSettling = (base: Pick<Base, 'store' | 'newId' | 'outside'>, files: Files, labels: Labels) => {
  const { store, newId, outside } = base;
  const running = new Map<string, Promise<void>>();
  let closed = false;

  /** Inside a transaction. Answers the files that are of no use any more. */
  const name = (writer: Writer, written: SegmentationRow, file: string): string[] => {
    const row = writer.get<SegmentationRow>('SELECT * FROM segmentation WHERE id = ?', written.id);
    // Removed meanwhile.
    if (!row) return [file];
    writer.run('UPDATE segmentation SET file = ?, file_edit = ? WHERE id = ?', file, written.current, row.id);
    const useless = [row.file];
    // Where another edit has come meanwhile, the way from the file to it is needed: the next time then.
    if (row.current === written.current) {
      const edits = editRows(writer, row.id);
      const reachable = new Set(historyOf(edits, row.current));
      for (const id of edits.keys()) {
        if (reachable.has(id)) continue;
        const gone = writer.get<{ file: string | null }>(
          'SELECT file FROM segmentation_edit WHERE segmentation_id = ? AND id = ?',
          row.id,
          id,
        );
        writer.run('DELETE FROM segmentation_edit WHERE segmentation_id = ? AND id = ?', row.id, id);
        if (gone?.file) useless.push(gone.file);
      }
    }
    files.forget(writer, useless);
    return useless;
  };

  const settle = async (segmentationId: string): Promise<void> => {
    const file = newId();
    const written = await labels.withLabels(segmentationId, async (open) => {
      await writeSlices(files.pathOf(file), dimsOf(open.row), open.packed);
      return open.row;
    });
    await files.deleteForgotten(store.transaction((writer) => name(writer, written, file)));
  };

  const inTurn = (segmentationId: string): Promise<void> => {
    const known = running.get(segmentationId);
    if (known) return known;
    const mine = settle(segmentationId).finally(() => running.delete(segmentationId));
    running.set(segmentationId, mine);
    return mine;
  };

  return {
    now: inTurn,
    /** In the background, where enough has come together. */
    soon: (row: SegmentationRow): void => {
      const since = store.read.get<{ edits: number; bytes: number | null }>(
        `SELECT count(*) AS edits, sum(bytes) AS bytes FROM segmentation_edit WHERE segmentation_id = ?1 AND number >
          coalesce((SELECT number FROM segmentation_edit WHERE segmentation_id = ?1 AND id = ?2), 0)`,
        row.id,
        row.file_edit,
      );
      if (closed || since === undefined) return;
      if (since.edits < MOST_EDITS && (since.bytes ?? 0) < MOST_EDIT_BYTES) return;
      inTurn(row.id).catch((error: unknown) =>
        outside.log.error('a segmentation could not be written anew', error, { segmentationId: row.id }),
      );
    },
    close: async (): Promise<void> => {
      closed = true;
      await Promise.allSettled(running.values());
    },
  };
};
