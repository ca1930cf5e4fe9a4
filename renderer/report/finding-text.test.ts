import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typedFinding } from './finding-text.ts';

const vocabulary = [
  { key: 'lung-nodule', name: 'Lung nodule', sided: true },
  { key: 'effusion', name: 'Pleural effusion', sided: true },
  { key: 'cardiomegaly', name: 'Cardiomegaly', sided: false },
  { key: 'nodular', name: 'Nodular opacities', sided: true },
];
const keys = (typed: string): string =>
  typedFinding(typed, vocabulary)
    .terms.map((term) => term.key)
    .join(' ');

test('term, side and place come out of one line', () => {
  const { terms, side, place } = typedFinding('nod left upper lobe', vocabulary);
  assert.deepEqual(
    terms.map((term) => term.key),
    ['nodular', 'lung-nodule'],
  );
  assert.equal(side, 'left');
  assert.equal(place, 'left upper lobe');
});

test('any word of a name is enough, all typed words are needed', () => {
  assert.equal(keys('eff'), 'effusion');
  assert.equal(keys('pleural eff right'), 'effusion');
  assert.equal(keys('lung nod'), 'lung-nodule');
  assert.equal(keys('heart'), '');
  assert.equal(keys(''), 'cardiomegaly lung-nodule nodular effusion');
});

test('both sides are no place', () => {
  const { side, place } = typedFinding('effusion both base', vocabulary);
  assert.equal(side, 'bilateral');
  assert.equal(place, 'base');
});
