import type { Region } from '../../../../preload/contract/index.ts';
import type { Session } from '../../../session/index.ts';
import type { MarksStore } from '../../data/marks-store.svelte.ts';
import type { SliceView } from '../../view/slice-view.svelte.ts';

/** The region whose label lies under an image point: one that the report speaks of, else the whole label. */
export const clickedLabel = (
  session: Session,
  view: SliceView,
  store: MarksStore,
  x: number,
  y: number,
): { region: Region; sentenceId: string | null } | null => {
  const pixels = view.viewer.pixels;
  if (pixels === null) return null;
  const [i, j, k] = view.voxelAt(x, y).map(Math.floor) as [number, number, number];
  // The last drawn lies on top.
  for (const overlay of session.marks.overlays.toReversed()) {
    if (overlay.kind !== 'labelmap' || overlay.seriesId !== pixels.images.seriesId) continue;
    // Beside the image a row would run on into the next.
    if ([i, j, k].some((at, n) => at < 0 || at >= (overlay.dims[n] ?? 0))) continue;
    const value = store.labels(overlay)?.slice(k)?.[j * overlay.dims[0] + i] ?? 0;
    if (value === 0 || !session.marks.isShown(overlay.id, value)) continue;
    const spoken = session.shownRegions.filter(
      ({ region }) => region.kind === 'label' && region.overlayId === overlay.id && region.value === value,
    );
    const within = spoken.find(({ region }) => {
      const bounds = region.kind === 'label' ? region.bounds : null;
      if (bounds === null) return false;
      return [i, j, k].every((at, n) => at >= (bounds[n] ?? 0) && at < (bounds[n + 3] ?? 0));
    });
    const match = within ?? spoken.find(({ region }) => region.kind === 'label' && region.bounds === null);
    if (match !== undefined) return { region: match.region, sentenceId: match.sentenceId };
    const instanceUid = pixels.images.frames[k]?.instanceUid ?? '';
    return {
      region: {
        kind: 'label',
        seriesId: overlay.seriesId,
        overlayId: overlay.id,
        value,
        bounds: null,
        frameIndex: k,
        instanceUid,
      },
      sentenceId: null,
    };
  }
  return null;
};
