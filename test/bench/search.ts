/**
 * The search over earlier reports, judged by the Indiana reports: does it find what is about the same, and does the
 * encoder add to the words? Distinct texts, each abnormal one asked as a question. `--read` judges the half that nothing
 * was chosen on; it is for the figures that are told, not for trying.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fused } from '../../main/knowledge/fuse.ts';
import { byWords, insert, textOf } from '../../main/knowledge/reports.ts';
import { createVectors } from '../../main/knowledge/vectors.ts';
import { openStore } from '../../main/store/index.ts';
import { embeddings, load } from '../../models/packages/run.ts';
import { interval } from './figures.ts';
import { indianaReports, ndcg10, overlap } from './reports.ts';

const DEEP = 50;
const DRAWS = 2000;

const reports = indianaReports();
if (!reports) {
  console.log('skipped: no shared data folder');
  process.exit(0);
}
const { values: given } = parseArgs({
  options: {
    read: { type: 'boolean', default: false },
    package: { type: 'string', default: join(import.meta.dirname, '..', '..', 'models', 'packages', 'text-encoder') },
    /** Where the figures are written, for the package's card. */
    out: { type: 'string' },
  },
});
const half = given.read ? 'read' : 'choose';
const encoder = await load(given.package);

const folder = mkdtempSync(join(tmpdir(), 'sightline-search-'));
const store = openStore(folder);
const filters = {
  modality: null,
  bodyPart: null,
  from: null,
  to: null,
  excludeStudyId: null,
  excludePatientId: '',
  excludeBirthDate: null,
};
const rows = store.transaction((writer) =>
  reports.map(({ findings, impression }, n) => {
    const rest = { patientId: '', birthDate: null, date: null, modality: '', bodyPart: '', indication: '' };
    return insert(
      writer,
      `report ${n}`,
      { ...rest, findings, impression, studyId: null, source: 'imported' },
      '2026-01-01T00:00:00.000Z',
    ).row;
  }),
);
const at = new Map(rows.map((row, n) => [row, n]));
const texts = reports.map(textOf);
const began = performance.now();
const vectors = await embeddings(encoder, texts);
const embedMs = (performance.now() - began) / texts.length;
const index = createVectors(vectors[0]?.length ?? 0);
for (const [n, vector] of vectors.entries()) index.put(rows[n] ?? 0, vector);

interface Asked {
  readonly id: string;
  readonly words: number;
  readonly near: number;
  readonly both: number;
}
const asked = reports.flatMap((report, n): Asked[] => {
  if (report.about.size === 0 || report.half !== half) return [];
  const own = rows[n] ?? 0;
  const grade = (row: number): number => overlap(report.about, reports[at.get(row) ?? -1]?.about ?? new Set());
  const all = rows.filter((row) => row !== own).map(grade);
  if (!all.some((value) => value > 0)) return [];
  const others = <Hit extends { readonly row: number }>(hits: readonly Hit[]): Hit[] =>
    hits.filter(({ row }) => row !== own);
  const words = others(byWords(store.read, texts[n] ?? '', filters, DEEP + 1));
  const near = others(
    index.nearest(vectors[n] ?? new Float32Array(), DEEP + 1, null, (row) => vectors[at.get(row) ?? -1]),
  );
  const score = (hits: readonly { readonly row: number }[]): number =>
    ndcg10(
      hits.map(({ row }) => grade(row)),
      all,
    );
  return [{ id: String(n), words: score(words), near: score(near), both: score(fused(words, near)) }];
});
const mean = (of: (one: Asked) => number, over: readonly Asked[] = asked): number =>
  over.reduce((sum, one) => sum + of(one), 0) / over.length;
console.log(
  `${reports.length} distinct texts; ${asked.length} abnormal ones asked (${half}); ${embedMs.toFixed(1)} ms a text`,
);
const figures = (
  [
    ['words (BM25)', (one: Asked) => one.words],
    ['encoder alone', (one: Asked) => one.near],
    ['words and encoder', (one: Asked) => one.both],
    ['words and encoder minus words', (one: Asked) => one.both - one.words],
  ] as const
).map(([name, of]) => {
  const row = {
    name: `nDCG@10, ${name}`,
    value: Number(mean(of).toFixed(4)),
    interval: interval(
      asked,
      ({ id }) => id,
      (drawn) => mean(of, drawn),
      DRAWS,
    ),
    data: `Indiana reports as judge, distinct texts, graded by MeSH, the half ${given.read ? 'read once' : 'to choose on'}, n = ${asked.length} of ${reports.length}`,
  };
  console.log(`${row.name}: ${row.value} (${row.interval.join(' to ')})`);
  return row;
});
if (given.out !== undefined) writeFileSync(given.out, `${JSON.stringify({ figures }, null, 2)}\n`);
store.close();
rmSync(folder, { recursive: true, force: true });
