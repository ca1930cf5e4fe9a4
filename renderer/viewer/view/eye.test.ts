import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eyeWords } from './eye.ts';

test('an eye is named as eyes are, and only where the file says which', () => {
  const photograph = { modality: 'OP', bodyPart: '' };
  assert.equal(eyeWords(photograph, { laterality: 'R' }), 'OD (R)');
  assert.equal(eyeWords(photograph, { laterality: 'L' }), 'OS (L)');
  assert.equal(eyeWords(photograph, { laterality: 'B' }), 'OU (R and L)');
  assert.equal(eyeWords({ modality: 'XC', bodyPart: 'EYE' }, { laterality: 'L' }), 'OS (L)');
  assert.equal(eyeWords(photograph, {}), null);
  assert.equal(eyeWords(photograph, null), null);
  assert.equal(eyeWords({ modality: 'DX', bodyPart: 'HAND' }, { laterality: 'L' }), null);
});
