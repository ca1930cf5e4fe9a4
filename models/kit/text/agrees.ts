/** Whether a sentence that is to speak of one finding says that finding, its side and its size, and nothing against it. */
import { type Mention, mentionsIn } from './mentions.ts';

export interface Told {
  readonly key: string;
  readonly side: 'left' | 'right' | 'bilateral' | null;
  readonly place: string;
  readonly measurements: readonly { readonly value: number }[];
}

const NUMBER = /\d+(?:\.\d+)?/g;

/** Every number of the text is one of the finding's, as whole, with one or two decimals, or as centimetres. */
const numbersAgree = (text: string, told: Told): boolean => {
  const known = new Set(
    told.measurements.flatMap(({ value }) => [
      String(Math.round(value)),
      value.toFixed(1),
      value.toFixed(2),
      (value / 10).toFixed(1),
    ]),
  );
  return (text.match(NUMBER) ?? []).every((number) => known.has(number));
};

/** Zones and sides that the text names are those of the finding. */
const placesAgree = (text: string, told: Told): boolean => {
  const left = /\bleft\b/i.test(text);
  const right = /\bright\b/i.test(text);
  const both = /\b(?:bilateral|both)\b/i.test(text);
  const wanted = told.side ?? (/^(left|right)\b/.exec(told.place)?.[1] as 'left' | 'right' | undefined) ?? null;
  const sides =
    wanted === 'bilateral'
      ? both || (left && right)
      : !both && left === (wanted === 'left') && right === (wanted === 'right');
  return (
    sides &&
    ['upper', 'middle', 'lower'].every(
      (zone) => !new RegExp(`\\b${zone}\\b`, 'i').test(text) || told.place.includes(zone),
    )
  );
};

export type Disagreement = 'finding' | 'negated' | 'place' | 'number';

/** What is wrong; null where the sentence agrees. */
export const disagreement = (text: string, told: Told): Disagreement | null => {
  const mentions: Mention[] = mentionsIn(text);
  const own = mentions.filter((mention) => mention.key === told.key);
  if (own.length === 0 || mentions.length > own.length) return 'finding';
  if (own.some((mention) => mention.negated)) return 'negated';
  if (!placesAgree(text, told)) return 'place';
  return numbersAgree(text, told) ? null : 'number';
};

export const agrees = (text: string, told: Told): boolean => disagreement(text, told) === null;
