import type { Vec3 } from '../../models/kit/geometry.ts';
import { measureLabels as measured, measureSlice, voxelMl } from '../../models/kit/labels/measure.ts';
import type { Overlay, SeriesImages } from '../../preload/contract/index.ts';

type OverlayLabel = Extract<Overlay, { kind: 'labelmap' }>['labels'][number];
export type LabelName = Pick<OverlayLabel, 'value' | 'name' | 'code' | 'color' | 'category' | 'tracking'>;

/** Counts and bounds of each label in a labelmap [columns, rows, slices] of the series. */
export const measureLabels = (
  map: Uint8Array,
  dims: Vec3,
  names: readonly LabelName[],
  images: SeriesImages,
): OverlayLabel[] => {
  const [columns, rows, count] = dims;
  const size = columns * rows;
  const found = measured(
    Array.from({ length: count }, (_, k) => measureSlice(map.subarray(k * size, (k + 1) * size), columns)),
  );
  // Null where the series is no volume with certain millimetres.
  const ml = images.volume.kind === 'volume' ? voxelMl(images.volume.affineVoxelToPatient) : null;
  return names.map((name) => {
    const one = found.get(name.value);
    const voxels = one?.voxels ?? 0;
    return { ...name, voxels, volumeMl: ml === null ? null : voxels * ml, bounds: one ? [...one.bounds] : null };
  });
};
