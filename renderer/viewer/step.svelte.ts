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
  $effect(() => {
    const place = placeHere();
    if (place !== null && board.link !== 'off') untrack(() => twin.share('place', place));
  });
  $effect(() =>
    twin.on('place', (place) => {
      if (board.link === 'off') return;
      for (const cell of board.cells) {
        const images = cell.pixels?.images;
        if (!images) continue;
        const same = place.frameOfReferenceUid !== null && images.frameOfReferenceUid === place.frameOfReferenceUid;
        const voxel = same && place.mm !== null ? voxelAtPlace(images, place.mm) : null;
        if (voxel !== null) cell.moveTo(voxel);
        else if (images.seriesId === place.seriesId) cell.moveTo([cell.cursor[0], cell.cursor[1], place.index]);
      }
      const now = placeHere();
      // Where this window came to is the other's place, as near as its images have it.
      if (now !== null) twin.settle('place', now);
    }),
  );
};
