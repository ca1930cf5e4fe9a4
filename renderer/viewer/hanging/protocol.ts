/** Hanging protocols: which studies they are for, how the cells lie, and what each cell shows. PS3.17 annex on hanging protocols gives the terms. */
import { z } from 'zod';
import { type SeriesSummary, type StudySummary, Window } from '../../../preload/contract/terms/index.ts';

const Words = z.string().max(80);

export const HungCell = z.object({
  /** The study that is read, or the latest other one of the same patient. */
  of: z.enum(['this', 'other']),
  /** Words that the series' description or body part has; '' for any. */
  words: Words,
  /** Among those, which: from 1. */
  number: z.number().int().min(1).max(50),
  layout: z.enum(['stack', 'planes']),
  /** Null: as the image opens. */
  window: Window.nullable(),
});
export type HungCell = z.infer<typeof HungCell>;

export const Protocol = z.object({
  id: z.string().min(1).max(64),
  name: z.string().min(1).max(80),
  match: z.object({
    /** As in the files, 'CT'; '' for any. */
    modality: Words,
    /** Words of the body part, and of the study's description; '' for any. */
    bodyPart: Words,
    description: Words,
    /** The fewest other studies of the same patient. */
    others: z.number().int().min(0).max(9),
  }),
  grid: z.tuple([z.number().int().min(1).max(3), z.number().int().min(1).max(3)]).readonly(),
  cells: z.array(HungCell).min(1).max(9),
});
export type Protocol = z.infer<typeof Protocol>;

/** Under this name in the settings of the window. */
export const HANGING_SETTING = 'hanging';
export const MOST_PROTOCOLS = 40;

/** What is stored may come from another version: what is not understood is left out. */
export const readProtocols = (text: string | null): Protocol[] => {
  if (text === null) return [];
  try {
    const stored: unknown = JSON.parse(text);
    if (!Array.isArray(stored)) return [];
    return stored.flatMap((one) => {
      const read = Protocol.safeParse(one);
      return read.success ? [read.data] : [];
    });
  } catch {
    return [];
  }
};

/** Upper case, without accents, words apart. */
const folded = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase();

const hasWords = (text: string, words: string): boolean => {
  const within = folded(text);
  return folded(words)
    .split(/\s+/u)
    .every((word) => within.includes(word));
};

/** The first in the reader's order that is meant for this study; null where none is. */
export const protocolFor = (
  protocols: readonly Protocol[],
  study: Pick<StudySummary, 'modalities' | 'bodyParts' | 'description'>,
  others: number,
): Protocol | null =>
  protocols.find(
    ({ match }) =>
      (match.modality.trim() === '' || study.modalities.includes(match.modality.trim().toUpperCase())) &&
      hasWords(study.bodyParts.join(' '), match.bodyPart.trim()) &&
      hasWords(study.description, match.description.trim()) &&
      others >= match.others,
  ) ?? null;

const canBeShown = (series: SeriesSummary): boolean => series.kind === 'image' && series.refused === null;

/** What the cell shows; null where there is no such series: the cell stays empty. */
export const seriesFor = (
  cell: HungCell,
  own: readonly SeriesSummary[],
  others: readonly { readonly series: readonly SeriesSummary[] }[],
): SeriesSummary | null => {
  const all = cell.of === 'this' ? own : (others[0]?.series ?? []);
  const fit = all.filter((one) => canBeShown(one) && hasWords(`${one.description} ${one.bodyPart}`, cell.words.trim()));
  return fit[cell.number - 1] ?? null;
};

/** Words and number by which a series is found again among its study's: its description where that is its own. */
export const wayTo = (series: SeriesSummary, all: readonly SeriesSummary[]): { words: string; number: number } => {
  const shown = all.filter(canBeShown);
  const words = series.description.trim().slice(0, 80);
  const same = shown.filter((one) => hasWords(`${one.description} ${one.bodyPart}`, words));
  const among = words === '' ? shown : same;
  return { words, number: Math.min(50, Math.max(1, among.findIndex((one) => one.id === series.id) + 1)) };
};
