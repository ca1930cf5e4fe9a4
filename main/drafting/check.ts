/** The last gate: a sentence that says more than the finding behind it is not written. */

import { type Disagreement, disagreement } from '../../models/kit/text/agrees.ts';
import type { DraftSentence } from '../../preload/contract/index.ts';
import type { Spoken } from './phrases.ts';

/** Words that compare with an earlier examination. */
const COMPARISON =
  /\b(unchanged|stable|interval|previous(ly)?|prior|earlier|again|new(ly)?|increas(ed|ing)|decreas(ed|ing)|improv(ed|ing|ement)|worsen(ed|ing)|progress(ed|ion)|regress(ed|ion)|resol(ved|ution)|compar(ed|ison)|persist(s|ent|ing)|since|no longer|remains?|enlarging|larger|smaller)\b/i;

export const compares = (text: string): boolean => COMPARISON.test(text);

const sidesAgree = (text: string, spoken: Spoken): boolean => {
  const left = /\b(left|left-sided)\b/i.test(text);
  const right = /\b(right|right-sided)\b/i.test(text);
  const both = /\b(bilateral|both)\b/i.test(text);
  switch (spoken.side) {
    case 'left':
      return left && !right && !both;
    case 'right':
      return right && !left && !both;
    case 'bilateral':
      return both || (left && right);
    default:
      return !left && !right && !both;
  }
};

const NEGATION = /\b(no|not|without|absent|free of|negative for|unremarkable|resolved)\b/i;

export type Objection = 'empty' | 'side' | 'comparison' | Disagreement;

/** What is wrong with a sentence that is to speak of this finding; null where nothing is. */
export const objection = (text: string, spoken: Spoken): Objection | null => {
  if (text.trim().length < 4) return 'empty';
  if (!sidesAgree(text, spoken)) return 'side';
  if (compares(text)) return 'comparison';
  if (NEGATION.test(text)) return 'negated';
  // Another finding, another zone or another number than the finding's own.
  return disagreement(text, spoken);
};

/** Over the whole draft: no comparison without a prior, no region under a normal statement, nothing said twice in a section. */
export const checked = (sentences: readonly DraftSentence[], hasPrior: boolean): DraftSentence[] => {
  const seen = new Set<string>();
  return sentences.flatMap((sentence) => {
    const key = `${sentence.section}/${sentence.text.toLowerCase()}/${JSON.stringify(sentence.regions)}`;
    if (seen.has(key)) return [];
    seen.add(key);
    if (!hasPrior && sentence.section !== 'comparison' && compares(sentence.text)) return [];
    return [sentence.kind === 'normal' ? { ...sentence, regions: [] } : sentence];
  });
};
