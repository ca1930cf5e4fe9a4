/** What the patient's earlier reports allow to be said: only what those reports state, with their date. */

import { type Mention, mentionsIn } from '../../models/kit/text/mentions.ts';
import type { DraftSentence, PriorCandidate } from '../../preload/contract/index.ts';
import { type Spoken, termOf } from './phrases.ts';

export interface Compared {
  readonly text: string;
  readonly prior: PriorCandidate;
  /** The finding it speaks of, by place in the list; null where the finding is only in the earlier report. */
  readonly of: number | null;
  readonly key: string;
}

const sameSide = (mention: Mention, spoken: Spoken): boolean =>
  !termOf(mention.key)?.sided ||
  mention.side === null ||
  spoken.side === null ||
  mention.side === spoken.side ||
  mention.side === 'bilateral';

const sideWord = (side: Mention['side']): string => (side === 'left' || side === 'right' ? `${side} ` : '');

/** Less than this is within the error of two readings, mm. */
const SAME_MM = 2;

const aboutFinding = (spoken: Spoken, mention: Mention, date: string): string | null => {
  const term = termOf(spoken.key);
  if (!term) return null;
  const name = `${term.sided && (spoken.side === 'left' || spoken.side === 'right') ? `${spoken.side} ` : ''}${term.name}`;
  if (mention.negated) return `No ${name} was described in the report of ${date}.`;
  const now = spoken.measurements.find((measurement) => measurement.name === 'largest diameter')?.value;
  if (now === undefined || mention.sizeMm === null) return `A ${name} was already described in the report of ${date}.`;
  const change = now - mention.sizeMm;
  const words = Math.abs(change) < SAME_MM ? 'of about the same size as' : change > 0 ? 'larger than' : 'smaller than';
  return `The ${name} measures ${Math.round(now)} mm, ${words} in the report of ${date} (${Math.round(mention.sizeMm)} mm).`;
};

/** Speaks of the newest report that says anything on each finding, and of findings that it alone names. */
export const compareWith = (
  findings: readonly Spoken[],
  priors: readonly PriorCandidate[],
  searched: ReadonlySet<string>,
): Compared[] => {
  const newest = priors.map((prior) => ({
    prior,
    mentions: mentionsIn([prior.report.findings, prior.report.impression].join('\n')),
  }));
  const sentences: Compared[] = [];
  findings.forEach((spoken, of) => {
    // Two findings of one kind on one side cannot be told apart in an earlier report's words.
    if (
      findings.some(
        (other, n) =>
          n !== of &&
          other.key === spoken.key &&
          (other.side === spoken.side || other.side === null || spoken.side === null),
      )
    )
      return;
    for (const { prior, mentions } of newest) {
      const about = mentions.filter(
        (mention) => mention.key === spoken.key && !mention.uncertain && (mention.negated || sameSide(mention, spoken)),
      );
      // A positive mention outweighs 'no other nodule'; one with a size outweighs one without.
      const best = about.toSorted(
        (a, b) => Number(a.negated) - Number(b.negated) || Number(a.sizeMm === null) - Number(b.sizeMm === null),
      )[0];
      if (!best || prior.report.date === null) continue;
      const text = aboutFinding(spoken, best, prior.report.date);
      if (text) sentences.push({ text, prior, of, key: spoken.key });
      return;
    }
  });
  const latest = newest[0];
  const date = latest?.prior.report.date;
  if (latest && date) {
    const gone = new Map<string, Mention>();
    for (const mention of latest.mentions) {
      if (mention.negated || mention.uncertain || !searched.has(mention.key)) continue;
      if (findings.some((spoken) => spoken.key === mention.key && sameSide(mention, spoken))) continue;
      // One thing said twice, once with its side: told once. Things without sides have none, whatever lobe is named.
      const side = termOf(mention.key)?.sided ? mention.side : null;
      if (side === null && [...gone.values()].some(({ key }) => key === mention.key)) continue;
      if (side !== null) gone.delete(`${mention.key}/null`);
      gone.set(`${mention.key}/${side}`, { ...mention, side });
    }
    for (const mention of gone.values()) {
      const name = termOf(mention.key)?.name ?? mention.key.replaceAll('-', ' ');
      sentences.push({
        text: `The ${sideWord(mention.side)}${name} described in the report of ${date} is not found by the model.`,
        prior: latest.prior,
        of: null,
        key: mention.key,
      });
    }
  }
  return sentences;
};

export const evidenceOf = (prior: PriorCandidate): DraftSentence['evidence'][number] => ({
  kind: 'report',
  relation: 'prior',
  knowledgeId: prior.report.id,
  similarity: 1,
});
