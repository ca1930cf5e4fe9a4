import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bars, throughThePipeline } from '../phantoms/pipeline.ts';
import { report } from '../phantoms/score.ts';

test('450 X-rays and 50 CTs through the whole pipeline', { timeout: 4 * 3_600_000 }, async () => {
  const { xray, ct, all } = await throughThePipeline({
    xrays: 450,
    cts: 50,
    seed: 'long',
    progress: (line) => console.log(line),
  });
  console.log(`X-rays\n${report(xray)}\n\nCTs\n${report(ct)}\n\nAll\n${report(all)}`);
  for (const { name, holds } of bars(all)) assert.ok(holds, name);
});
