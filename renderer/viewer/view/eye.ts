import type { Frame, SeriesSummary } from '../../../preload/contract/index.ts';

/** As eyes are named: oculus dexter, sinister, uterque. */
const EYES = { R: 'OD (R)', L: 'OS (L)', B: 'OU (R and L)' } as const;

/** Which eye an image shows; null where it shows none, or its file does not say which. */
export const eyeWords = (
  series: Pick<SeriesSummary, 'modality' | 'bodyPart'> | null,
  frame: Pick<Frame, 'laterality'> | null,
): string | null => {
  const ofEye = /^OP/.test(series?.modality ?? '') || /\b(eye|retina)\b/i.test(series?.bodyPart ?? '');
  return ofEye && frame?.laterality !== undefined ? EYES[frame.laterality] : null;
};
