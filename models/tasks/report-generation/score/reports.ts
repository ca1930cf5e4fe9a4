/** Drafts against references: what they say first, overlap of words last. */
import { barPlot } from '../../../kit/card/plots.ts';
import { bootstrap } from '../../../kit/metrics/bootstrap.ts';
import { groundingFigures, groundingOf } from '../../../kit/metrics/grounding.ts';
import { type CaseOf, counted, type Evaluation, figure, patientOf } from '../../evaluation.ts';
import { bleu } from './bleu.ts';
import { cider } from './cider.ts';
import { clinicalOfSets, findingsThere } from './clinical.ts';
import { FINDINGS } from './labeller/index.ts';
import { rouge } from './rouge.ts';

/** Lower case, marks parted from words, a decimal point kept: what the overlap of words is counted on. */
export const prepared = (text: string): string =>
  (text.toLowerCase().match(/\d+\.\d+|[\p{L}\p{N}]+(?:['-][\p{L}\p{N}]+)*|[^\s\p{L}\p{N}]/gu) ?? []).join(' ');

export const scoreReports = (cases: readonly CaseOf<'report'>[], data: string): Evaluation => {
  const options = { uncertain: 'present', findings: FINDINGS } as const;
  const read = cases.map(({ patient, draft, reference, truth, grounding }) => ({
    patient,
    draft: findingsThere(draft, options),
    reference: truth ? new Set(truth) : findingsThere(reference, options),
    grounding: grounding ? [groundingOf(grounding.told, grounding.truth)] : [],
  }));
  const clinical = clinicalOfSets(read);
  const pairs = cases.map(({ draft, reference }) => ({ text: prepared(draft), references: [prepared(reference)] }));
  const grounded = groundingFigures(read.flatMap(({ grounding }) => grounding));
  const interval = (of: (drawn: readonly (typeof read)[number][]) => number | null) =>
    bootstrap(read, patientOf, of, 500);
  const n = counted(data, cases);
  return {
    figures: [
      ...figure(
        'clinical F1, micro',
        clinical.micro,
        interval((drawn) => clinicalOfSets(drawn).micro),
        n,
      ),
      ...figure(
        'clinical F1, macro',
        clinical.macro,
        interval((drawn) => clinicalOfSets(drawn).macro),
        n,
      ),
      ...(['precision', 'recall'] as const).flatMap((name) =>
        figure(
          `grounding ${name}`,
          grounded[name],
          interval((drawn) => groundingFigures(drawn.flatMap(({ grounding }) => grounding))[name]),
          n,
        ),
      ),
      ...bleu(pairs).flatMap((value, k) => figure(`BLEU-${k + 1}`, value, null, n)),
      ...figure('ROUGE-L', rouge(pairs), null, n),
      ...figure('CIDEr-D', cider(pairs), null, n),
    ],
    tables: [
      {
        title: 'Findings',
        head: ['finding', 'F1', 'right', 'wrong', 'missed'],
        rows: [...clinical.byFinding].map(([key, own]) => [
          key,
          own.f1.toFixed(3),
          ...[own.right, own.wrong, own.missed].map(String),
        ]),
      },
    ],
    plots: [
      {
        name: 'clinical-f1',
        title: 'Clinical F1 by finding',
        svg: barPlot(
          'Clinical F1 by finding',
          [...clinical.byFinding].map(([name, own]) => ({ name, value: own.f1, interval: null })),
        ),
      },
    ],
  };
};
