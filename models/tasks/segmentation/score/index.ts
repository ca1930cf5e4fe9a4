/** Masks against masks: by label, and the mean over labels. */
import { barPlot } from '../../../kit/card/plots.ts';
import { bootstrap } from '../../../kit/metrics/bootstrap.ts';
import { type CaseOf, counted, type Evaluation, figure, meanOf, patientOf } from '../../evaluation.ts';

type Masks = CaseOf<'masks'>;

const labelsIn = (cases: readonly Masks[]): string[] => [
  ...new Set(cases.flatMap(({ byLabel }) => Object.keys(byLabel))),
];
const meanDice = (label: string) => (drawn: readonly Masks[]) =>
  meanOf(drawn.map(({ byLabel }) => byLabel[label]?.dice));

/** The mean over labels of their mean over cases; null where there is none. */
export const macroDice = (cases: readonly Masks[]): number | null =>
  meanOf(labelsIn(cases).map((label) => meanDice(label)(cases)));

/** Dice by label over the cases that have it in truth or answer; distances over those that have it in both. */
export const scoreMasks = (cases: readonly Masks[], data: string): Evaluation => {
  const labels = labelsIn(cases);
  const distance = (label: string, name: 'hausdorffMm' | 'hausdorff95Mm') => (drawn: readonly Masks[]) =>
    meanOf(drawn.map(({ byLabel }) => byLabel[label]?.[name]));
  const byLabel = labels.map((label) => {
    const own = cases.filter((one) => (one.byLabel[label]?.dice ?? null) !== null);
    const both = cases.filter((one) => (one.byLabel[label]?.hausdorffMm ?? null) !== null);
    return {
      label,
      dice: figure(
        `${label}: Dice`,
        meanDice(label)(own),
        bootstrap(own, patientOf, meanDice(label)),
        counted(data, own),
      ),
      distances: (['hausdorff95Mm', 'hausdorffMm'] as const).flatMap((name) =>
        figure(
          `${label}: Hausdorff ${name === 'hausdorffMm' ? 'distance' : '95 %'}, mm`,
          distance(label, name)(both),
          bootstrap(both, patientOf, distance(label, name)),
          `${counted(data, both)} with it in both`,
        ),
      ),
    };
  });
  return {
    figures: [
      ...figure(
        'mean Dice over labels',
        macroDice(cases),
        bootstrap(cases, patientOf, macroDice),
        counted(data, cases),
      ),
      ...byLabel.flatMap(({ dice }) => dice),
      ...byLabel.flatMap(({ distances }) => distances),
    ],
    tables: [],
    plots: [
      {
        name: 'dice',
        title: 'Dice by label, 95 % intervals',
        svg: barPlot(
          'Dice by label, 95 % intervals',
          byLabel.flatMap(({ label, dice: [own] }) =>
            own ? [{ name: label, value: own.value, interval: own.interval }] : [],
          ),
        ),
      },
    ],
  };
};
