import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

const tool = join(import.meta.dirname, 'phantoms.ts');

test('writes arrays of the size that the truth says, and refuses a call without a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'phantoms-'));
  try {
    const run = spawnSync(process.execPath, [
      tool,
      '--line',
      'ct 16x20x8 random',
      '--count',
      '2',
      '--from',
      '3',
      '--seed',
      's',
      '--out',
      folder,
    ]);
    assert.equal(run.status, 0, String(run.stderr));
    for (const i of [3, 4]) {
      const truth: unknown = JSON.parse(readFileSync(join(folder, `${i}.json`), 'utf8'));
      assert.ok(typeof truth === 'object' && truth !== null && 'shape' in truth);
      assert.deepEqual(truth.shape, [8, 20, 16]);
      assert.equal(statSync(join(folder, `${i}.image.raw`)).size, 16 * 20 * 8 * 2);
      assert.equal(statSync(join(folder, `${i}.labels.raw`)).size, 16 * 20 * 8);
      assert.equal(statSync(join(folder, `${i}.instances.raw`)).size, 16 * 20 * 8);
    }
    assert.equal(spawnSync(process.execPath, [tool]).status, 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a photograph of the retina has its colours, its lesions by cell, and its truth', () => {
  const folder = mkdtempSync(join(tmpdir(), 'phantoms-'));
  try {
    const run = spawnSync(process.execPath, [tool, '--line', 'fundus 120x80 grade 3', '--seed', 's', '--out', folder]);
    assert.equal(run.status, 0, String(run.stderr));
    const truth: unknown = JSON.parse(readFileSync(join(folder, '0.json'), 'utf8'));
    assert.ok(typeof truth === 'object' && truth !== null && 'columns' in truth && 'rows' in truth && 'grade' in truth);
    assert.deepEqual([truth.columns, truth.rows, truth.grade], [120, 80, 3]);
    assert.equal(statSync(join(folder, '0.rgb.raw')).size, 120 * 80 * 3);
    assert.equal(statSync(join(folder, '0.cells.raw')).size, 120 * 80);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
