/** The reader's own windows: by modality and unit, in her order. */
import { z } from 'zod';
import type { ShownWindow } from '../view/presets.ts';

export const OwnWindow = z.object({
  id: z.string().min(1).max(64),
  name: z.string().min(1).max(40),
  /** As in the files, 'CT'; '' for any. */
  modality: z.string().max(16),
  /** Of the values that it is in, 'HU'; the same numbers of another unit are another window. */
  unit: z.string().max(32),
  center: z.number(),
  width: z.number().positive(),
  function: z.enum(['LINEAR', 'LINEAR_EXACT', 'SIGMOID']).optional(),
});
export type OwnWindow = z.infer<typeof OwnWindow>;

/** Under this name in the settings of the window. */
export const OWN_WINDOWS_SETTING = 'windows';
export const MOST_OWN_WINDOWS = 60;

/** What is stored may come from another version: what is not understood is left out. */
export const readOwnWindows = (text: string | null): OwnWindow[] => {
  if (text === null) return [];
  try {
    const stored: unknown = JSON.parse(text);
    if (!Array.isArray(stored)) return [];
    return stored.flatMap((one) => {
      const read = OwnWindow.safeParse(one);
      return read.success ? [read.data] : [];
    });
  } catch {
    return [];
  }
};

/** Those that are meant for images of this modality in this unit, in the reader's order. */
export const ownWindowsFor = (all: readonly OwnWindow[], modality: string, unit: string): readonly OwnWindow[] =>
  all.filter((one) => one.unit === unit && (one.modality === '' || one.modality === modality.toUpperCase()));

export const shownWindow = ({ name, center, width, function: shape }: OwnWindow): ShownWindow => ({
  name,
  center,
  width,
  ...(shape === undefined ? {} : { function: shape }),
});

/** Why these cannot be kept, in words; null where they can. */
export const troubleOf = (all: readonly OwnWindow[]): string | null => {
  if (all.some(({ name }) => name.trim() === '')) return 'Each needs a name.';
  if (all.some(({ width }) => !(Number.isFinite(width) && width > 0))) return 'A width is a number above 0.';
  if (all.some(({ center }) => !Number.isFinite(center))) return 'A level is a number.';
  const said = all.map(({ name, modality, unit }) => JSON.stringify([name.trim().toLowerCase(), modality, unit]));
  if (new Set(said).size < said.length) return 'Two of one modality have the same name.';
  return null;
};

/** A number as a reader types it, with a comma or a point; null where it is none. */
export const numberTyped = (text: string): number | null => {
  const plain = text
    .trim()
    .replace(/\u2212/g, '-')
    .replace(',', '.');
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
};
