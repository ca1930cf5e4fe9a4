import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bars, throughThePipeline } from './pipeline.ts';
import { report } from './score.ts';

test('20 phantoms through the whole pipeline', { timeout: 600_000 }, async () => {
  const { all } = await throughThePipeline({ xrays: 17, cts: 3, seed: 'daily', progress: () => {} });
  console.log(report(all));
  assert.ok(all.planted >= 15, `only ${all.planted} lesions were planted`);
  for (const { name, holds } of bars(all)) assert.ok(holds, name);
});
