/** What a draft says against what a reference says, finding by finding, both read by the labeller. */
import { statusByFinding } from './label-sets.ts';
import { FINDINGS, type FindingKey } from './labeller/index.ts';

export interface ClinicalCounts {
  readonly right: number;
  /** Said, but not in the reference. */
  readonly wrong: number;
  /** In the reference, but not said. */
  readonly missed: number;
}

export interface ClinicalFigures {
  /** F1 over all findings of all reports together. 1 where there was nothing to say and nothing was said. */
  readonly micro: number;
  /** Mean of the F1 of those findings that a reference or a draft has; null where there is none. */
  readonly macro: number | null;
  readonly byFinding: ReadonlyMap<FindingKey, ClinicalCounts & { readonly f1: number }>;
}

export interface Options {
  /** What a finding in doubt counts as, on both sides: there (as CheXpert's U-ones), or not. */
  readonly uncertain: 'present' | 'absent';
  readonly findings: readonly FindingKey[];
}

/** The findings of a text that count as there. */
export const findingsThere = (text: string, { uncertain, findings }: Options): ReadonlySet<FindingKey> => {
  const said = statusByFinding(text);
  const counts = (key: FindingKey): boolean => {
    const status = said.get(key);
    return status === 'present' || (status === 'uncertain' && uncertain === 'present');
  };
  return new Set(findings.filter(counts));
};

const f1Of = ({ right, wrong, missed }: ClinicalCounts): number =>
  right + wrong + missed === 0 ? 1 : (2 * right) / (2 * right + wrong + missed);

/** From sets already read, so that a bootstrap reads each text once. */
export const clinicalOfSets = (
  pairs: readonly { readonly draft: ReadonlySet<FindingKey>; readonly reference: ReadonlySet<FindingKey> }[],
  findings: readonly FindingKey[] = FINDINGS,
): ClinicalFigures => {
  const byFinding = new Map<FindingKey, ClinicalCounts & { f1: number }>();
  const all = { right: 0, wrong: 0, missed: 0 };
  for (const key of findings) {
    const own = { right: 0, wrong: 0, missed: 0 };
    for (const { draft, reference } of pairs) {
      if (draft.has(key) && reference.has(key)) own.right++;
      else if (draft.has(key)) own.wrong++;
      else if (reference.has(key)) own.missed++;
    }
    if (own.right + own.wrong + own.missed > 0) byFinding.set(key, { ...own, f1: f1Of(own) });
    for (const name of ['right', 'wrong', 'missed'] as const) all[name] += own[name];
  }
  const values = byFinding.values().toArray();
  return {
    micro: f1Of(all),
    macro: values.length === 0 ? null : values.reduce((sum, { f1 }) => sum + f1, 0) / values.length,
    byFinding,
  };
};

/** Clinical F1 of drafts against their references. Sides and severities are not asked for here. */
export const clinical = (
  pairs: readonly { readonly draft: string; readonly reference: string }[],
  options: Options = { uncertain: 'present', findings: FINDINGS },
): ClinicalFigures =>
  clinicalOfSets(
    pairs.map(({ draft, reference }) => ({
      draft: findingsThere(draft, options),
      reference: findingsThere(reference, options),
    })),
    options.findings,
  );
