import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phraseFor, vocabulary } from './phrases.ts';

test('a grade of retinopathy is said with its name', () => {
  for (const severity of ['mild', 'moderate', 'severe'].map((word) => `${word} non-proliferative`)) {
    assert.equal(phraseFor('diabetic-retinopathy', null, '', null, severity), `Diabetic retinopathy, ${severity}.`);
  }
  assert.equal(phraseFor('diabetic-retinopathy', null, '', null), 'Diabetic retinopathy.');
  assert.equal(
    phraseFor('diabetic-retinopathy', 'right', 'right eye', null, 'mild non-proliferative'),
    'Diabetic retinopathy of the right eye, mild non-proliferative.',
  );
  assert.equal(phraseFor('diabetic-retinopathy', 'bilateral', '', null), 'Diabetic retinopathy of both eyes.');
  assert.equal(phraseFor('consolidation', 'bilateral', '', null), 'There is consolidation in both lungs.');
  assert.equal(phraseFor('hard-exudates', 'left', '', null), 'Hard exudates in the left eye.');
  assert.equal(phraseFor('effusion', 'left', '', null, 'moderate'), 'There is a moderate left pleural effusion.');
});

test('the words of the retina are offered for its photographs only', () => {
  const offered = (modality: string): boolean => vocabulary(modality).some(({ key }) => key === 'hard-exudates');
  assert.deepEqual(['OP', 'XC', 'CT', 'CR', 'MR'].map(offered), [true, true, false, false, false]);
});
