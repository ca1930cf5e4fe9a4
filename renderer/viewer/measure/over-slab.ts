import type { Measured, ValueKey } from '../../../models/kit/measure/terms.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';

const OF_VOXELS: ReadonlySet<ValueKey> = new Set(['mean', 'deviation', 'minimum', 'maximum', 'voxels', 'value']);

/** Over a slab only lengths, angles and areas: values of the voxels of one plane would be taken for those that are seen. */
export const besideSlab = (view: SliceView, found: Measured): Measured => {
  if (view.slab === null || !found.values.some(({ key }) => OF_VOXELS.has(key))) return found;
  return {
    ...found,
    values: found.values.filter(({ key }) => !OF_VOXELS.has(key)),
    remarks: [...found.remarks, 'Values of voxels are not shown over a slab.'],
    histogram: null,
  };
};
