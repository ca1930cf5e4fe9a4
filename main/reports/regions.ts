import { Fault, type Region, type ReportEdit, type Sentence } from '../../preload/contract/index.ts';
import type { Studies } from '../domains.ts';
import { canonical } from './canonical.ts';

/** The regions that an edit brings and the report does not hold yet. */
const brought = (edit: ReportEdit, sentences: readonly Sentence[]): readonly Region[] => {
  const regions = edit.kind === 'set-regions' ? edit.regions : edit.kind === 'add' ? edit.sentence.regions : [];
  const held = new Set(sentences.flatMap((one) => [...one.regions, ...(one.draftRegions ?? [])]).map(canonical));
  return regions.filter((region) => !held.has(canonical(region)));
};

/** Faults 'invalid' where a region is not on an image of this study: a sentence must never point at another's. */
export const checkRegions = async (
  studies: Studies,
  studyId: string,
  edit: ReportEdit,
  sentences: readonly Sentence[],
): Promise<void> => {
  const regions = brought(edit, sentences);
  if (regions.length === 0) return;
  const own = new Set(studies.study(studyId).series.map((series) => series.id));
  const marks = new Map(studies.overlays(studyId).map((overlay) => [overlay.id, overlay]));
  for (const region of regions) {
    const { seriesId, frameIndex, instanceUid } = region;
    if (!own.has(seriesId)) throw new Fault('invalid', 'A region names a series of another study.', { seriesId });
    const frame = (await studies.images(seriesId)).frames[frameIndex];
    if (!frame || frame.instanceUid !== instanceUid)
      throw new Fault('invalid', 'A region names an image that is not there.', { seriesId, frameIndex });
    if (region.kind === 'box') {
      const [x0, y0, x1, y1] = region.box;
      if (!(x0 < x1 && y0 < y1 && x0 >= 0 && y0 >= 0 && x1 <= frame.columns && y1 <= frame.rows))
        throw new Fault('invalid', 'A box is not inside its image.', { seriesId, frameIndex });
    } else {
      const overlay = marks.get(region.overlayId);
      const known = overlay?.kind === 'labelmap' && overlay.labels.some((label) => label.value === region.value);
      if (!known || overlay.seriesId !== seriesId)
        throw new Fault('invalid', 'A region names a label that is not there.', { overlayId: region.overlayId });
    }
  }
};
