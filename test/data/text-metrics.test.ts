/** BLEU, ROUGE-L and CIDEr against a port in numpy (text-metrics.py beside this file wrote the figures), and against what nlg-eval published. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { bleu, cider, cidersOf, rouge, rougeOf } from '../../models/tasks/report-generation/score/index.ts';
import { SHARED_DATA } from '../conditions.ts';

const Figures = z.object({ bleu: z.array(z.number()).length(4), rouge: z.number(), cider: z.number() });
const Pairs = z.array(Figures.extend({ text: z.string(), references: z.array(z.string()) }));
const [together, ...single] = readFileSync(new URL('text-metrics.jsonl', import.meta.url), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line): unknown => JSON.parse(line));
const ported = { corpus: Figures.parse(together), pairs: Pairs.parse(single) };

const near = (got: number | undefined, wanted: number | undefined, within: number, what: string): void =>
  assert.ok(Math.abs((got ?? Number.NaN) - (wanted ?? Number.NaN)) <= within, `${what}: ${got} is not ${wanted}`);

test('500 generated pairs, one by one and together, as numpy has them', () => {
  assert.equal(ported.pairs.length, 500);
  const ciders = cidersOf(ported.pairs);
  for (const [n, pair] of ported.pairs.entries()) {
    for (const [k, value] of bleu([pair]).entries()) near(value, pair.bleu[k], 1e-8, `BLEU-${k + 1} of pair ${n}`);
    near(rougeOf(pair), pair.rouge, 1e-8, `ROUGE-L of pair ${n}`);
    near(ciders[n], pair.cider, 1e-8, `CIDEr of pair ${n}`);
  }
  for (const [k, value] of bleu(ported.pairs).entries()) near(value, ported.corpus.bleu[k], 1e-8, `BLEU-${k + 1}`);
  near(rouge(ported.pairs), ported.corpus.rouge, 1e-8, 'ROUGE-L');
  near(cider(ported.pairs), ported.corpus.cider, 1e-8, 'CIDEr');
});

test('texts that share nothing, are empty, or are the reference itself', () => {
  const other = { text: 'clear lungs', references: ['large effusion'] };
  assert.ok(bleu([other])[0] < 1e-9);
  assert.equal(rougeOf(other), 0);
  assert.equal(rougeOf({ text: '', references: ['large effusion'] }), 0);
  const same = { text: 'a small left effusion', references: ['a small left effusion'] };
  assert.deepEqual(
    bleu([same]).map((value) => Number(value.toFixed(6))),
    [1, 1, 1, 1],
  );
  assert.equal(rougeOf(same), 1);
  near(cidersOf([same, other])[0], 10, 1e-9, 'CIDEr of the reference itself');
});

test('the values that nlg-eval published, to five digits', (t) => {
  const path = join(SHARED_DATA, 'metrics', 'nlg-eval', 'expected.json');
  if (!existsSync(path)) return t.skip('no shared data folder');
  const published = JSON.parse(readFileSync(path, 'utf8'));
  const single = [{ text: published.single.hypothesis, references: published.single.references }];
  const corpus = published.corpus.hypotheses.map((text: string, n: number) => ({
    text,
    references: published.corpus.references[n],
  }));
  for (const [pairs, figures] of [
    [single, published.single],
    [corpus, published.corpus],
  ])
    for (const [name, value] of [
      ...bleu(pairs).map((score, n) => [`BLEU-${n + 1}`, score] as const),
      ['ROUGE-L', rouge(pairs)] as const,
      ['CIDEr', cider(pairs)] as const,
    ])
      near(value, figures[name], 5e-6 * Math.abs(figures[name]), name);
});
