/** Two systems on the same cases: the difference of their headline figures, with intervals drawn in pairs. */
import { bootstrap } from '../kit/metrics/bootstrap.ts';
import { kappa, meanAuc } from './classification/score/index.ts';
import { lesionF1 } from './detection/score/index.ts';
import { type Case, type CaseOf, casesOf, counted, type Evaluation, figure } from './evaluation.ts';
import { clinicalOfSets, FINDINGS, findingsThere } from './report-generation/score/index.ts';
import { macroDice } from './segmentation/score/index.ts';

interface Pair<One> {
  readonly own: One;
  readonly other: One;
}

/** The two sets of cases are not of the same patients in the same order with the same truth. */
export class UnpairedError extends Error {}

/** What has to be the same in both. */
const truthOf = (one: Case): string => {
  switch (one.kind) {
    case 'labels':
    case 'grade':
      return JSON.stringify(one.truth);
    case 'grounding':
      return JSON.stringify(one.truth);
    case 'report':
      return one.reference;
    case 'lesions':
      return String(one.right + one.missed);
    case 'masks':
      return '';
  }
};

const pairsOf = <Kind extends Case['kind']>(
  own: readonly Case[],
  others: readonly Case[],
  kind: Kind,
): Pair<CaseOf<Kind>>[] => {
  const [mine, theirs] = [casesOf(own, kind), casesOf(others, kind)];
  if (theirs.length === 0) return [];
  if (mine.length !== theirs.length)
    throw new UnpairedError(`There are ${mine.length} cases of '${kind}' here and ${theirs.length} there.`);
  return mine.map((one, n) => {
    const other = theirs[n];
    if (!other || other.patient !== one.patient || truthOf(other) !== truthOf(one))
      throw new UnpairedError(`Case ${n + 1} of '${kind}' is not the same patient and truth in both.`);
    return { own: one, other };
  });
};

type Headline<One> = (cases: readonly One[]) => number | null;

const difference = <One extends { readonly patient: string }>(
  name: string,
  pairs: readonly Pair<One>[],
  of: Headline<One>,
  data: string,
) => {
  const minus = (drawn: readonly Pair<One>[]): number | null => {
    const [own, other] = [of(drawn.map((pair) => pair.own)), of(drawn.map((pair) => pair.other))];
    return own === null || other === null ? null : own - other;
  };
  if (pairs.length === 0) return [];
  const cases = pairs.map(({ own }) => own);
  return [
    ...figure(`${name}: the other`, of(pairs.map(({ other }) => other)), null, counted(data, cases)),
    ...figure(
      `${name}: difference`,
      minus(pairs),
      bootstrap(pairs, ({ own }) => own.patient, minus),
      counted(data, cases),
    ),
  ];
};

const SETS = { uncertain: 'present', findings: FINDINGS } as const;
const read = ({ patient, draft, reference, truth }: CaseOf<'report'>) => ({
  patient,
  draft: findingsThere(draft, SETS),
  reference: truth ? new Set(truth) : findingsThere(reference, SETS),
});

/** Own minus other, by each kind of case that both have. Throws UnpairedError. */
export const compare = (own: readonly Case[], others: readonly Case[], data: string): Evaluation => {
  const reports = pairsOf(own, others, 'report').map((pair) => ({ own: read(pair.own), other: read(pair.other) }));
  const figures = [
    ...difference('quadratic kappa', pairsOf(own, others, 'grade'), kappa, data),
    ...difference('mean AUC', pairsOf(own, others, 'labels'), (drawn) => meanAuc(drawn), data),
    ...difference('lesion F1', pairsOf(own, others, 'lesions'), lesionF1, data),
    ...difference('mean Dice over labels', pairsOf(own, others, 'masks'), macroDice, data),
    ...difference('clinical F1, micro', reports, (drawn) => clinicalOfSets(drawn).micro, data),
    ...difference('clinical F1, macro', reports, (drawn) => clinicalOfSets(drawn).macro, data),
  ];
  if (figures.length === 0) throw new UnpairedError('The two have no kind of case in common.');
  return { figures, tables: [], plots: [] };
};
