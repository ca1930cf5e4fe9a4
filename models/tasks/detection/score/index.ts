/** Lesions found of lesions there. */
import { barPlot } from '../../../kit/card/plots.ts';
import { bootstrap, wilson } from '../../../kit/metrics/bootstrap.ts';
import { type Grounding, groundingFigures, groundingOf } from '../../../kit/metrics/grounding.ts';
import { type CaseOf, counted, type Evaluation, figure, patientOf } from '../../evaluation.ts';

type Lesions = CaseOf<'lesions'>;
const sum = (cases: readonly Lesions[], of: (one: Lesions) => number): number =>
  cases.reduce((all, one) => all + of(one), 0);

/** Null where there was nothing to find and nothing was told. */
export const lesionF1 = (cases: readonly Lesions[]): number | null => {
  const right = sum(cases, (one) => one.right);
  const all = 2 * right + sum(cases, (one) => one.missed + one.wrong);
  return all === 0 ? null : (2 * right) / all;
};

export const scoreLesions = (cases: readonly Lesions[], data: string): Evaluation => {
  const keys = [...new Set(cases.flatMap(({ byFinding }) => Object.keys(byFinding)))].sort();
  const falseRate = (drawn: readonly Lesions[]): number =>
    sum(drawn, ({ byFinding }) => Object.values(byFinding).reduce((all, own) => all + own.false, 0)) / drawn.length;
  const found = keys.map((key) => {
    const planted = sum(cases, ({ byFinding }) => byFinding[key]?.planted ?? 0);
    const hits = sum(cases, ({ byFinding }) => byFinding[key]?.found ?? 0);
    return {
      key,
      of: figure(
        `${key}: found`,
        planted === 0 ? null : hits / planted,
        wilson(hits, planted),
        `${counted(data, cases)}, ${planted} of it`,
      ),
    };
  });
  return {
    figures: [
      ...figure('lesion F1', lesionF1(cases), bootstrap(cases, patientOf, lesionF1), counted(data, cases)),
      ...figure(
        'false findings per study',
        falseRate(cases),
        bootstrap(cases, patientOf, falseRate),
        counted(data, cases),
      ),
      ...found.flatMap(({ of }) => of),
    ],
    tables: [],
    plots: [
      {
        name: 'found',
        title: 'Found of those planted, 95 % intervals',
        svg: barPlot(
          'Found of those planted, 95 % intervals',
          found.flatMap(({ key, of: [own] }) => (own ? [{ name: key, value: own.value, interval: own.interval }] : [])),
        ),
      },
    ],
  };
};

/** Precision and recall of places, sentences counted together: half of the pixels inside, each direction for itself. */
export const scoreGrounding = (cases: readonly CaseOf<'grounding'>[], data: string): Evaluation => {
  const read = cases.map(({ patient, told, truth }) => ({ patient, own: groundingOf(told, truth) }));
  const all = (drawn: typeof read): Grounding[] => drawn.map(({ own }) => own);
  const count = (of: 'told' | 'truth'): number => all(read).reduce((total, own) => total + own[of], 0);
  return {
    figures: (['precision', 'recall'] as const).flatMap((name) =>
      figure(
        `grounding ${name}`,
        groundingFigures(all(read))[name],
        bootstrap(read, patientOf, (drawn) => groundingFigures(all([...drawn]))[name]),
        `${counted(data, cases)}, ${count(name === 'precision' ? 'told' : 'truth')} sentences with places`,
      ),
    ),
    tables: [],
    plots: [],
  };
};
