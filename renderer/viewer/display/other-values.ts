/** What a stored value stands for beside its modality value: each named, none in the place of another. */
import type { Frame, RealWorldValue, SeriesImages } from '../../../preload/contract/index.ts';

/** Four figures that count, without powers of ten where they can be had. */
export const figures = (value: number): string => {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) return value.toExponential(3);
  return String(Number(value.toPrecision(size >= 1000 ? 6 : 4)));
};

/** Null where the file says nothing of this stored value. */
export const realWorldOf = (value: RealWorldValue, stored: number): number | null => {
  if (!(stored >= value.first && stored <= value.last)) return null;
  if (value.table === undefined) return stored * value.slope + value.intercept;
  // Between two entries of a table there is no value.
  return Number.isInteger(stored) ? (value.table[stored - value.first] ?? null) : null;
};

const alike = new WeakMap<SeriesImages, boolean>();
/** Whether all images say the same: only then does a plane across them have it too. */
const sameInAll = (images: SeriesImages): boolean => {
  const known = alike.get(images);
  if (known !== undefined) return known;
  const said = JSON.stringify(images.frames[0]?.realWorld ?? []);
  const same = images.frames.every((frame) => JSON.stringify(frame.realWorld ?? []) === said);
  alike.set(images, same);
  return same;
};

/** 'SUVbw 3.25 g/ml' for each that the file gives. across: the view cuts through several images. */
export const realWorldTexts = (images: SeriesImages, frame: Frame, stored: number, across: boolean): string[] => {
  if (across && !sameInAll(images)) return [];
  return (frame.realWorld ?? []).flatMap((value) => {
    const found = realWorldOf(value, stored);
    return found === null ? [] : [[value.name, figures(found), value.unit].filter((part) => part !== '').join(' ')];
  });
};

/** 'SUVbw 3.25', computed here from dose, weight and times; null where that is not certain. */
export const suvText = (suvPerValue: number | null, modality: number): string | null =>
  suvPerValue === null ? null : `SUVbw ${figures(modality * suvPerValue)}`;
