import type { Figure } from '../manifest.ts';

/** Rows of Markdown; marks that would end a cell are kept from it. */
export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string => {
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/\|/g, '\\|').replace(/\s+/g, ' ')).join(' | ')} |`;
  return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n');
};

const written = (value: number): string => (Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(3));

export const figuresTable = (figures: readonly Figure[]): string =>
  markdownTable(
    ['figure', 'value', '95 % interval', 'data'],
    figures.map(({ name, value, interval, data }) => [
      name,
      written(value),
      interval ? `${written(interval[0])} to ${written(interval[1])}` : '',
      data,
    ]),
  );
