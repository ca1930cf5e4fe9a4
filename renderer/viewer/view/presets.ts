import type { Frame, Window } from '../../../preload/contract/index.ts';

/** Usual windows in HU, in the order of the keys 1 to 6. */
const CT: readonly Window[] = [
  { name: 'Soft tissue', center: 40, width: 400 },
  { name: 'Lung', center: -600, width: 1500 },
  { name: 'Bone', center: 450, width: 1800 },
  { name: 'Brain', center: 40, width: 80 },
  { name: 'Liver', center: 80, width: 160 },
  { name: 'Angiography', center: 250, width: 600 },
];

/** Eight bits from black to white: a picture that was made to be looked at as it is. */
const AS_STORED: Window = { name: 'As stored', center: 128, width: 256 };

/** The windows that the file gives, named so that they can be told from ours. */
const fileWindows = (frame: Frame): Window[] =>
  frame.windows.map((window, index) => ({
    ...window,
    name: `File${window.name !== '' ? `: ${window.name}` : frame.windows.length > 1 ? ` ${index + 1}` : ''}`,
  }));

/** What can be chosen for this frame: presets where the unit is HU, the file's own, the whole range. Modality values. */
export const presetsFor = (frame: Frame, range: readonly [number, number] | null): readonly Window[] => {
  const presets: Window[] = frame.unit === 'HU' ? [...CT] : [];
  if (frame.format === 'uint8' && frame.unit === '') presets.push(AS_STORED);
  presets.push(...fileWindows(frame));
  if (range !== null && frame.format !== 'rgb8') presets.push(rangeWindow(frame, range));
  return presets;
};

/** range in stored values. */
export const rangeWindow = (frame: Frame, range: readonly [number, number]): Window => {
  const [a, b] = range.map((stored) => stored * frame.slope + frame.intercept) as [number, number];
  return { name: 'Whole range', center: (a + b) / 2, width: Math.max(1e-6, Math.abs(b - a)) };
};

/** What an image opens with: the file's word, else soft tissue for HU, else the range of its values. */
export const openingWindow = (frame: Frame, range: readonly [number, number] | null): Window | null =>
  frame.format === 'rgb8'
    ? AS_STORED
    : (fileWindows(frame)[0] ??
      (frame.format === 'uint8' && frame.unit === '' ? AS_STORED : undefined) ??
      (frame.unit === 'HU' ? CT[0] : undefined) ??
      (range === null ? null : rangeWindow(frame, range)));

/**
 * Modality values drawn black and white. PS3.3 C.11.2.1.2.1: LINEAR maps c - 0.5 - (w-1)/2 to black and
 * c - 0.5 + (w-1)/2 to white; below a width of 2 (values between 0 and 1) LINEAR_EXACT, c ± w/2.
 */
export const windowEdges = (window: Pick<Window, 'center' | 'width'>): readonly [number, number] =>
  window.width < 2
    ? [window.center - window.width / 2, window.center + window.width / 2]
    : [window.center - 0.5 - (window.width - 1) / 2, window.center - 0.5 + (window.width - 1) / 2];
