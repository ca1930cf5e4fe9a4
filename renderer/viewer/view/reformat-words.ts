import { degreesBetween, leanWords, nearestPlane, ownTurn } from './free-plane.ts';
import { slabWords } from './slab.ts';
import type { SliceView } from './slice-view.svelte.ts';

/** What must be said of a view that shows no single plane of voxels; empty where it does. */
export const reformatWords = (view: SliceView): string[] => {
  const { free, slab, viewer, id, cut } = view;
  const words: string[] = [];
  if (free !== null && viewer.volume !== null && id !== 'stack') {
    const { tiltDegrees } = viewer.reformat;
    const isTurned = viewer.reformat.turns[id] !== undefined;
    if (isTurned) {
      const own = ownTurn(viewer.volume.affineVoxelToPatient, cut);
      const lean = leanWords(free.normal);
      // Turned far, it has come nearer to another plane than the one that it is named after.
      const nearest = nearestPlane(free.normal);
      const about = degreesBetween(own.right, free.right);
      words.push(
        lean.length === 0 ? `Turned ${about.toFixed(1)}°, resampled` : 'Oblique, resampled',
        ...lean.map((one, n) => `  ${n === 0 && nearest !== id ? `${nearest} ` : ''}${one}`),
      );
    }
    if (tiltDegrees > 0)
      words.push(`Gantry tilt ${tiltDegrees.toFixed(1)}°`, isTurned ? '  corrected' : '  corrected, resampled');
  }
  if (slab !== null) words.push(slabWords(slab, view.stepMm));
  return words;
};
