/** An evaluation as text and pictures, in a folder of its own or in a package's card. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figuresTable, markdownTable } from '../kit/card/table.ts';
import { Manifest } from '../kit/manifest.ts';
import type { Evaluation } from '../tasks/evaluation.ts';

const BEGIN = '<!-- evaluation: written by `sightline evaluate`, not by hand -->';
const END = '<!-- /evaluation -->';

/** `data`: what it was measured on. `plots`: where the pictures lie from the text. */
const evaluationText = (evaluation: Evaluation, data: string, plots: string): string =>
  [
    '## Evaluation',
    '',
    `Measured on ${data}.`,
    '',
    figuresTable(evaluation.figures),
    '',
    ...evaluation.tables.flatMap(({ title, head, rows }) => [`### ${title}`, '', markdownTable(head, rows), '']),
    ...evaluation.plots.flatMap(({ name, title }) => [`![${title}](${plots}${name}.svg)`, '']),
  ].join('\n');

const writePlots = (folder: string, evaluation: Evaluation): void => {
  mkdirSync(folder, { recursive: true });
  for (const { name, svg } of evaluation.plots) writeFileSync(join(folder, `${name}.svg`), svg);
};

/** As the recipes write a manifest: lists of numbers on one line each. */
const manifestText = (manifest: unknown): string =>
  `${JSON.stringify(manifest, null, 2)
    .replace(/\[\s+([^[\]{}"]*?)\s+\]/g, (_, inner: string) => `[${inner.replace(/\s+/g, ' ')}]`)
    .replace(/\[\s+(\[[^{}"]*?\])\s+\]/g, (_, inner: string) => `[${inner.replace(/\s+/g, ' ')}]`)}\n`;

/** Puts the evaluation into card.md in place of an earlier one, its plots into plots/, and both into the manifest's files. */
export const writeIntoCard = (folder: string, evaluation: Evaluation, data: string): void => {
  const cardPath = join(folder, 'card.md');
  const card = readFileSync(cardPath, 'utf8');
  const own = `${BEGIN}\n${evaluationText(evaluation, data, 'plots/')}${END}\n`;
  const [from, to] = [card.indexOf(BEGIN), card.indexOf(END)];
  const written =
    from >= 0 && to > from
      ? `${card.slice(0, from)}${own}${card.slice(to + END.length).replace(/^\n/, '')}`
      : `${card.trimEnd()}\n\n${own}`;
  const manifestPath = join(folder, 'manifest.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as Manifest;
  const earlier = manifest.files.filter(({ path }) => path.startsWith('plots/'));
  for (const { path } of earlier) rmSync(join(folder, path), { force: true });
  writePlots(join(folder, 'plots'), evaluation);
  writeFileSync(cardPath, written);
  const paths = [
    ...manifest.files.map(({ path }) => path).filter((path) => !path.startsWith('plots/')),
    ...evaluation.plots.map(({ name }) => `plots/${name}.svg`),
  ].sort();
  const files = paths.map((path) => {
    const content = readFileSync(join(folder, path));
    return { path, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
  });
  writeFileSync(manifestPath, manifestText({ ...manifest, files }));
  Manifest.parse(JSON.parse(readFileSync(manifestPath, 'utf8')));
};

/** evaluation.json, evaluation.md and the plots; earlier ones of the same names are replaced. */
export const writeEvaluation = (folder: string, title: string, evaluation: Evaluation, data: string): void => {
  if (!existsSync(folder)) mkdirSync(folder, { recursive: true });
  writePlots(folder, evaluation);
  const { figures, tables } = evaluation;
  writeFileSync(join(folder, 'evaluation.json'), `${JSON.stringify({ title, data, figures, tables }, null, 2)}\n`);
  writeFileSync(join(folder, 'evaluation.md'), `# ${title}\n\n${evaluationText(evaluation, data, '')}`);
};
