import { seeded } from '../random.ts';

export type Interval = readonly [low: number, high: number];

/** The value at a share 0..1 of sorted values, linear between ranks as numpy's percentile. NaN where there is none. */
export const quantile = (sorted: readonly number[], share: number): number => {
  if (sorted.length === 0) return Number.NaN;
  const at = share * (sorted.length - 1);
  const [below, above] = [sorted[Math.floor(at)] ?? Number.NaN, sorted[Math.ceil(at)] ?? Number.NaN];
  return below + (above - below) * (at - Math.floor(at));
};

/**
 * 95 % percentile interval of a figure (Efron 1979). Whole groups are drawn with replacement, never cases of one
 * apart: a patient's images are not independent. Draws in which the figure does not exist (null: one class only) are
 * left out; null where it existed in fewer than half of them, or there are fewer than two groups.
 */
export const bootstrap = <Case>(
  cases: readonly Case[],
  groupOf: (one: Case) => string,
  figure: (drawn: readonly Case[]) => number | null,
  draws = 1000,
  seed: string | number = 7,
): Interval | null => {
  const groups = [...Map.groupBy(cases, groupOf).values()];
  if (groups.length < 2) return null;
  const random = seeded(seed);
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const drawn: Case[] = [];
    for (let n = 0; n < groups.length; n++) drawn.push(...(groups[random.integer(0, groups.length - 1)] ?? []));
    const value = figure(drawn);
    if (value !== null && Number.isFinite(value)) values.push(value);
  }
  if (values.length < draws / 2) return null;
  values.sort((a, b) => a - b);
  return [quantile(values, 0.025), quantile(values, 0.975)];
};

/** 95 % interval of a share by Wilson's score (1927); the whole range where nothing was counted. */
export const wilson = (hits: number, of: number): Interval => {
  if (of === 0) return [0, 1];
  const z = 1.959964;
  const p = hits / of;
  const middle = (p + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z * Math.sqrt((p * (1 - p)) / of + z ** 2 / (4 * of ** 2))) / (1 + z ** 2 / of);
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
};
