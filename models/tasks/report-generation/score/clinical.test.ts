import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clinical } from './index.ts';

test('clinical F1 by hand: right, wrong, missed, denied, and in doubt', () => {
  const pairs = [
    {
      draft: 'Small left pleural effusion. No pneumothorax.',
      reference: 'There is a left effusion. Mild cardiomegaly.',
    },
    { draft: 'Cardiomegaly. Possible pneumonia.', reference: 'The heart is enlarged. No pneumonia.' },
    { draft: 'The lungs are clear.', reference: 'Normal chest.' },
  ];
  const figures = clinical(pairs);
  // right: effusion, cardiomegaly; missed: cardiomegaly; wrong: pneumonia (in doubt counts as there)
  assert.deepEqual(Object.fromEntries(figures.byFinding), {
    cardiomegaly: { right: 1, wrong: 0, missed: 1, f1: 2 / 3 },
    pneumonia: { right: 0, wrong: 1, missed: 0, f1: 0 },
    effusion: { right: 1, wrong: 0, missed: 0, f1: 1 },
  });
  assert.equal(figures.micro, 4 / 6);
  assert.ok(Math.abs((figures.macro ?? 0) - (2 / 3 + 0 + 1) / 3) < 1e-12);
  const strict = clinical(pairs, { uncertain: 'absent', findings: ['effusion', 'cardiomegaly', 'pneumonia'] });
  assert.equal(strict.micro, 4 / 5);
  const none = clinical([{ draft: 'Clear.', reference: 'Normal.' }]);
  assert.deepEqual([none.micro, none.macro], [1, null]);
});
