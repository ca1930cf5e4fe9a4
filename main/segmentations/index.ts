import { Fault, type Segmentation, type SegmentReview } from '../../preload/contract/index.ts';
import type { Base, Segmentations, Settings, Studies } from '../domains.ts';
import { createChanges } from '../process/changes.ts';
import { createConforming } from './conform.ts';
import { createExport } from './export.ts';
import { createFiles } from './files.ts';
import { createKeeping } from './keep.ts';
import { createLabels } from './labels.ts';
import { createMaking } from './make.ts';
import { createMeasuring } from './measure.ts';
import { createSegmentationMedia } from './media.ts';
import { overlayOf, type SegmentationRow, segmentationOf, segmentationRow } from './rows.ts';
import { createSettling } from './settle.ts';

/** Segmentations that the reader edits: copied from marks or begun empty, kept edit by edit, each durable when it is answered. */
export const createSegmentations = (
  base: Base,
  studies: Studies,
  settings: Pick<Settings, 'handlers' | 'reader'>,
): Segmentations => {
  const { store, outside } = base;
  const files = createFiles(store);
  const labels = createLabels(store.read, files.pathOf, outside.log);
  const settling = createSettling(base, files, labels);
  const keep = createKeeping(base, files);
  const measure = createMeasuring(base, studies, labels);
  const conform = createConforming(base, studies, files, labels);
  /** Of images that are gone: their labels lie nowhere. */
  const strayed = new Set<string>();
  const making = createMaking(base, studies, files, labels);
  const write = createExport(studies, settings, labels);
  const changes = createChanges<{ studyId: string; overlayId: string; current: string | null }>();
  const get = (id: string): Segmentation => segmentationOf(store.read, segmentationRow(store.read, id));
  const rowsOf = (studyId: string): SegmentationRow[] =>
    store.read.all<SegmentationRow>('SELECT * FROM segmentation WHERE study_id = ? ORDER BY created_at, id', studyId);

  studies.onRemove((writer, studyId) => {
    const gone = files.of('study_id', studyId).map(files.pathOf);
    writer.run('DELETE FROM segmentation WHERE study_id = ?', studyId);
    writer.run('DELETE FROM segment_review WHERE study_id = ?', studyId);
    return gone;
  });
  studies.moreOverlays((studyId) => rowsOf(studyId).map((row) => overlayOf(store.read, row, strayed.has(row.id))));

  const remove = async (id: string): Promise<void> => {
    const row = segmentationRow(store.read, id);
    const gone = files.of('id', id);
    store.transaction((writer) => {
      writer.run('DELETE FROM segmentation WHERE id = ?', id);
      writer.run('DELETE FROM segment_review WHERE overlay_id = ?', id);
      files.forget(writer, gone);
    });
    await files.deleteForgotten(gone);
    studies.changed(row.study_id);
  };
  const review = ({ overlayId, value, state, locked }: SegmentReview): void => {
    const { studyId } = studies.seriesOf(making.overlay(overlayId).seriesId);
    store.transaction((writer) =>
      writer.run(
        'INSERT OR REPLACE INTO segment_review (overlay_id, value, study_id, state, locked) VALUES (?, ?, ?, ?, ?)',
        overlayId,
        value,
        studyId,
        state,
        locked ? 1 : 0,
      ),
    );
    changes.tell({ studyId, overlayId, current: null });
  };

  return {
    measured: async (studyId) => {
      for (const { id } of rowsOf(studyId)) {
        if (await conform(segmentationRow(store.read, id))) strayed.delete(id);
        else strayed.add(id);
        const row = segmentationRow(store.read, id);
        if (row.measured_edit === row.current) continue;
        await measure(id).catch((error: unknown) => {
          if (!(error instanceof Fault)) throw error;
          outside.log.warn('a segmentation could not be measured', { segmentationId: row.id, code: error.code });
        });
      }
    },
    settle: settling.now,
    media: createSegmentationMedia({
      read: store.read,
      labels,
      take: async (segmentationId, request) => {
        const row = await keep(segmentationId, request);
        changes.tell({ studyId: row.study_id, overlayId: row.id, current: row.current });
        settling.soon(row);
      },
      write: (overlayId, form) => write(making.overlay(overlayId), form),
    }),
    handlers: {
      segmentations: {
        copy: async ({ id, overlayId }) => {
          await making.copy(id, overlayId);
          return get(id);
        },
        create: async ({ id, seriesId, title }) => {
          await making.create(id, seriesId, title);
          return get(id);
        },
        get: ({ segmentationId }) => get(segmentationId),
        list: () => ({
          segmentations: store.read.all<{ id: string; studyId: string; title: string }>(
            'SELECT id, study_id AS studyId, title FROM segmentation ORDER BY changed_at DESC, id',
          ),
        }),
        rename: ({ segmentationId, title }) => {
          const row = segmentationRow(store.read, segmentationId);
          store.transaction((writer) => writer.run('UPDATE segmentation SET title = ? WHERE id = ?', title, row.id));
          studies.changed(row.study_id);
          return {};
        },
        remove: async ({ segmentationId }) => {
          await remove(segmentationId);
          return {};
        },
        reviews: ({ studyId }) => ({
          reviews: store.read
            .all<Omit<SegmentReview, 'locked'> & { locked: number }>(
              'SELECT overlay_id AS overlayId, value, state, locked FROM segment_review WHERE study_id = ?',
              studyId,
            )
            .map((row) => ({ ...row, locked: row.locked === 1 })),
        }),
        review: (params) => {
          review(params);
          return {};
        },
        changed: ({ studyId }, emit, signal) =>
          changes.listen(({ studyId: of, ...change }) => {
            if (of === studyId) emit(change);
          }, signal),
      },
    },
    close: settling.close,
  };
};
