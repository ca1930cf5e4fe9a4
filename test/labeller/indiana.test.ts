/**
 * The labeller against the MeSH tags of the Indiana reports, which judge only: nothing of theirs is in the labeller,
 * and this test shows counts, never a text or which report was wrong. In doubt counts as there: indexers tag it.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { statusByFinding } from '../../models/tasks/report-generation/score/index.ts';
import { SHARED_DATA } from '../conditions.ts';
import { GROUPS } from './mesh.ts';

test('findings of 2,600 reports as indexers tagged them', (t) => {
  const path = join(SHARED_DATA, 'reports', 'iu', 'reports.jsonl');
  if (!existsSync(path)) return t.skip('no shared data folder');
  const counts = GROUPS.map(() => ({ right: 0, wrong: 0, missed: 0 }));
  for (const line of readFileSync(path, 'utf8').split('\n').filter(Boolean)) {
    const report = JSON.parse(line) as { MeSH: string; findings: string; impression: string };
    const tags = report.MeSH.split(';').map((tag) => tag.trim());
    const said = statusByFinding(`${report.findings}\n${report.impression}`);
    for (const [n, { keys, mesh }] of GROUPS.entries()) {
      const told = keys.some((key) => ['present', 'uncertain'].includes(said.get(key) ?? ''));
      const truth = tags.some((tag) => mesh.test(tag));
      const own = counts[n];
      if (!own) continue;
      if (told && truth) own.right++;
      else if (told) own.wrong++;
      else if (truth) own.missed++;
    }
  }
  const f1 = (own: { right: number; wrong: number; missed: number }): number =>
    (2 * own.right) / Math.max(1, 2 * own.right + own.wrong + own.missed);
  const sum = counts.reduce((all, own) => ({
    right: all.right + own.right,
    wrong: all.wrong + own.wrong,
    missed: all.missed + own.missed,
  }));
  for (const [n, own] of counts.entries())
    t.diagnostic(
      `${GROUPS[n]?.name}: F1 ${f1(own).toFixed(3)} (${own.right} right, ${own.wrong} wrong, ${own.missed} missed)`,
    );
  t.diagnostic(`micro F1 ${f1(sum).toFixed(4)}`);
  assert.ok(f1(sum) >= 0.75, `micro F1 ${f1(sum)}`);
});
