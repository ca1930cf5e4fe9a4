import assert from 'node:assert/strict';
import test from 'node:test';
import { changedOf, generated, real } from './free.ts';
import { leaksOf } from './planted.ts';

test('planted identity does not reach an export', async () => {
  const { planted, exported, leaks } = await leaksOf(200);
  assert.ok(planted >= 200 && exported > 30, `${planted} planted, ${exported} exported`);
  assert.deepEqual(leaks, []);
});

test('sentences without identity come through', () => {
  const sentences = [...generated(400), ...real(200)];
  for (const own of ['Roe^Jane', 'White^Mary', 'May^William', 'Parkinson^James']) {
    const changed = changedOf(sentences, own);
    assert.ok(
      changed.length <= sentences.length * 0.005,
      `${own}: ${changed.length} of ${sentences.length}\n${changed.slice(0, 20).join('\n')}`,
    );
  }
});
