/** The retinopathy package on real photographs, each by the network that has not seen it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { SHARED_DATA } from '../conditions.ts';

const IDRID = join(SHARED_DATA, 'fundus', 'idrid');
const skip = existsSync(IDRID) ? false : 'no photographs: the shared data folder is absent';
const CLI = resolve(import.meta.dirname, '..', '..', 'main', 'cli', 'index.ts');

test('sightline evaluate grades photographs out of fold, and tells how well', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sightline-fundus-'));
  try {
    mkdirSync(join(folder, 'grading'));
    copyFileSync(join(IDRID, 'labels.csv'), join(folder, 'labels.csv'));
    // every eighth: the whole set takes minutes
    const names = readdirSync(join(IDRID, 'grading')).filter((_, n) => n % 8 === 0);
    for (const name of names) copyFileSync(join(IDRID, 'grading', name), join(folder, 'grading', name));
    const out = join(folder, 'out');
    const run = spawnSync(process.execPath, [CLI, 'evaluate', 'fundus-retinopathy', folder, '--out', out], {
      encoding: 'utf8',
    });
    assert.equal(run.status, 0, run.stderr);
    const { data, figures } = JSON.parse(readFileSync(join(out, 'evaluation.json'), 'utf8')) as {
      data: string;
      figures: { name: string; value: number }[];
    };
    assert.equal(data, `${names.length} photographs, ${names.length} of them by the network that has not seen them`);
    const of = (name: string): number => figures.find((figure) => figure.name === name)?.value ?? Number.NaN;
    assert.ok(of('quadratic kappa') > 0.3, `quadratic kappa ${of('quadratic kappa')}`);
    assert.ok(of('referable: AUC') > 0.7, `AUC ${of('referable: AUC')}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
