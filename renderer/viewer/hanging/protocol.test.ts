import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SeriesSummary } from '../../../preload/contract/terms/index.ts';
import { type HungCell, type Protocol, protocolFor, readProtocols, seriesFor, wayTo } from './protocol.ts';

const series = (id: string, description: string, rest: Partial<SeriesSummary> = {}): SeriesSummary => ({
  id,
  studyId: 's',
  uid: id,
  number: 1,
  modality: 'CT',
  description,
  bodyPart: '',
  frameCount: 1,
  kind: 'image',
  refused: null,
  sourceMissing: false,
  ...rest,
});
const cell = (rest: Partial<HungCell> = {}): HungCell => ({
  of: 'this',
  words: '',
  number: 1,
  layout: 'stack',
  window: null,
  ...rest,
});
const protocol = (name: string, match: Partial<Protocol['match']>): Protocol => ({
  id: name,
  name,
  match: { modality: '', bodyPart: '', description: '', others: 0, ...match },
  grid: [1, 1],
  cells: [cell()],
});
const study = {
  modalities: ['CT', 'SR'],
  bodyParts: ['CHEST'],
  description: 'Thorax nativ, Verlaufskontrolle Lungenrundherd',
};

test('the first that fits in the reader’s order is taken; words without regard to case and accents', () => {
  const all = [
    protocol('head', { bodyPart: 'head' }),
    protocol('compare', { modality: 'ct', others: 2 }),
    protocol('nodule', { modality: 'CT', description: 'rundherd VERLAUFSKONTROLLE' }),
    protocol('any', {}),
  ];
  assert.equal(protocolFor(all, study, 0)?.name, 'nodule');
  assert.equal(protocolFor(all, study, 2)?.name, 'compare');
  assert.equal(protocolFor(all, { ...study, description: '' }, 0)?.name, 'any');
  assert.equal(protocolFor(all.slice(0, 3), { ...study, modalities: ['MR'] }, 5), null);
  assert.equal(
    protocolFor([protocol('é', { description: 'genou opere' })], { ...study, description: 'Genou opéré' }, 0)?.name,
    'é',
  );
});

test('series are found by words and number, in this study or the latest other; what cannot be shown is passed over', () => {
  const own = [
    series('a', 'Scout'),
    series('b', 'Lung 1.0'),
    series('c', 'Lung 5.0', { refused: 'cut off' }),
    series('d', 'Lung 3.0'),
  ];
  const others = [{ series: [series('x', 'Lung 1.0')] }, { series: [series('y', 'Lung 1.0')] }];
  assert.equal(seriesFor(cell({ words: 'lung' }), own, others)?.id, 'b');
  assert.equal(seriesFor(cell({ words: 'lung', number: 2 }), own, others)?.id, 'd');
  assert.equal(seriesFor(cell({ words: 'lung', of: 'other' }), own, others)?.id, 'x');
  assert.equal(seriesFor(cell({ number: 4 }), own, others), null);
  assert.equal(seriesFor(cell({ of: 'other' }), own, []), null);
});

test('a series that is taken from the screen is found again', () => {
  const own = [series('a', 'Lung'), series('b', 'Lung'), series('c', ''), series('d', 'Bone lung')];
  for (const one of own) {
    const way = wayTo(one, own);
    assert.equal(seriesFor(cell(way), own, [])?.id, one.id, one.id);
  }
});

test('what is stored and not understood is left out', () => {
  assert.deepEqual(readProtocols(null), []);
  assert.deepEqual(readProtocols('{"a":1}'), []);
  assert.deepEqual(readProtocols('not'), []);
  const good = protocol('good', {});
  assert.deepEqual(readProtocols(JSON.stringify([good, { ...good, grid: [9, 9] }, { id: 'x' }])), [good]);
});
