import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { Fault } from '../../preload/contract/index.ts';
import type { Base } from '../domains.ts';
import { noteDone, type Writer, wasDone } from '../store/index.ts';
import { bodyOf, type ReadAct, readActs } from './acts.ts';
import { diskFault, type Files } from './files.ts';
import { dimsOf, type SegmentationRow, segmentationRow, segmentsAfter } from './rows.ts';
import { writeDurably } from './slices.ts';

const deflate = promisify<Uint8Array, { level: number }, Buffer>(deflateRaw);

/** A larger difference lies in a file of its own: the database stays small. */
const MOST_IN_ROW = 64 * 1024;

interface Stored {
  readonly row: Uint8Array | null;
  readonly file: string | null;
}

/** Takes the acts of a request in: all or none, each once, durable when it settles. */
export const createKeeping = (base: Pick<Base, 'store' | 'newId' | 'outside'>, files: Files) => {
  const { store, newId, outside } = base;

  /** What does not go into the database is written before that names it. */
  const write = async (acts: readonly ReadAct[], stored: Map<string, Stored>): Promise<void> => {
    for (const act of acts) {
      if (act.kind === 'move' || act.difference.length === 0) continue;
      const packed = await deflate(act.difference, { level: 1 });
      if (packed.length <= MOST_IN_ROW) {
        stored.set(act.id, { row: packed, file: null });
        continue;
      }
      const file = newId();
      stored.set(act.id, { row: null, file });
      await writeDurably(files.pathOf(file), async (handle) => {
        await handle.writeFile(packed);
      });
    }
  };

  const conflict = (segmentationId: string, current: string | null): Fault =>
    new Fault('conflict', 'The segmentation was edited elsewhere meanwhile.', { segmentationId, current });

  const checkSegments = (writer: Writer, row: SegmentationRow, act: Extract<ReadAct, { kind: 'edit' }>): void => {
    const segments = act.segments ?? segmentsAfter(writer, row, act.parent);
    const values = new Set(segments.map(({ value }) => value));
    if (values.size !== segments.length) throw new Fault('invalid', 'Two segments have the same number.');
    if ([...act.brought].some((value) => !values.has(value)))
      throw new Fault('invalid', 'The edit marks voxels of a segment that is not there.');
  };

  /** Inside a transaction: does what was not done yet; answers the present edit and the files that are not needed. */
  const apply = (
    writer: Writer,
    row: SegmentationRow,
    acts: readonly ReadAct[],
    stored: ReadonlyMap<string, Stored>,
  ): { current: string | null; unused: string[] } => {
    const at = outside.now().toISOString();
    const unused: string[] = [];
    let current = row.current;
    const has = (id: string): boolean =>
      writer.get('SELECT 1 FROM segmentation_edit WHERE segmentation_id = ? AND id = ?', row.id, id) !== undefined;
    for (const act of acts) {
      if (act.kind === 'move') {
        const operation = { opId: act.id, kind: 'segmentation.move', subject: row.id };
        if (wasDone(writer, operation)) continue;
        if (act.from !== current) throw conflict(row.id, current);
        if (act.to !== null && !has(act.to))
          throw new Fault('not-found', 'The edit to go to is no longer there.', { segmentationId: row.id });
        noteDone(writer, operation, row.study_id, at);
        current = act.to;
        continue;
      }
      const { row: difference, file } = stored.get(act.id) ?? { row: null, file: null };
      if (has(act.id)) {
        if (file !== null) unused.push(file);
        continue;
      }
      if (act.parent !== current) throw conflict(row.id, current);
      checkSegments(writer, row, act);
      writer.run(
        `INSERT INTO segmentation_edit (segmentation_id, id, parent, at, title, segments, bytes, difference, file)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        row.id,
        act.id,
        act.parent,
        at,
        act.title,
        act.segments === null ? null : JSON.stringify(act.segments),
        act.difference.length,
        difference,
        file,
      );
      current = act.id;
    }
    // Marks made anew under the same id are other marks, and that is told by their time.
    const next = at > row.changed_at ? at : new Date(Date.parse(row.changed_at) + 1).toISOString();
    writer.run('UPDATE segmentation SET current = ?, changed_at = ? WHERE id = ?', current, next, row.id);
    return { current, unused };
  };

  return async (segmentationId: string, request: Request): Promise<SegmentationRow> => {
    const [columns, rows, count] = dimsOf(segmentationRow(store.read, segmentationId));
    const acts = readActs(await bodyOf(request), columns * rows, count);
    const stored = new Map<string, Stored>();
    try {
      await write(acts, stored);
      const { unused } = store.transaction((writer) =>
        apply(writer, segmentationRow(writer, segmentationId), acts, stored),
      );
      for (const file of unused) await rm(files.pathOf(file), { force: true });
    } catch (error) {
      for (const { file } of stored.values()) if (file !== null) await rm(files.pathOf(file), { force: true });
      throw diskFault(error);
    }
    return segmentationRow(store.read, segmentationId);
  };
};
