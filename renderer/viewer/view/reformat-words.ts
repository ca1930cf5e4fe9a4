import { degreesBetween, leanWords, ownTurn } from './free-plane.ts';
import { slabWords } from './slab.ts';
import type { SliceView } from './slice-view.svelte.ts';

/** What must be said of a view that shows no single plane of voxels; empty where it does. */
export const reformatWords = (view: SliceView): string[] => {
  const { free, slab, viewer, id, cut } = view;
  const words: string[] = [];
  if (free !== null && viewer.volume !== null && id !== 'stack') {
    if (viewer.reformat.turns[id] !== undefined) {
      const own = ownTurn(viewer.volume.affineVoxelToPatient, cut);
      const lean = leanWords(free.normal);
      const about = degreesBetween(own.right, free.right);
      if (lean.length === 0) words.push(`Turned ${about.toFixed(1)}°`);
      else words.push('Oblique', ...lean.map((one) => `  ${one}`));
    }
    const { tiltDegrees } = viewer.reformat;
    if (tiltDegrees > 0) words.push(`Gantry tilt ${tiltDegrees.toFixed(1)}°`, '  corrected');
    words[0] = `${words[0]}, resampled`;
  }
  if (slab !== null) words.push(slabWords(slab, view.stepMm));
  return words;
};
