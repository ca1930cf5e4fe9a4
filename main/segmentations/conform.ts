import type { SeriesImages, Vec3 } from '../../preload/contract/index.ts';
import type { Base, Studies } from '../domains.ts';
import type { Files } from './files.ts';
import type { Labels } from './labels.ts';
import { dimsOf, type SegmentationRow, segmentationRow, segmentsAfter } from './rows.ts';
import { writeSlices } from './slices.ts';

type FrameName = readonly [instanceUid: string, frameNumber: number];

export const frameNames = (images: SeriesImages): FrameName[] =>
  images.frames.map(({ instanceUid, frameNumber }) => [instanceUid, frameNumber]);

const keyOf = ([uid, frame]: FrameName): string => `${uid} ${frame}`;

/** Where each image of the series lies in the segmentation, null for new ones; undefined where an image of it is gone. */
const slicesFor = (drawn: readonly FrameName[], now: readonly FrameName[]): (number | null)[] | undefined => {
  const known = new Map(drawn.map((frame, k) => [keyOf(frame), k]));
  const slices = now.map((frame) => known.get(keyOf(frame)) ?? null);
  return slices.filter((k) => k !== null).length === known.size ? slices : undefined;
};

/**
 * Images can come to a series after labels were drawn on it, or leave it. Where all that were drawn on are still there, the
 * labels are laid on them anew, with nothing on the new ones; the history then begins there. Answers false where images
 * are gone: the labels stay as they are, and are not shown.
 */
export const createConforming = (
  { store, newId, outside }: Pick<Base, 'store' | 'newId' | 'outside'>,
  studies: Pick<Studies, 'images'>,
  files: Files,
  labels: Labels,
) => {
  const layAnew = async (
    row: SegmentationRow,
    images: SeriesImages,
    slices: readonly (number | null)[],
  ): Promise<void> => {
    const [columns, rows] = dimsOf(row);
    const dims: Vec3 = [columns, rows, images.frames.length];
    const file = newId();
    const written = await labels.withLabels(row.id, async (open) => {
      await writeSlices(files.pathOf(file), dims, async (k) => {
        const from = slices[k];
        return from === null || from === undefined ? { bytes: new Uint8Array(0), crc: 0 } : open.packed(from);
      });
      return open.row;
    });
    const useless = store.transaction((writer) => {
      const now = segmentationRow(writer, row.id);
      // Edited meanwhile: the next time then.
      if (now.current !== written.current || now.frames !== written.frames) {
        files.forget(writer, [file]);
        return [file];
      }
      const gone = files.of('id', row.id);
      const segments = segmentsAfter(writer, now, now.current);
      writer.run('DELETE FROM segmentation_edit WHERE segmentation_id = ?', row.id);
      // An edit of its own: what a window still draws on the former grid is made on an edit that is no longer there.
      const id = newId();
      const at = outside.now().toISOString();
      writer.run(
        `INSERT INTO segmentation_edit (segmentation_id, id, parent, at, title, segments, bytes, difference, file)
          VALUES (?, ?, NULL, ?, 'Series changed', NULL, 0, NULL, NULL)`,
        row.id,
        id,
        at,
      );
      writer.run(
        `UPDATE segmentation SET dims = ?, frames = ?, start = ?, file = ?, file_edit = ?, current = ?, changed_at = ?,
          measured_edit = NULL WHERE id = ?`,
        JSON.stringify(dims),
        JSON.stringify(frameNames(images)),
        JSON.stringify(segments),
        file,
        id,
        id,
        at,
        row.id,
      );
      files.forget(writer, gone);
      return gone;
    });
    await files.deleteForgotten(useless);
    outside.log.info('a segmentation was laid on the images that its series has now', { segmentationId: row.id });
  };

  return async (row: SegmentationRow): Promise<boolean> => {
    const images = await studies.images(row.series_id).catch(() => null);
    // A series that cannot be shown now shows no labels either.
    if (images === null) return true;
    const now = frameNames(images);
    if (JSON.stringify(now) === row.frames) return true;
    const slices = slicesFor(JSON.parse(row.frames) as FrameName[], now);
    const [columns, rows] = dimsOf(row);
    if (slices === undefined || images.frames.some((frame) => frame.columns !== columns || frame.rows !== rows))
      return false;
    await layAnew(row, images, slices);
    return true;
  };
};
