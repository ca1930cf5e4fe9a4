/** Labels with probabilities, and grades. */
import { confusionPlot, reliabilityPlot, rocPlot } from '../../../kit/card/plots.ts';
import { confusionOf, quadraticKappa } from '../../../kit/metrics/agreement.ts';
import { bootstrap } from '../../../kit/metrics/bootstrap.ts';
import { calibrationError, reliabilityOf } from '../../../kit/metrics/calibration.ts';
import { auc, rocOf, sensitivityAt } from '../../../kit/metrics/ranking.ts';
import { type CaseOf, counted, type Evaluation, figure, meanOf, patientOf } from '../../evaluation.ts';

const BINS = 10;
const SPECIFICITY = 0.85;

const ofLabel = (cases: readonly CaseOf<'labels'>[], label: string) =>
  cases.flatMap(({ patient, scores, truth }) => {
    const [score, is] = [scores[label], truth[label]];
    return score === undefined || is === undefined ? [] : [{ patient, score, probability: score, truth: is }];
  });

const labelsIn = (cases: readonly CaseOf<'labels'>[]): string[] =>
  [...new Set(cases.flatMap(({ truth }) => Object.keys(truth)))].sort();

/** Over the labels of which these cases hold both kinds; null where there is none. */
export const meanAuc = (cases: readonly CaseOf<'labels'>[], labels = labelsIn(cases)): number | null =>
  meanOf(labels.map((label) => auc(ofLabel(cases, label))));

/** Grades that the cases reach, from 0. */
const gradesIn = (cases: readonly CaseOf<'grade'>[]): number =>
  1 + Math.max(...cases.flatMap(({ truth, told }) => [truth, told]));

/** Quadratic kappa; how many grades there are changes nothing of it. */
export const kappa = (cases: readonly CaseOf<'grade'>[]): number | null => quadraticKappa(cases, gradesIn(cases));

/** AUC by label and their mean, sensitivity where specificity is 0.85, calibration of all labels together; ROC and reliability as plots. */
export const scoreLabels = (cases: readonly CaseOf<'labels'>[], data: string): Evaluation => {
  const labels = labelsIn(cases);
  const all = cases.flatMap((one) => labels.flatMap((label) => ofLabel([one], label)));
  const figures = labels.flatMap((label) => {
    const own = ofLabel(cases, label);
    const positives = own.filter(({ truth }) => truth).length;
    return figure(
      `${label}: AUC`,
      auc(own),
      bootstrap(own, patientOf, auc),
      `${counted(data, own)}, ${positives} with it`,
    );
  });
  const bins = reliabilityOf(all, BINS);
  return {
    figures: [
      ...figure(
        'mean AUC',
        meanAuc(cases),
        bootstrap(cases, patientOf, (drawn) => meanAuc(drawn, labels), 500),
        counted(data, cases),
      ),
      ...figures,
      ...labels.flatMap((label) => {
        const own = ofLabel(cases, label);
        const sensitivity = (drawn: typeof own): number | null => sensitivityAt(drawn, SPECIFICITY);
        return figure(
          `${label}: sensitivity at specificity ${SPECIFICITY}`,
          sensitivity(own),
          bootstrap(own, patientOf, (drawn) => sensitivity([...drawn])),
          counted(data, own),
        );
      }),
      ...figure(
        `calibration error (${BINS} bins of equal width)`,
        calibrationError(all, BINS),
        bootstrap(all, patientOf, (drawn) => calibrationError(drawn, BINS), 500),
        counted(data, cases),
      ),
    ],
    tables: [
      {
        title: 'Reliability',
        head: ['probability', 'cases', 'foretold', 'seen'],
        rows: bins.map(({ low, high, count, foretold, seen }) => [
          `${low.toFixed(1)} to ${high.toFixed(1)}`,
          String(count),
          foretold?.toFixed(3) ?? '',
          seen?.toFixed(3) ?? '',
        ]),
      },
    ],
    plots: [
      {
        name: 'roc',
        title: 'ROC by label, with areas',
        svg: rocPlot(
          'ROC by label, with areas',
          labels.flatMap((name) => {
            const own = ofLabel(cases, name);
            const [points, area] = [rocOf(own), auc(own)];
            return points && area !== null ? [{ name, points, area }] : [];
          }),
        ),
      },
      { name: 'reliability', title: 'Reliability, all labels', svg: reliabilityPlot('Reliability, all labels', bins) },
    ],
  };
};

/** Quadratic kappa and share of equal grades; the confusion matrix as table and plot. */
export const scoreGrades = (cases: readonly CaseOf<'grade'>[], data: string): Evaluation => {
  const equal = (drawn: readonly CaseOf<'grade'>[]): number =>
    drawn.filter(({ truth, told }) => truth === told).length / drawn.length;
  const counts = confusionOf(cases, gradesIn(cases));
  const names = counts.map((_, grade) => String(grade));
  return {
    figures: [
      ...figure('quadratic kappa', kappa(cases), bootstrap(cases, patientOf, kappa), counted(data, cases)),
      ...figure('equal grades', equal(cases), bootstrap(cases, patientOf, equal), counted(data, cases)),
    ],
    tables: [
      {
        title: 'Confusion (rows: truth)',
        head: ['truth', ...names.map((name) => `told ${name}`)],
        rows: counts.map((row, grade) => [String(grade), ...row.map(String)]),
      },
    ],
    plots: [{ name: 'confusion', title: 'Grades told', svg: confusionPlot('Grades told', names, counts) }],
  };
};
