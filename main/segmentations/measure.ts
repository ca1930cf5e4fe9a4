import { changedSlices } from '../../models/kit/labels/difference.ts';
import { measureLabels, measureSlice, type SliceMeasure, voxelMl } from '../../models/kit/labels/measure.ts';
import type { SeriesImages } from '../../preload/contract/index.ts';
import type { Base, Studies } from '../domains.ts';
import { stepsBetween } from './journal.ts';
import type { Labels } from './labels.ts';
import { dimsOf, editRows, type Measured, segmentationRow } from './rows.ts';

/** Segmentations whose slices' measures are kept: an edit then costs measuring its own slices. */
const MOST_KEPT = 4;

export const measuredOf = (slices: readonly SliceMeasure[], images: SeriesImages | null): Measured => ({
  voxelMl: images?.volume.kind === 'volume' ? voxelMl(images.volume.affineVoxelToPatient) : null,
  labels: [...measureLabels(slices)].map(([value, { voxels, bounds }]) => ({ value, voxels, bounds })),
});

/** Measures a segmentation at its present edit and stores what it found. */
export const createMeasuring = ({ store }: Pick<Base, 'store'>, studies: Pick<Studies, 'images'>, labels: Labels) => {
  const kept = new Map<string, { edit: string | null; slices: SliceMeasure[] }>();

  /** Slices that differ from those measured last; null where all must be looked at. */
  const changedSince = async (id: string, current: string | null): Promise<ReadonlySet<number> | null> => {
    const known = kept.get(id);
    const edits = editRows(store.read, id);
    if (known === undefined || (known.edit !== null && !edits.has(known.edit))) return null;
    const changed = new Set<number>();
    for (const step of stepsBetween(edits, known.edit, current)) {
      const difference = await labels.difference(id, step.id);
      if (difference !== null) for (const k of changedSlices(difference)) changed.add(k);
    }
    return changed;
  };

  return async (segmentationId: string): Promise<void> => {
    const images = await studies.images(segmentationRow(store.read, segmentationId).series_id).catch(() => null);
    const { edit, slices } = await labels.withLabels(segmentationId, async (open) => {
      const [columns, , count] = dimsOf(open.row);
      const changed = await changedSince(segmentationId, open.row.current);
      const found = changed === null ? [] : [...(kept.get(segmentationId)?.slices ?? [])];
      for (let k = 0; k < count; k++)
        if (changed === null || changed.has(k)) found[k] = measureSlice(await open.slice(k), columns);
      return { edit: open.row.current, slices: found };
    });
    kept.delete(segmentationId);
    kept.set(segmentationId, { edit, slices });
    for (const id of kept.keys()) if (kept.size > MOST_KEPT) kept.delete(id);
    store.transaction((writer) =>
      writer.run(
        'UPDATE segmentation SET measured = ?, measured_edit = ? WHERE id = ? AND current IS ?',
        JSON.stringify(measuredOf(slices, images)),
        edit,
        segmentationId,
        edit,
      ),
    );
  };
};
