import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disagreement, type Told } from './agrees.ts';

const nodule: Told = {
  key: 'lung-nodule',
  side: 'left',
  place: 'left upper zone',
  measurements: [{ value: 12.4 }, { value: 0.93 }],
};
const effusion: Told = { key: 'effusion', side: 'right', place: 'right hemithorax', measurements: [] };
const heart: Told = { key: 'cardiomegaly', side: null, place: 'heart', measurements: [{ value: 0.61 }] };

test('what a finding allows to be said', () => {
  for (const [text, told] of [
    ['There is a 12 mm pulmonary nodule in the left upper zone.', nodule],
    ['Left lung nodule of 1.2 cm.', nodule],
    ['Small right pleural effusion.', effusion],
    ['Cardiomegaly, with a cardiothoracic ratio of 0.61.', heart],
  ] as const)
    assert.equal(disagreement(text, told), null, text);
});

test('what contradicts it, and in what', () => {
  for (const [text, told, wrong] of [
    ['There is a 12 mm pulmonary nodule in the right upper zone.', nodule, 'place'],
    ['Left lung nodule in the lower zone.', nodule, 'place'],
    ['Left lung nodule of 21 mm.', nodule, 'number'],
    ['No pleural effusion on the right.', effusion, 'negated'],
    ['Small right pneumothorax.', effusion, 'finding'],
    ['Small right pleural effusion and a right pneumothorax.', effusion, 'finding'],
    ['Pleural effusion.', effusion, 'place'],
    ['Bilateral pleural effusions.', effusion, 'place'],
    ['the of and', effusion, 'finding'],
  ] as const)
    assert.equal(disagreement(text, told), wrong, text);
});
