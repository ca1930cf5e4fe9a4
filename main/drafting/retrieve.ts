/** What the drafter may look up: the patient's own earlier reports, and other patients' wording. */

import { mentionsIn } from '../../models/kit/text/mentions.ts';
import type { PriorCandidate } from '../../preload/contract/index.ts';
import type { Knowledge } from '../domains.ts';
import { usablePriors } from '../knowledge/index.ts';
import { compares } from './check.ts';
import { findingPhrases, type Spoken } from './phrases.ts';

/** A similar case lends wording, never a finding, number, date or comparison: this is what is left of it. */
export interface Wording {
  readonly knowledgeId: string;
  readonly similarity: number;
  readonly text: string;
}

const SIMILAR = 8;
const MOST_WORDING = 4;

const MEASURE = /\b\d+(?:[.,]\d+)?(?:\s*(?:x|×|by)\s*\d+(?:[.,]\d+)?)*\s*(?:mm|cm|ml|hu|%)?\b/gi;

/** A sentence without its numbers; empty where it holds what may not be lent. */
const wordingOf = (sentence: string): string => {
  if (compares(sentence)) return '';
  return sentence
    .replace(MEASURE, ' ')
    .replace(/\s+([.,;])/g, '$1')
    .replace(/\s{2,}/g, ' ')
    .trim();
};

export const usedPriors = (knowledge: Knowledge, studyId: string): PriorCandidate[] =>
  usablePriors(knowledge.priors(studyId));

/** Sentences of other patients' reports on the same finding, nearest first. */
export const wordingFor = async (
  knowledge: Knowledge,
  studyId: string,
  spoken: Spoken,
  signal: AbortSignal,
): Promise<Wording[]> => {
  const query = findingPhrases(spoken)[0];
  if (!query) return [];
  const hits = await knowledge.similar(studyId, query, SIMILAR, signal);
  return hits
    .flatMap((hit) =>
      mentionsIn([hit.report.findings, hit.report.impression].join('\n'))
        .filter((mention) => mention.key === spoken.key && !mention.negated)
        .map((mention) => ({
          knowledgeId: hit.report.id,
          similarity: hit.similarity ?? 0,
          text: wordingOf(mention.sentence),
        })),
    )
    .filter(({ text }) => text !== '')
    .slice(0, MOST_WORDING);
};
