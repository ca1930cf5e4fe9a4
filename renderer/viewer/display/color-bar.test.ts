import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ticksOf } from './color-bar.ts';

test('round values, as many as can be read', () => {
  assert.deepEqual(
    ticksOf(-160, 240).map(({ value }) => value),
    [-100, 0, 100, 200],
  );
  assert.deepEqual(
    ticksOf(0, 7).map(({ value }) => value),
    [0, 2, 4, 6],
  );
  assert.deepEqual(
    ticksOf(0, 0.005).map(({ value, at }) => [value, Math.round(at * 1000)]),
    [
      [0, 0],
      [0.001, 200],
      [0.002, 400],
      [0.003, 600],
      [0.004, 800],
      [0.005, 1000],
    ],
  );
  for (const high of [3, 11, 170, 4096, 31_234])
    assert.ok(ticksOf(0, high).length >= 3 && ticksOf(0, high).length <= 7, `${high}: ${ticksOf(0, high).length}`);
  assert.deepEqual(ticksOf(5, 5), []);
});
