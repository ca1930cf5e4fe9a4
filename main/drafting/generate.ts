/** One sentence for one finding: by the report network where it agrees with the finding, else by our phrases. */

import type { Random } from '../../models/kit/random.ts';
import type { DraftSentence, Finding } from '../../preload/contract/index.ts';
import type { Inference } from '../domains.ts';
import { type Objection, objection } from './check.ts';
import { findingPhrases, impressionPhrases, type Spoken } from './phrases.ts';
import type { Wording } from './retrieve.ts';

export interface Written {
  readonly text: string;
  readonly evidence: DraftSentence['evidence'];
  /** Why the network's sentence was not taken; null where it was, or where there is no network. */
  readonly objection: Objection | null;
}

const words = (text: string): Set<string> => new Set(text.toLowerCase().match(/[a-z]{3,}/g) ?? []);

/** Share of common words, 0 to 1 (Dice). */
const likeness = (a: string, b: string): number => {
  const p = words(a);
  const q = words(b);
  const common = [...p].filter((word) => q.has(word)).length;
  return p.size + q.size === 0 ? 0 : (2 * common) / (p.size + q.size);
};

/** The phrase that is nearest to the lent wording; by seed where nothing is lent. */
const choose = (
  candidates: readonly string[],
  wording: readonly Wording[],
  random: Random,
): { text: string; lender: Wording | null } => {
  let best: { text: string; lender: Wording | null; score: number } | null = null;
  for (const lender of wording) {
    for (const text of candidates) {
      const score = likeness(text, lender.text);
      if (!best || score > best.score) best = { text, lender, score };
    }
  }
  if (best && best.score > 0.3) return best;
  return { text: random.pick(candidates), lender: null };
};

/** The finding's maker; without the finding where it is only in the draft. */
const modelEvidence = (finding: Finding, findingId: string | null = finding.id): DraftSentence['evidence'] =>
  finding.maker.kind === 'model'
    ? [
        {
          kind: 'model',
          package: finding.maker.package,
          version: finding.maker.version,
          findingId,
          score: finding.score,
        },
      ]
    : [];

const lent = (lender: Wording | null): DraftSentence['evidence'] =>
  lender
    ? [{ kind: 'report', relation: 'similar', knowledgeId: lender.knowledgeId, similarity: lender.similarity }]
    : [];

export const findingSentence = async (
  finding: Finding,
  spoken: Spoken,
  context: {
    /** The drafting network's own sentence; null where it writes none. */
    written: { readonly text: string; readonly score: number } | null;
    modality: string;
    wording: readonly Wording[];
    seed: number;
    random: Random;
    inference: Inference;
    signal: AbortSignal;
  },
): Promise<Written> => {
  const phrases = findingPhrases(spoken);
  const { written } = context;
  if (written) {
    const against = objection(written.text, spoken);
    const own = phrases.length > 0 ? context.random.pick(phrases) : `${finding.name}.`;
    return { text: against === null ? written.text : own, evidence: modelEvidence(finding, null), objection: against };
  }
  const made = await context.inference.generate(
    { finding: spoken, modality: context.modality, wording: context.wording.map(({ text }) => text) },
    context.seed,
    context.signal,
  );
  const against = made ? objection(made.sentence.text, spoken) : null;
  if (made && against === null) {
    return {
      text: made.sentence.text,
      evidence: [
        ...modelEvidence(finding),
        {
          kind: 'model',
          package: made.package,
          version: made.version,
          findingId: finding.id,
          score: Math.exp(Math.min(0, made.sentence.score)),
        },
        ...lent(context.wording[0] ?? null),
      ],
      objection: null,
    };
  }
  const chosen = choose(phrases.length > 0 ? phrases : [`${finding.name}.`], context.wording, context.random);
  return { text: chosen.text, evidence: [...modelEvidence(finding), ...lent(chosen.lender)], objection: against };
};

/** `stored`: whether the finding is among the study's; what only a draft tells cannot be gone to. */
export const impressionSentence = (finding: Finding, spoken: Spoken, random: Random, stored = true): Written => {
  const phrases = impressionPhrases(spoken);
  return {
    text: phrases.length > 0 ? random.pick(phrases) : `${finding.name}.`,
    evidence: modelEvidence(finding, stored ? finding.id : null),
    objection: null,
  };
};
