import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectionDirections } from './image.ts';
import { TAG } from './tags.ts';

const of = (...codes: string[]) =>
  projectionDirections({ codes: (tag) => (tag === TAG.PatientOrientation ? codes : []) });

test('Patient Orientation gives a projection its directions', () => {
  assert.deepEqual(of('L', 'F'), { row: [1, 0, 0], column: [0, 0, -1] });
  assert.deepEqual(of('R', 'F'), { row: [-1, 0, 0], column: [0, 0, -1] });
  const turned = of('LP', 'F');
  assert.ok(turned && turned.row[0] > 0.8 && turned.row[1] > 0);
});

test('what is missing, of another animal or not across gives none', () => {
  assert.equal(of(), null);
  assert.equal(of('L'), null);
  assert.equal(of('LE', 'V'), null);
  assert.equal(of('L', 'R'), null);
});
