/** The four plots of a package's card, each from the figures themselves. */
import type { Interval } from '../metrics/bootstrap.ts';
import type { ReliabilityBin } from '../metrics/calibration.ts';
import type { RocPoint } from '../metrics/ranking.ts';
import { colorOf, dot, FAINT, INK, line, path, picture, rectangle, text } from './svg.ts';

const SIDE = 320;
const LEFT = 60;
const TOP = 44;
const BOTTOM = 48;

/** A square from (0, 0) to (1, 1) with ticks at each fifth. */
const unitSquare = (
  across: string,
  up: string,
): { marks: string[]; x: (v: number) => number; y: (v: number) => number } => {
  const x = (v: number): number => LEFT + v * SIDE;
  const y = (v: number): number => TOP + (1 - v) * SIDE;
  const marks = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((v) => [
    line(x(v), y(0), x(v), y(1), FAINT),
    line(x(0), y(v), x(1), y(v), FAINT),
    text(x(v), y(0) + 18, v.toFixed(1), { anchor: 'middle', size: 11 }),
    text(x(0) - 8, y(v) + 4, v.toFixed(1), { anchor: 'end', size: 11 }),
  ]);
  marks.push(
    line(x(0), y(0), x(1), y(1), '#8b939e', 1, true),
    text(x(0.5), y(0) + 38, across, { anchor: 'middle' }),
    text(18, y(0.5), up, { anchor: 'middle', upright: true }),
  );
  return { marks, x, y };
};

export interface Curve {
  readonly name: string;
  readonly points: readonly RocPoint[];
  readonly area: number;
}

/** ROC curves with their areas beside them, the largest first. */
export const rocPlot = (title: string, curves: readonly Curve[]): string => {
  const { marks, x, y } = unitSquare('1 - specificity', 'sensitivity');
  const sorted = curves.toSorted((a, b) => b.area - a.area);
  for (const [at, { name, points, area }] of sorted.entries()) {
    marks.push(
      path(
        points.map(({ falseRate, trueRate }) => [x(falseRate), y(trueRate)]),
        colorOf(at),
      ),
    );
    const row = TOP + 12 + at * 20;
    marks.push(line(LEFT + SIDE + 20, row - 4, LEFT + SIDE + 44, row - 4, colorOf(at), 3));
    marks.push(text(LEFT + SIDE + 52, row, `${name} ${area.toFixed(3)}`));
  }
  const height = Math.max(TOP + SIDE + BOTTOM, TOP + 24 + sorted.length * 20);
  return picture(LEFT + SIDE + 240, height, title, marks);
};

/** What was foretold against what was seen, by bin; dots grow with the cases in them, which stand below. */
export const reliabilityPlot = (title: string, bins: readonly ReliabilityBin[]): string => {
  const { marks, x, y } = unitSquare('foretold', 'seen');
  const most = Math.max(1, ...bins.map(({ count }) => count));
  const filled = bins.flatMap(({ foretold, seen, count }) =>
    foretold === null || seen === null ? [] : [{ foretold, seen, count }],
  );
  marks.push(
    path(
      filled.map(({ foretold, seen }) => [x(foretold), y(seen)]),
      colorOf(0),
    ),
  );
  for (const { foretold, seen, count } of filled)
    marks.push(dot(x(foretold), y(seen), colorOf(0), 3 + Math.round(5 * Math.sqrt(count / most))));
  for (const { low, high, count } of bins)
    marks.push(
      text(x((low + high) / 2), TOP + SIDE + 58, String(count), { anchor: 'middle', size: 10, color: '#56606b' }),
    );
  marks.push(text(LEFT - 8, TOP + SIDE + 58, 'n', { anchor: 'end', size: 10, color: '#56606b' }));
  return picture(LEFT + SIDE + 24, TOP + SIDE + BOTTOM + 20, title, marks);
};

/** Counts, rows the truth; a cell is as dark as its share of its row. */
export const confusionPlot = (
  title: string,
  names: readonly string[],
  counts: readonly (readonly number[])[],
): string => {
  const cell = 56;
  const [left, top] = [110, 84];
  const marks: string[] = [
    text(left + (names.length * cell) / 2, 52, 'told', { anchor: 'middle' }),
    text(24, top + (names.length * cell) / 2, 'truth', { anchor: 'middle', upright: true }),
  ];
  for (const [i, row] of counts.entries()) {
    const all = row.reduce((sum, count) => sum + count, 0);
    marks.push(text(left + i * cell + cell / 2, 74, names[i] ?? '', { anchor: 'middle', size: 11 }));
    marks.push(text(left - 10, top + i * cell + cell / 2 + 4, names[i] ?? '', { anchor: 'end', size: 11 }));
    for (const [j, count] of row.entries()) {
      const share = all === 0 ? 0 : count / all;
      const shade = (to: number): number => Math.round(255 + (to - 255) * share);
      marks.push(
        rectangle(
          left + j * cell + 1,
          top + i * cell + 1,
          cell - 2,
          cell - 2,
          `rgb(${shade(0)},${shade(90)},${shade(150)})`,
        ),
      );
      const color = share > 0.55 ? '#ffffff' : INK;
      marks.push(
        text(left + j * cell + cell / 2, top + i * cell + cell / 2 + 4, String(count), {
          anchor: 'middle',
          size: 13,
          color,
        }),
      );
    }
  }
  return picture(Math.max(260, left + names.length * cell + 24), top + names.length * cell + 24, title, marks);
};

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly interval: Interval | null;
}

/** One bar a name with its 95 % interval, from 0 to 1. */
export const barPlot = (title: string, bars: readonly Bar[]): string => {
  const [left, width, step] = [180, 360, 26];
  const x = (v: number): number => left + Math.min(1, Math.max(0, v)) * width;
  const bottom = TOP + bars.length * step + 6;
  const marks = [0, 0.2, 0.4, 0.6, 0.8, 1].flatMap((v) => [
    line(x(v), TOP - 4, x(v), bottom, FAINT),
    text(x(v), bottom + 18, v.toFixed(1), { anchor: 'middle', size: 11 }),
  ]);
  for (const [at, { name, value, interval }] of bars.entries()) {
    const middle = TOP + at * step + step / 2;
    marks.push(text(left - 10, middle + 4, name, { anchor: 'end' }));
    marks.push(rectangle(left, middle - 8, Math.max(0.5, x(value) - left), 16, colorOf(0)));
    if (interval) {
      const [low, high] = interval;
      marks.push(line(x(low), middle, x(high), middle, INK, 2));
      for (const end of [low, high]) marks.push(line(x(end), middle - 5, x(end), middle + 5, INK, 2));
    }
    marks.push(text(left + width + 14, middle + 4, value.toFixed(3)));
  }
  return picture(left + width + 70, bottom + 34, title, marks);
};
