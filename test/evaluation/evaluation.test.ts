/** Figures of every kind of case, the command that makes them, and a package's card that they are written into. */
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../../main/cli/command.ts';
import { commands } from '../../main/cli/index.ts';
import { findPackages } from '../../main/inference/packages.ts';
import { compare, UnpairedError } from '../../models/tasks/compare.ts';
import { evaluate } from '../../models/tasks/evaluate.ts';
import { Case, type Evaluation } from '../../models/tasks/evaluation.ts';

const PACKAGE = fileURLToPath(new URL('../../models/packages/cxr-findings', import.meta.url));

const figureOf = (evaluation: Evaluation, name: string): number | undefined =>
  evaluation.figures.find((own) => own.name === name)?.value;

const run = async (...args: string[]): Promise<{ code: number; out: string; error: string }> => {
  let [out, error] = ['', ''];
  const code = await runCommand(commands, args, {
    out: (text) => {
      out += text;
    },
    error: (text) => {
      error += text;
    },
    signal: new AbortController().signal,
  });
  return { code, out, error };
};

let folder = '';
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'sightline-evaluation-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('labels: AUC of each, their mean, calibration; a label without truth in a case is left out of it', () => {
  const label = (patient: string, score: number, effusion: boolean, nodule?: boolean): Case => ({
    kind: 'labels',
    patient,
    scores: { effusion: score, nodule: score },
    truth: { effusion, ...(nodule === undefined ? {} : { nodule }) },
  });
  const own = evaluate(
    [label('a', 0.1, false, true), label('b', 0.4, false, false), label('c', 0.35, true), label('d', 0.8, true)],
    'made up',
  );
  assert.equal(figureOf(own, 'effusion: AUC'), 0.75);
  assert.equal(figureOf(own, 'nodule: AUC'), 0);
  assert.equal(figureOf(own, 'effusion: sensitivity at specificity 0.85'), 0.5);
  assert.equal(figureOf(own, 'mean AUC'), 0.375);
  // by bins of a tenth: 0.1 false and true; 0.4 false twice; 0.35 true; 0.8 true; of six answers
  const error = (2 * Math.abs(0.1 - 0.5) + 2 * 0.4 + 0.65 + 0.2) / 6;
  assert.ok(Math.abs((figureOf(own, 'calibration error (10 bins of equal width)') ?? 0) - error) < 1e-4);
  assert.deepEqual(
    own.plots.map(({ name }) => name),
    ['roc', 'reliability'],
  );
  assert.match(own.figures.find(({ name }) => name === 'nodule: AUC')?.data ?? '', /n = 2, 1 with it/);
});

