import assert from 'node:assert/strict';
import test from 'node:test';
import { changedOf, generated, real } from '../deidentification/free.ts';
import { leaksOf } from '../deidentification/planted.ts';

test('2,000 planted lines: none leaks', async () => {
  const { planted, exported, leaks } = await leaksOf(2000);
  console.log(`de-identification: ${planted} planted lines, ${exported} exported lines, ${leaks.length} leaks`);
  assert.ok(planted >= 2000);
  assert.deepEqual(leaks, []);
});

test('5,000 sentences without identity: 99.5 % unchanged', () => {
  const found = real(2500);
  const sentences = [...generated(5000 - found.length), ...found];
  for (const own of ['Roe^Jane', 'White^Mary', 'May^William', 'Parkinson^James']) {
    const changed = changedOf(sentences, own);
    const unchanged = 100 * (1 - changed.length / sentences.length);
    console.log(
      `de-identification: patient ${own}, ${sentences.length} sentences (${found.length} real), ${unchanged.toFixed(2)} % unchanged`,
    );
    assert.ok(unchanged >= 99.5, changed.slice(0, 20).join('\n'));
  }
});
