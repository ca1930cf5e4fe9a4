import { untrack } from 'svelte';
import type { Shared } from '../session/index.ts';
import type { Board } from './view/board.svelte.ts';
import { placeOfVoxel, voxelAtPlace } from './view/link.ts';

/** The place looked at, here and in the other window. Call while a component is made. */
export const stepWithOther = (board: Board): void => {
  const { twin } = board.session;
  const placeHere = (): Shared<'place'> | null => {
    const { pixels, cursor } = board.active;
    if (pixels === null) return null;
    const { images } = pixels;
    const { seriesId, frameOfReferenceUid } = images;
    return { seriesId, index: cursor[2], frameOfReferenceUid, mm: placeOfVoxel(images, cursor) };
  };
  const follow = (place: Shared<'place'>): void => {
    for (const cell of board.cells) {
      const images = cell.pixels?.images;
      if (!images) continue;
      const same = place.frameOfReferenceUid !== null && images.frameOfReferenceUid === place.frameOfReferenceUid;
      const voxel = same && place.mm !== null ? voxelAtPlace(images, place.mm) : null;
      if (voxel !== null) cell.moveTo(voxel);
      else if (images.seriesId === place.seriesId) cell.moveTo([cell.cursor[0], cell.cursor[1], place.index]);
    }
    // Where this window came to is the other's place, as near as its images have it.
    const now = placeHere();
    if (now !== null) twin.settle('place', now);
  };
  $effect(() => {
    const place = placeHere();
    if (place === null || board.link === 'off') return;
    untrack(() => {
      const pending = twin.pending('place');
      if (pending === null) return twin.share('place', place);
      // This window has just come: it begins where the other is.
      const known = board.session.series.some(({ id }) => id === pending.seriesId);
      if (known && board.active.seriesId !== pending.seriesId)
        void board.active.select(pending.seriesId, pending.index);
      else follow(pending);
    });
  });
  $effect(() =>
    twin.on('place', (place) => {
      if (board.active.pixels === null) return false;
      if (board.link !== 'off') follow(place);
      return true;
    }),
  );
};
