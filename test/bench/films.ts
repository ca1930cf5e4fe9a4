/**
 * Drafts of the real NIH films, out of fold, as the recipe of cxr-report wrote them: macro F1 over the labels, each system
 * beside the drafting network, intervals drawn by patient and in pairs.
 *   films FOLDER [--out FILE]      FOLDER/<system>/cases.jsonl, the same films in the same order
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCases } from '../../models/packages/data.ts';
import { casesOf } from '../../models/tasks/evaluation.ts';
import { clinicalOfSets, type FindingKey, findingsThere } from '../../models/tasks/report-generation/score/index.ts';
import { interval } from './figures.ts';

const SYSTEMS = [
  ['network', 'drafting network over the image encoder'],
  ['template', 'template over the same image encoder, thresholds from inner folds'],
  ['nearest', "nearest training film's report"],
  ['normal', 'constant normal report'],
] as const;
const [folder = '.', flag, out] = process.argv.slice(2);
const DRAWS = 1000;

const read = (name: string) => casesOf(readCases(join(folder, name)) ?? [], 'report');
const all = SYSTEMS.map(([name]) => read(name));
const [first = []] = all;
const findings = [...new Set(first.flatMap(({ truth }) => truth ?? []))].sort();
const options = { uncertain: 'present', findings } as const;
const films = first.map((one, n) => ({
  patient: one.patient,
  truth: new Set<FindingKey>(one.truth ?? []),
  told: all.map((cases) => {
    const own = cases[n];
    if (own?.patient !== one.patient) throw new Error('the systems did not draft the same films');
    return findingsThere(own.draft, options);
  }),
}));
type Film = (typeof films)[number];
const macro = (over: readonly Film[], system: number): number => {
  const { byFinding } = clinicalOfSets(
    over.map(({ told, truth }) => ({ draft: told[system] ?? new Set(), reference: truth })),
    findings,
  );
  return findings.reduce((sum, key) => sum + (byFinding.get(key)?.f1 ?? 0), 0) / findings.length;
};
const byPatient = (of: (over: readonly Film[]) => number): [number, number] =>
  interval(films, ({ patient }) => patient, of, DRAWS);
const data = `NIH films, out of fold by patient, ${findings.join(', ')}, n = ${films.length}`;
const rows = SYSTEMS.map(([name, words], n) => {
  const value = Number(macro(films, n).toFixed(4));
  const own = byPatient((over) => macro(over, n));
  const behind = n === 0 ? null : byPatient((over) => macro(over, 0) - macro(over, n));
  console.log(
    `${words}: macro F1 ${value} (${own.join(' to ')})${behind ? `; network minus it ${(macro(films, 0) - macro(films, n)).toFixed(4)} (${behind.join(' to ')})` : ''}`,
  );
  return { name, words, value, interval: own, difference: behind };
});
for (const [n, [name]] of SYSTEMS.entries()) {
  const { byFinding } = clinicalOfSets(
    films.map(({ told, truth }) => ({ draft: told[n] ?? new Set(), reference: truth })),
    findings,
  );
  console.log(`  ${name}: ${findings.map((key) => `${key} ${(byFinding.get(key)?.f1 ?? 0).toFixed(3)}`).join(', ')}`);
}
if (flag === '--out' && out) writeFileSync(out, `${JSON.stringify({ data, rows }, null, 2)}\n`);
