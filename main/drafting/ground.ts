/** Each sentence's place in the images, and whether its side can be true of that place. */

import { voxelToPatient } from '../../models/kit/geometry.ts';
import type { Finding, Overlay, Region, SeriesImages, Side } from '../../preload/contract/index.ts';
import { termOf } from './phrases.ts';

export interface Ground {
  readonly images: ReadonlyMap<string, SeriesImages>;
  readonly overlays: readonly Overlay[];
}

/** Patient x (mm, + to the left) of the middle of the body: the spine's where it was segmented, else the grid's. */
const midlineMm = (images: SeriesImages, overlays: readonly Overlay[]): number | null => {
  if (images.volume.kind !== 'volume') return null;
  const { affineVoxelToPatient, dims } = images.volume;
  for (const overlay of overlays) {
    if (overlay.kind !== 'labelmap' || overlay.seriesId !== images.seriesId) continue;
    const spine = overlay.labels.find(
      (label) => label.name.toLowerCase().includes('spine') || label.name.toLowerCase().includes('vertebra'),
    );
    if (spine?.bounds) {
      const [i0, j0, k0, i1, j1, k1] = spine.bounds;
      return voxelToPatient(affineVoxelToPatient, [(i0 + i1 - 1) / 2, (j0 + j1 - 1) / 2, (k0 + k1 - 1) / 2])[0];
    }
  }
  return voxelToPatient(affineVoxelToPatient, [(dims[0] - 1) / 2, (dims[1] - 1) / 2, (dims[2] - 1) / 2])[0];
};

/** Fraction of the image's width on each side of the middle where a frontal film does not tell the side. */
const UNCERTAIN = 0.08;
/** The same in a volume, mm. */
const UNCERTAIN_MM = 5;

/** The patient's side on which a region lies; null where geometry does not tell. */
export const sideOf = (region: Region, ground: Ground): 'left' | 'right' | null => {
  const images = ground.images.get(region.seriesId);
  const frame = images?.frames[region.frameIndex];
  if (!images || !frame) return null;
  if (region.kind === 'label') {
    if (!region.bounds || images.volume.kind !== 'volume') return null;
    const middle = midlineMm(images, ground.overlays);
    if (middle === null) return null;
    const [i0, j0, k0, i1, j1, k1] = region.bounds;
    const x =
      voxelToPatient(images.volume.affineVoxelToPatient, [(i0 + i1 - 1) / 2, (j0 + j1 - 1) / 2, (k0 + k1 - 1) / 2])[0] -
      middle;
    return Math.abs(x) < UNCERTAIN_MM ? null : x > 0 ? 'left' : 'right';
  }
  // Which way the patient's left lies along a row; a film that does not say tells no side.
  const leftward = frame.rowDirection?.[0] ?? 0;
  if (Math.abs(leftward) < 0.5) return null;
  const offset = ((region.box[0] + region.box[2]) / 2 / frame.columns - 0.5) * Math.sign(leftward);
  return Math.abs(offset) < UNCERTAIN ? null : offset > 0 ? 'left' : 'right';
};

/** The side that the sentence may name: the finding's, unless its own region lies on the other one. */
export const sideAllowed = (finding: Pick<Finding, 'key' | 'side' | 'regions'>, ground: Ground): Side => {
  // Which eye it is the file says; left and right in its photograph are places within it.
  if (termOf(finding.key)?.part === 'eye') return finding.side;
  if (finding.side === null || finding.side === 'bilateral') return finding.side;
  const contradicts = finding.regions.some((region) => {
    const side = sideOf(region, ground);
    return side !== null && side !== finding.side;
  });
  return contradicts ? null : finding.side;
};

/** Only regions that are there: on a frame of the series, inside the image. */
export const regionsThatExist = (regions: readonly Region[], ground: Ground): Region[] =>
  regions.filter((region) => {
    const frame = ground.images.get(region.seriesId)?.frames[region.frameIndex];
    if (!frame) return false;
    if (region.kind === 'label')
      return ground.overlays.some(
        (o) => o.id === region.overlayId && o.kind === 'labelmap' && o.labels.some((l) => l.value === region.value),
      );
    const [x0, y0, x1, y1] = region.box;
    return x0 < x1 && y0 < y1 && x0 >= 0 && y0 >= 0 && x1 <= frame.columns && y1 <= frame.rows;
  });
