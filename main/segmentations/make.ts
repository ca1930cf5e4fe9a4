import { safeColor } from '../../models/kit/labels/colors.ts';
import { measureSlice, type SliceMeasure } from '../../models/kit/labels/measure.ts';
import { Fault, type Overlay, type Segment, type SeriesImages, type Vec3 } from '../../preload/contract/index.ts';
import type { Base, Studies } from '../domains.ts';
import { frameNames } from './conform.ts';
import { diskFault, type Files } from './files.ts';
import type { Labels } from './labels.ts';
import { measuredOf } from './measure.ts';
import { overlayOf, type SegmentationRow } from './rows.ts';
import { packSlice, writeSlices } from './slices.ts';

type LabelMap = Extract<Overlay, { kind: 'labelmap' }>;

interface Made {
  readonly title: string;
  readonly source: { readonly overlayId: string; readonly title: string } | null;
  readonly family: string;
  readonly start: readonly Segment[];
}

/** Makes segmentations for the reader to edit: a copy of marks, or an empty one. */
export const createMaking = (
  base: Pick<Base, 'store' | 'newId' | 'outside'>,
  studies: Studies,
  files: Files,
  labels: Labels,
) => {
  const { store, newId, outside } = base;

  const gridOf = (images: SeriesImages): Vec3 => {
    const [first] = images.frames;
    if (!first || images.frames.some(({ columns, rows }) => columns !== first.columns || rows !== first.rows))
      throw new Fault('refused', 'The images of this series differ in size: they share no grid for labels.', {
        seriesId: images.seriesId,
      });
    return [first.columns, first.rows, images.frames.length];
  };

  const insert = async (
    id: string,
    images: SeriesImages,
    made: Made,
    sliceAt: (k: number) => Promise<Uint8Array | null>,
  ): Promise<void> => {
    const dims = gridOf(images);
    const { studyId } = studies.seriesOf(images.seriesId);
    const file = newId();
    const slices: SliceMeasure[] = [];
    await writeSlices(files.pathOf(file), dims, async (k) => {
      const slice = await sliceAt(k);
      slices[k] = slice === null ? new Map() : measureSlice(slice, dims[0]);
      return slice === null ? { bytes: new Uint8Array(0), crc: 0 } : packSlice(slice);
    }).catch((error: unknown) => {
      throw diskFault(error);
    });
    const at = outside.now().toISOString();
    store.transaction((writer) =>
      writer.run(
        `INSERT INTO segmentation (id, study_id, series_id, title, source, family, dims, frames, start, created_at,
          changed_at, file, file_edit, current, measured, measured_edit)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL, ?, NULL)`,
        id,
        studyId,
        images.seriesId,
        made.title,
        made.source === null ? null : JSON.stringify(made.source),
        made.family,
        JSON.stringify(dims),
        JSON.stringify(frameNames(images)),
        JSON.stringify(made.start),
        at,
        at,
        file,
        JSON.stringify(measuredOf(slices, images)),
      ),
    );
    studies.changed(studyId);
  };

  const rowOf = (id: string): SegmentationRow | undefined =>
    store.read.get<SegmentationRow>('SELECT * FROM segmentation WHERE id = ?', id);

  /** 'Organs, edited', and where that is taken 'Organs, edited 2'. */
  const editedTitle = (seriesId: string, title: string): string => {
    const taken = new Set(
      store.read
        .all<{ title: string }>('SELECT title FROM segmentation WHERE series_id = ?', seriesId)
        .map((row) => row.title),
    );
    const first = `${title.slice(0, 80)}, edited`;
    for (let n = 1; ; n++) {
      const wanted = n === 1 ? first : `${first} ${n}`;
      if (!taken.has(wanted)) return wanted;
    }
  };

  const overlay = (overlayId: string): LabelMap => {
    const own = rowOf(overlayId);
    const found = own ? overlayOf(store.read, own) : studies.overlay(overlayId);
    if (found?.kind !== 'labelmap') throw new Fault('not-found', 'There is no such label map.', { overlayId });
    return found;
  };

  return {
    /** Any label map, the reader's own included. */
    overlay,
    copy: async (id: string, overlayId: string): Promise<void> => {
      if (rowOf(id)) return;
      const from = overlay(overlayId);
      const images = await studies.images(from.seriesId);
      const [columns, rows] = gridOf(images);
      if (gridOf(images).some((size, n) => size !== from.dims[n]))
        throw new Fault('refused', 'These labels do not fit the grid of their series.', { overlayId });
      const made: Made = {
        title: editedTitle(from.seriesId, from.title),
        source: { overlayId, title: from.title },
        // Parts copied one after another stay parts of one segmentation.
        family: from.family === undefined ? id : `${from.family.slice(0, 60)}.e`,
        start: from.labels.map(({ value, name, code, color, category, tracking }) => {
          const known = { ...(category ? { category } : {}), ...(tracking ? { tracking } : {}) };
          return { value, name: name.slice(0, 64) || `Label ${value}`, code, color, ...known };
        }),
      };
      if (from.edited) return labels.withLabels(overlayId, (open) => insert(id, images, made, open.slice));
      const bytes = await studies.overlayBytes(overlayId);
      const size = columns * rows;
      await insert(id, images, made, async (k) => bytes.subarray(k * size, (k + 1) * size));
    },
    create: async (id: string, seriesId: string, title: string): Promise<void> => {
      if (rowOf(id)) return;
      const start = [{ value: 1, name: 'Segment 1', code: null, color: safeColor(0) }];
      await insert(id, await studies.images(seriesId), { title, source: null, family: id, start }, async () => null);
    },
  };
};