test('grades, lesions, masks and reports', () => {
  const cases = [
    [0, 0],
    [0, 1],
    [1, 1],
    [1, 1],
    [2, 2],
    [2, 0],
  ].map(([truth = 0, told = 0], n): Case => ({ kind: 'grade', patient: `p${n}`, truth, told }));
  const grades = evaluate(cases, 'made up');
  assert.equal(figureOf(grades, 'quadratic kappa'), 0.2857);
  assert.deepEqual(grades.tables[0]?.rows[2], ['2', '1', '0', '1']);

  const lesions = (patient: string, right: number, missed: number, wrong: number): Case => ({
    kind: 'lesions',
    patient,
    right,
    missed,
    wrong,
    byFinding: { effusion: { planted: right + missed, found: right, false: wrong } },
  });
  const found = evaluate([lesions('a', 2, 0, 1), lesions('b', 0, 1, 0)], 'made up');
  assert.equal(figureOf(found, 'lesion F1'), Number((4 / 6).toFixed(4)));
  assert.equal(figureOf(found, 'false findings per study'), 0.5);
  assert.equal(figureOf(found, 'effusion: found'), 0.6667);

  const masks = evaluate(
    [
      { kind: 'masks', patient: 'a', byLabel: { heart: { dice: 0.9, hausdorffMm: 4, hausdorff95Mm: 2 } } },
      { kind: 'masks', patient: 'b', byLabel: { heart: { dice: 0, hausdorffMm: null, hausdorff95Mm: null } } },
    ],
    'made up',
  );
  assert.equal(figureOf(masks, 'heart: Dice'), 0.45);
  assert.equal(figureOf(masks, 'heart: Hausdorff 95 %, mm'), 2);

  const report = evaluate(
    [
      {
        kind: 'report',
        patient: 'a',
        draft: 'Small left effusion.',
        reference: 'Small left effusion. Cardiomegaly.',
        grounding: {
          told: [{ key: 'effusion', boxes: [[0, 0, 10, 10]] }],
          truth: [{ key: 'effusion', boxes: [[0, 0, 40, 10]] }],
        },
      },
    ],
    'made up',
  );
  assert.equal(figureOf(report, 'clinical F1, micro'), 0.6667);
  assert.equal(figureOf(report, 'grounding precision'), 1);
  assert.equal(figureOf(report, 'grounding recall'), 0);
  assert.ok((figureOf(report, 'BLEU-1') ?? 0) > 0.4);
  const places = evaluate(
    [
      {
        kind: 'grounding',
        patient: 'a',
        told: [
          { key: 'effusion', boxes: [[0, 0, 40, 10]] },
          { key: 'lung-nodule', boxes: [[50, 50, 60, 60]] },
        ],
        truth: [{ key: 'effusion', boxes: [[0, 0, 10, 10]] }],
      },
    ],
    'made up',
  );
  assert.equal(figureOf(places, 'grounding precision'), 0);
  assert.equal(figureOf(places, 'grounding recall'), 1);
  assert.equal(evaluate([], 'nothing').figures.length, 0);
});

test('two systems on the same cases: the difference with its paired interval, and cases that are no pairs', () => {
  const grades = (told: (n: number) => number): Case[] =>
    Array.from({ length: 40 }, (_, n) => ({ kind: 'grade', patient: `p${n}`, truth: n % 3, told: told(n) }));
  const right = grades((n) => n % 3);
  const poor = grades((n) => (n % 4 === 0 ? 2 - (n % 3) : n % 3));
  const own = compare(right, poor, 'made up').figures;
  const [other, minus] = [own[0]?.value ?? 0, own[1]?.value ?? 0];
  assert.ok(Math.abs(1 - other - minus) < 1e-3 && minus > 0.2);
  const [low, high] = own[1]?.interval ?? [0, 0];
  assert.ok(low > 0 && low < minus && high > minus, 'better in every draw');
  // of itself there is no difference, whatever is drawn: the draws are in pairs
  assert.deepEqual(compare(poor, poor, 'made up').figures[1]?.interval, [0, 0]);
  assert.throws(() => compare(right, poor.slice(1), 'made up'), UnpairedError);
  assert.throws(() => compare(right, poor.toReversed(), 'made up'), UnpairedError);
  assert.throws(() => compare(right, [], 'made up'), UnpairedError);
});

test('plots hold no script and no mark of their own from a label', () => {
  const bad = '<script>alert("x")</script>&';
  const own = evaluate(
    [0, 1].map((n): Case => ({ kind: 'labels', patient: `${n}`, scores: { [bad]: n }, truth: { [bad]: n === 1 } })),
    'made up',
  );
  for (const { svg } of own.plots) {
    assert.ok(!svg.includes('<script'));
    assert.ok(!/NaN|undefined|Infinity/.test(svg), svg);
  }
  assert.ok(own.plots[0]?.svg.includes('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&amp;'));
});

