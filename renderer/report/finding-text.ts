import type { Side } from '../../preload/contract/index.ts';

export interface Term {
  readonly key: string;
  readonly name: string;
  readonly sided: boolean;
}

/** What the reader typed, taken apart: words that name the finding, the side, the place. */
export interface TypedFinding {
  readonly terms: readonly Term[];
  readonly side: Side;
  /** Words left over once the first term and the side are taken out: 'upper lobe'. */
  readonly place: string;
}

const SIDE_WORDS: Readonly<Record<string, NonNullable<Side>>> = {
  left: 'left',
  right: 'right',
  both: 'bilateral',
  bilateral: 'bilateral',
};
const PLACE_WORDS =
  /^(upper|middle|lower|lobe|zone|apex|apical|base|basal|hilar|hilum|perihilar|lingula|lung|segment|anterior|posterior|lateral|medial|central|peripheral|dome|pole|\d{1,2})$/;

const startsAWord = (name: string, word: string): boolean =>
  name
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .some((part) => part.startsWith(word));

/**
 * 'nod left upper lobe' -> nodule, left, 'left upper lobe'. A term fits where every word that is neither side nor place
 * begins one of its words; the term that begins with the first word stands first.
 */
export const typedFinding = (typed: string, vocabulary: readonly Term[]): TypedFinding => {
  const words = typed.toLowerCase().trim().split(/\s+/).filter(Boolean);
  let side: Side = null;
  const place: string[] = [];
  const naming: string[] = [];
  for (const word of words) {
    const known = SIDE_WORDS[word];
    if (known) {
      side = known;
      continue;
    }
    if (PLACE_WORDS.test(word) && naming.length > 0) place.push(word);
    else naming.push(word);
  }
  const fitting = vocabulary.filter((term) => naming.every((word) => startsAWord(term.name, word)));
  const first = naming[0] ?? '';
  const terms = fitting.toSorted(
    (a, b) =>
      Number(b.name.toLowerCase().startsWith(first)) - Number(a.name.toLowerCase().startsWith(first)) ||
      a.name.localeCompare(b.name),
  );
  const placeWords = place.join(' ');
  return {
    terms,
    side,
    place: placeWords !== '' && side !== null && side !== 'bilateral' ? `${side} ${placeWords}` : placeWords,
  };
};
