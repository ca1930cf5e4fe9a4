/** Which findings a report's text speaks of: key, side, negation and size, sentence by sentence. Rules of our own, after NegEx's idea. */

export interface Mention {
  readonly key: string;
  readonly side: 'left' | 'right' | 'bilateral' | null;
  readonly negated: boolean;
  /** 'possible', 'may represent': said with doubt. */
  readonly uncertain: boolean;
  /** Largest length in the sentence, mm; null where none is given. */
  readonly sizeMm: number | null;
  readonly sentence: string;
}

const TERMS: readonly (readonly [key: string, term: RegExp])[] = [
  [
    'lung-nodule',
    /\b(?:(?:pulmonary|lung|lobe|lingula[r]?|apical|parenchymal)\b(?:[^.;]|\.\d){0,40}\b(?:nodules?|mass(?:es)?)|(?:nodules?|mass|coin lesion)\b(?!(?:[^.;]|\.\d){0,30}\b(?:liver|hepatic|thyroid|renal|adrenal|breast)))/i,
  ],
  [
    'liver-lesion',
    /\b(?:(?:liver|hepatic)\b(?:[^.;]|\.\d){0,40}\b(?:lesions?|mass(?:es)?|metasta\w+|cysts?|nodules?|hypodensit\w+)|(?:lesions?|mass(?:es)?|metasta\w+|cysts?|nodules?|hypodensit\w+)\b(?:[^.;]|\.\d){0,40}\b(?:liver|hepatic))/i,
  ],
  [
    'effusion',
    /\b(?:pleural )?effusions?\b|\bpleural fluid\b|\bpleural spaces? (?:is|are) (?:clear|free)|\bblunt\w* of the (?:[^.;]|\.\d){0,30}costophrenic/i,
  ],
  ['consolidation', /\bconsolidat\w+|\bairspace (?:disease|opacit\w+)|\bpneumonia\b|\blobar opacity\b/i],
  ['pneumothorax', /\bpneumothora(?:x|ces)\b/i],
  ['atelectasis', /\batelecta\w+|\bvolume loss\b/i],
  [
    'cardiomegaly',
    /\bcardiomegaly\b|\b(?:heart|cardiac silhouette|cardiac size|cardiomediastinal silhouette)\b(?:[^.;]|\.\d){0,40}\b(?:enlarged|enlargement|normal)|\benlarged (?:heart|cardiac)/i,
  ],
];

const NEGATED_BEFORE =
  /\b(?:no|not|without|absence of|absent|negative for|free of|denies|rather than|resolution of|resolved|neither|nor)\b[^.;:]*$/i;
const NEGATED_AFTER =
  /^[^.;,]{0,40}\b(?:is|are|was|were|has|have)?\s*(?:not (?:seen|identified|present|enlarged|demonstrated|evident)|absent|excluded|resolved|ruled out|clear|free)\b/i;
const TURN = /\b(?:but|however|although|except|apart from|other than)\b/i;
const UNCERTAIN =
  /\b(?:possible|possibly|probable|probably|may|might|could|suspected|suspicious for|questionable|cannot be excluded|likely|suggest\w*)\b/i;
const LENGTH =
  /(\d+(?:\.\d+)?)(?:\s*(?:x|×|by)\s*(\d+(?:\.\d+)?))?(?:\s*(?:x|×|by)\s*(\d+(?:\.\d+)?))?\s*(mm|millimet(?:er|re)s?|cm|centimet(?:er|re)s?)\b/gi;

/** Sentences of a report's text; a decimal point or 'No. 3' ends none. */
export const sentencesOf = (text: string): string[] =>
  text
    .split(/(?<=[.!?])\s+(?=[A-Z0-9("'])|\n+/)
    .map((sentence) => sentence.trim())
    .filter(Boolean);

const sideOf = (text: string): Mention['side'] => {
  if (/\b(?:bilateral(?:ly)?|both (?:lungs|sides|bases)|biapical|bibasilar|bibasal)\b/i.test(text)) return 'bilateral';
  const left = /\bleft(?:-sided)?\b/i.test(text);
  const right = /\bright(?:-sided)?\b/i.test(text);
  return left && right ? null : left ? 'left' : right ? 'right' : null;
};

const lengthMm = (text: string): number | null => {
  const lengths = [...text.matchAll(LENGTH)].flatMap((match) => {
    const factor = match[4]?.toLowerCase().startsWith('c') ? 10 : 1;
    return [match[1], match[2], match[3]].flatMap((number) => (number ? [Number(number) * factor] : []));
  });
  return lengths.length > 0 ? Math.max(...lengths) : null;
};

const inSentence = (sentence: string): Mention[] =>
  TERMS.flatMap(([key, term]): Mention[] => {
    const match = term.exec(sentence);
    if (!match) return [];
    // Negation reaches back to the last turn of the sentence ('no effusion, but a nodule').
    const before = sentence.slice(0, match.index).split(TURN).at(-1) ?? '';
    const after = sentence.slice(match.index + match[0].length);
    const within = match[0];
    const normal =
      (key === 'cardiomegaly' && /\bnormal\b/i.test(within)) ||
      (key === 'cardiomegaly' && /\bnot enlarged\b/i.test(within)) ||
      (key === 'effusion' && /\b(?:clear|free)\b/i.test(within));
    return [
      {
        key,
        side: sideOf(sentence),
        negated: normal || NEGATED_BEFORE.test(before) || NEGATED_AFTER.test(after),
        uncertain: UNCERTAIN.test(sentence),
        sizeMm: lengthMm(sentence),
        sentence,
      },
    ];
  });

export const mentionsIn = (text: string): Mention[] => sentencesOf(text).flatMap(inSentence);