test('the command runs a package over phantoms and writes figures, tables, plots and cases, again the same', async () => {
  const [data, out, again] = ['data', 'out', 'again'].map((name) => join(folder, name)) as [string, string, string];
  assert.equal(
    (await run('phantom', 'xray 128x128 random', '--count', '4', '--seed', 'e', '--out', data, '--raw')).code,
    0,
  );
  const first = await run('evaluate', 'cxr-findings', data, '--out', out);
  assert.equal(first.code, 0, first.error);
  assert.match(first.out, /\| lesion F1 \| \d/);
  for (const name of [
    'evaluation.json',
    'evaluation.md',
    'cases.jsonl',
    'roc.svg',
    'reliability.svg',
    'dice.svg',
    'found.svg',
  ])
    assert.ok(existsSync(join(out, name)), name);
  const dice = JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8')).figures.find(
    (own: { name: string }) => own.name === 'mean Dice over labels',
  );
  assert.ok(dice.value > 0.8, 'lungs and heart of phantoms like those it was trained on');
  // its own cases, read back without the network, come to the same
  const on = "phantoms 'xray 128x128 random'";
  assert.equal((await run('evaluate', 'cxr-findings', out, '--out', again, '--on', on)).code, 0);
  for (const name of ['evaluation.json', 'evaluation.md', 'roc.svg'])
    assert.equal(readFileSync(join(again, name), 'utf8'), readFileSync(join(out, name), 'utf8'), name);
});

test('a card takes an evaluation in place of the earlier one, and the package still agrees with its manifest', async () => {
  const own = join(folder, 'packages', 'cxr-findings');
  cpSync(PACKAGE, own, { recursive: true });
  const data = join(folder, 'grades');
  mkdirSync(data);
  const cases = (told: number): string =>
    [0, 1, 2, 3]
      .map((n) => JSON.stringify({ kind: 'grade', patient: `p${n}`, truth: n % 3, told: n === 3 ? told : n % 3 }))
      .join('\n');
  for (const told of [2, 0]) {
    writeFileSync(join(data, 'cases.jsonl'), cases(told));
    const { code, error } = await run('evaluate', own, data, '--on', 'made-up grades', '--card');
    assert.equal(code, 0, error);
  }
  const card = readFileSync(join(own, 'card.md'), 'utf8');
  assert.equal(card.match(/## Evaluation/g)?.length, 1);
  assert.match(card, /\| quadratic kappa \| 1\.000 \|/);
  assert.ok(card.startsWith('# Chest X-ray findings'));
  const [found] = await findPackages([join(folder, 'packages')]);
  assert.equal(found?.kind, 'usable', found?.kind === 'refused' ? found.why : '');
});

test('what cannot be evaluated is said', async () => {
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  for (const [args, code, says] of [
    [['cxr-findings', join(folder, 'nowhere')], 1, /no folder/],
    [['cxr-findings', empty], 2, /neither cases\.jsonl nor phantoms/],
    [['no-such-package', empty], 1, /no package/],
    [['cxr-findings', join(folder, 'grades'), '--against', join(folder, 'data')], 2, /no cases\.jsonl to compare/],
    [['ct-organs-lesions', join(folder, 'data')], 2, /reads ct images/],
    [['text-encoder', join(folder, 'data')], 2, /judged by what they retrieve/],
  ] as const) {
    const { code: got, error } = await run('evaluate', ...args);
    assert.equal(got, code, error);
    assert.match(error, says);
  }
  writeFileSync(join(empty, 'cases.jsonl'), '{"kind":"grade","patient":"a","truth":0,"told":0}\n{"kind":"grade"}\n');
  assert.match((await run('evaluate', 'cxr-findings', empty)).error, /line 2: patient/);
  const torn = join(folder, 'torn');
  mkdirSync(torn);
  for (const name of ['0.json', '0.labels.raw']) copyFileSync(join(folder, 'data', name), join(torn, name));
  writeFileSync(join(torn, '0.image.raw'), 'short');
  assert.match((await run('evaluate', 'cxr-findings', torn)).error, /0\.image\.raw has 5 bytes, not/);
  assert.throws(() => Case.parse({ kind: 'labels', patient: 'a', scores: { a: 1.5 }, truth: {} }));
});
