/** What lies under the pointer: its value, in the words that say how it came about, and its place in the patient. */
import { invert, type Vec3, voxelToPatient } from '../../../models/kit/geometry.ts';
import { toImage } from './camera.ts';
import { valueAt } from './sample.ts';
import { SLAB_NAMES } from './slab.ts';
import type { Probe, SliceView } from './slice-view.svelte.ts';

const NOTHING = 'outside the volume';

/** 'L 12.3 P 40.0 S 100.5', millimetres. */
export const placeWords = (mm: Vec3): string => {
  const letters = ['LR', 'PA', 'SI'];
  return mm.map((part, n) => `${letters[n]?.[part < 0 ? 1 : 0]} ${Math.abs(part).toFixed(1)}`).join(' ');
};

/** Modality value of a point between the voxels, null where there is none. */
const between = (view: SliceView, mm: Vec3): number | null => {
  const { volume, pixels } = view.viewer;
  if (volume === null || pixels === null) return null;
  const [x, y, z] = voxelToPatient(invert(volume.affineVoxelToPatient), mm);
  const within = [x, y, z].every((part, n) => part >= -0.5 && part <= (volume.dims[n] ?? 0) - 0.5);
  if (!within) return null;
  const stored = valueAt(
    { slices: pixels.frames, dims: volume.dims, padding: pixels.images.frames[0]?.padding },
    x,
    y,
    z,
  );
  return Number.isNaN(stored) ? null : stored * volume.slope + volume.intercept;
};

export const probeOf = (view: SliceView, pointer: readonly [number, number]): Probe | null => {
  const { placement, image, frame, pixels, slab, free, picture } = view;
  if (placement === null || image === null || frame === null || pixels === null) return null;
  const [x, y] = toImage(placement, pointer[0], pointer[1]);
  if (x < 0 || y < 0 || x >= image.columns || y >= image.rows) return null;
  const mm = view.patientOf(x, y);
  const unit = frame.unit === '' ? '' : ` ${frame.unit}`;
  const digits = Number.isInteger(frame.slope) && frame.format !== 'float32' ? 0 : 2;
  if (slab !== null && picture !== null) {
    const [column, row] = [(x / image.columns) * picture.image.columns, (y / image.rows) * picture.image.rows];
    const stored = pixels[Math.floor(row) * picture.image.columns + Math.floor(column)] ?? Number.NaN;
    const value = (stored * frame.slope + frame.intercept).toFixed(slab.kind === 'mean' ? Math.max(1, digits) : digits);
    return {
      x,
      y,
      mm,
      ...(Number.isNaN(stored) ? {} : { stored }),
      text: Number.isNaN(stored) ? NOTHING : `${SLAB_NAMES[slab.kind]} ${free === null ? '' : '≈ '}${value}${unit}`,
    };
  }
  if (free !== null) {
    const value = mm === null ? null : between(view, mm);
    if (value === null) return { x, y, mm, text: NOTHING };
    const stored = (value - frame.intercept) / (frame.slope || 1);
    return { x, y, mm, text: `≈ ${value.toFixed(digits)}${unit}, interpolated`, stored };
  }
  const at = Math.floor(y) * image.columns + Math.floor(x);
  if (frame.format === 'rgb8') {
    const [r, g, b] = [pixels[at * 3] ?? 0, pixels[at * 3 + 1] ?? 0, pixels[at * 3 + 2] ?? 0];
    return { x, y, mm, text: `R ${r} G ${g} B ${b}` };
  }
  const stored = pixels[at] ?? 0;
  const { padding } = frame;
  if (padding !== undefined && stored >= padding[0] && stored <= padding[1])
    return { x, y, mm, text: 'no value (fill)' };
  const value = stored * frame.slope + frame.intercept;
  return { x, y, mm, text: `${value.toFixed(digits)}${unit}`, stored };
};
