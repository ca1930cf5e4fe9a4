import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../models/kit/random.ts';
import { statisticsOf } from './statistics.ts';

test('mean and deviation are those of all values at once, in modality values, slopes of slices heeded', async () => {
  const random = seeded('statistics');
  const dims = [9, 8, 6] as const;
  for (const offset of [0, 30_000, 2e9]) {
    const slices = Array.from({ length: 6 }, () => Uint8Array.from({ length: 72 }, () => random.integer(0, 2)));
    const stored = slices.map(() => Float64Array.from({ length: 72 }, () => offset + random.integer(-50, 50)));
    const slopes = slices.map(() => random.between(0.5, 2));
    const values: number[] = [];
    for (const [k, slice] of slices.entries())
      for (const [at, label] of slice.entries())
        if (label === 2) values.push((stored[k]?.[at] ?? 0) * (slopes[k] ?? 1) - 1024);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    const found = await statisticsOf(
      { dims, slices },
      2,
      [0, 0, 0, 9, 8, 6],
      (k) => ({ values: stored[k] ?? [], slope: slopes[k] ?? 1, intercept: -1024 }),
      new AbortController().signal,
    );
    assert.ok(found);
    assert.equal(found.voxels, values.length);
    assert.ok(Math.abs(found.mean - mean) <= 1e-9 * Math.max(1, Math.abs(mean)), `${found.mean} ${mean}`);
    assert.ok(Math.abs(found.deviation - deviation) <= 1e-6 * deviation, `${found.deviation} ${deviation}`);
  }
  const none = await statisticsOf(
    { dims, slices: [new Uint8Array(72)] },
    2,
    [0, 0, 0, 9, 8, 1],
    () => ({ values: [], slope: 1, intercept: 0 }),
    new AbortController().signal,
  );
  assert.equal(none, null);
});
