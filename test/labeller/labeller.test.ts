/** The labeller against sentences that were written and labelled before it. Half of them may be tuned on; the other half judges. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'csv-parse/sync';
import {
  CHEXPERT,
  chexpertLabels,
  FINDINGS,
  findingsSaid,
  IN_SETS,
  labelSetTable,
  NIH,
  NIH_TO_CHEXPERT,
} from '../../models/tasks/report-generation/score/index.ts';
import { SHARED_DATA } from '../conditions.ts';
import { type Labelled, labelled } from './sentences.ts';

interface Figures {
  readonly f1: number;
  readonly side: number;
  readonly severity: number;
}

/** F1 of finding with status; side and severity of those that agree. */
const figuresOf = (sentences: readonly Labelled[]): Figures => {
  let [right, wrong, missed, sides, severities] = [0, 0, 0, 0, 0];
  for (const { text, says } of sentences) {
    const rest = [...findingsSaid(text)];
    for (const wanted of says) {
      const same = rest.filter((said) => said.key === wanted.key && said.status === wanted.status);
      const said = same.find((one) => one.side === wanted.side) ?? same[0];
      if (!said) {
        missed++;
        continue;
      }
      rest.splice(rest.indexOf(said), 1);
      right++;
      if (said.side === wanted.side) sides++;
      if (said.severity === wanted.severity) severities++;
    }
    wrong += rest.length;
  }
  return { f1: (2 * right) / (2 * right + wrong + missed), side: sides / right, severity: severities / right };
};

test('the sentences are 300, each once, of known findings', () => {
  const sentences = labelled();
  assert.equal(sentences.length, 300);
  assert.equal(new Set(sentences.map(({ text }) => text)).size, 300);
  for (const { says, text } of sentences)
    for (const { key, status } of says) {
      assert.ok((FINDINGS as readonly string[]).includes(key), `${key} in: ${text}`);
      assert.notEqual(status, '', text);
    }
});

for (const [half, odd, least] of [
  ['tuned on', 1, { f1: 0.98, side: 0.97, severity: 0.98 }],
  ['judging', 0, { f1: 0.95, side: 0.93, severity: 0.97 }],
] as const)
  test(`300 sentences of ours, the half ${half}`, (t) => {
    const figures = figuresOf(labelled().filter(({ number }) => number % 2 === odd));
    t.diagnostic(
      `F1 of finding and status ${figures.f1.toFixed(3)}; side ${figures.side.toFixed(3)}, severity ${figures.severity.toFixed(3)} of those`,
    );
    for (const name of ['f1', 'side', 'severity'] as const)
      assert.ok(figures[name] >= least[name], `${name} ${figures[name]}`);
  });

test('text without findings says nothing, and long text comes to an end', () => {
  assert.deepEqual(findingsSaid(''), []);
  assert.deepEqual(findingsSaid('The patient was rotated. Thank you for this referral.'), []);
  const long = `No ${'effusion, pneumothorax or consolidation, '.repeat(400)}mass.`;
  const begun = performance.now();
  assert.ok(findingsSaid(long).every(({ status }) => status === 'absent'));
  assert.ok(performance.now() - begun < 20_000);
});

test('both label sets are reached, and the table in the README is the map', () => {
  const reached = Object.values(IN_SETS);
  for (const label of CHEXPERT.slice(1))
    assert.ok(
      reached.some(({ chexpert }) => chexpert === label),
      label,
    );
  for (const label of NIH.slice(1))
    assert.ok(
      reached.some(({ nih }) => nih === label),
      label,
    );
  assert.equal(NIH_TO_CHEXPERT.Infiltration, 'Lung Opacity');
  assert.equal(NIH_TO_CHEXPERT.Mass, 'Lung Lesion');
  assert.equal(NIH_TO_CHEXPERT.Hernia, null);
  const readme = readFileSync(
    new URL('../../models/tasks/report-generation/score/README.md', import.meta.url),
    'utf8',
  ).replace(/\r/g, '');
  assert.ok(readme.includes(labelSetTable()), labelSetTable());
});

test('the reports that come with the CheXpert labeller, as it labels them', (t) => {
  const path = join(SHARED_DATA, 'metrics', 'chexpert-labeler', 'labeled_reports.csv');
  if (!existsSync(path)) return t.skip('no shared data folder');
  const rows: Record<string, string>[] = parse(readFileSync(path), { columns: true });
  const words: Readonly<Record<string, string>> = { '1.0': 'present', '0.0': 'absent', '-1.0': 'uncertain' };
  for (const row of rows) {
    const text = row.Reports ?? '';
    const got = chexpertLabels(text);
    for (const label of CHEXPERT) assert.equal(got.get(label), words[row[label] ?? ''], `${label}: ${text}`);
  }
});
