import { inflateRawSync } from 'node:zlib';
import type { LabelMeasure } from '../../models/kit/labels/measure.ts';
import {
  Fault,
  type Overlay,
  type Segment,
  type Segmentation,
  type SegmentEdit,
  type Vec3,
} from '../../preload/contract/index.ts';
import type { Reader } from '../store/index.ts';
import { historyOf, type Node } from './journal.ts';

export interface SegmentationRow {
  readonly id: string;
  readonly study_id: string;
  readonly series_id: string;
  readonly title: string;
  readonly source: string | null;
  readonly family: string;
  readonly dims: string;
  readonly frames: string;
  readonly start: string;
  readonly created_at: string;
  readonly changed_at: string;
  readonly file: string;
  readonly file_edit: string | null;
  readonly current: string | null;
  readonly measured: string;
  readonly measured_edit: string | null;
}

/** An edit without its difference. */
export interface EditRow extends Node {
  readonly title: string;
  readonly segments: string | null;
  readonly bytes: number;
}

/** What the labels measured after measured_edit. */
export interface Measured {
  /** Null where the series is no volume with certain millimetres. */
  readonly voxelMl: number | null;
  readonly labels: readonly (Pick<LabelMeasure, 'voxels' | 'bounds'> & { readonly value: number })[];
}

export const segmentationRow = (read: Reader, id: string): SegmentationRow => {
  const row = read.get<SegmentationRow>('SELECT * FROM segmentation WHERE id = ?', id);
  if (!row) throw new Fault('not-found', 'There is no such segmentation.', { segmentationId: id });
  return row;
};

export const dimsOf = (row: Pick<SegmentationRow, 'dims'>): Vec3 => JSON.parse(row.dims) as Vec3;

/** In the order made. */
export const editRows = (read: Reader, id: string): Map<string, EditRow> =>
  new Map(
    read
      .all<EditRow>(
        'SELECT id, parent, title, segments, bytes FROM segmentation_edit WHERE segmentation_id = ? ORDER BY number',
        id,
      )
      .map((row) => [row.id, row]),
  );

/** The segments after an edit: as the last one before it that said so left them. */
export const segmentsAfter = (read: Reader, row: SegmentationRow, edit: string | null): Segment[] => {
  for (let at = edit; at !== null; ) {
    const found = read.get<{ parent: string | null; segments: string | null }>(
      'SELECT parent, segments FROM segmentation_edit WHERE segmentation_id = ? AND id = ?',
      row.id,
      at,
    );
    if (!found) throw new Error('an edit of a segmentation is missing');
    if (found.segments !== null) return JSON.parse(found.segments) as Segment[];
    at = found.parent;
  }
  return JSON.parse(row.start) as Segment[];
};

export const segmentationOf = (read: Reader, row: SegmentationRow): Segmentation => {
  const edits = editRows(read, row.id);
  return {
    id: row.id,
    studyId: row.study_id,
    seriesId: row.series_id,
    title: row.title,
    createdAt: row.created_at,
    start: JSON.parse(row.start) as Segment[],
    current: row.current,
    history: historyOf(edits, row.current).flatMap((id): SegmentEdit[] => {
      const edit = edits.get(id);
      if (!edit) return [];
      const segments = edit.segments === null ? null : (JSON.parse(edit.segments) as Segment[]);
      return [{ id, title: edit.title, bytes: edit.bytes, segments }];
    }),
  };
};

/** strayed: images that it was drawn on are gone. Then it is listed, and says so, with nothing to show. */
export const overlayOf = (
  read: Reader,
  row: SegmentationRow,
  strayed = false,
): Extract<Overlay, { kind: 'labelmap' }> => {
  const measured = JSON.parse(row.measured) as Measured;
  const source = row.source === null ? null : (JSON.parse(row.source) as { overlayId: string; title: string });
  return {
    kind: 'labelmap',
    id: row.id,
    seriesId: row.series_id,
    maker: { kind: 'reader' },
    createdAt: row.changed_at,
    title: strayed ? `${row.title} (not shown: images that it was drawn on are gone)` : row.title,
    dims: dimsOf(row),
    family: row.family,
    edited: { source, current: row.current },
    labels: (strayed ? [] : segmentsAfter(read, row, row.current)).map((segment) => {
      const one = measured.labels.find(({ value }) => value === segment.value);
      const voxels = one?.voxels ?? 0;
      const volumeMl = measured.voxelMl === null ? null : voxels * measured.voxelMl;
      return { ...segment, voxels, volumeMl, bounds: one ? [...one.bounds] : null };
    }),
  };
};

/** The difference of an edit where it lies in the database; path of its file where it does not; null where it has none. */
export const differenceOf = (
  read: Reader,
  segmentationId: string,
  editId: string,
): { bytes: Uint8Array } | { file: string } | null => {
  const row = read.get<{ bytes: number; difference: Uint8Array | null; file: string | null }>(
    'SELECT bytes, difference, file FROM segmentation_edit WHERE segmentation_id = ? AND id = ?',
    segmentationId,
    editId,
  );
  if (!row) throw new Fault('not-found', 'There is no such edit.', { segmentationId });
  if (row.file !== null) return { file: row.file };
  return row.difference === null ? null : { bytes: inflateRawSync(row.difference) };
};
