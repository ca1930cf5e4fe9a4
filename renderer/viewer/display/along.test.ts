import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Overlay } from '../../../preload/contract/index.ts';
import { openLabels } from '../data/labels.ts';
import { boundsAlong, findLabels, runsOf } from './along.ts';

test('neighbours are one run', () => {
  assert.deepEqual(runsOf([0, 1, 1, 0, 0, 1]), [
    { from: 1, to: 3 },
    { from: 5, to: 6 },
  ]);
  assert.deepEqual(runsOf([]), []);
});

test('the slices that hold a label that is shown, looked for a few at a time', () => {
  const labels = openLabels(Array.from({ length: 60 }, (_, n) => Uint8Array.of(0, n === 3 ? 2 : 0, n === 50 ? 7 : 0)));
  const present = new Uint8Array(60);
  let pauses = 0;
  for (const _ of findLabels(labels, new Set([2, 7]), present)) pauses++;
  assert.deepEqual(runsOf(present), [
    { from: 3, to: 4 },
    { from: 50, to: 51 },
  ]);
  assert.ok(pauses >= 2);
  const hidden = new Uint8Array(60);
  for (const _ of findLabels(labels, new Set([2]), hidden));
  assert.deepEqual(runsOf(hidden), [{ from: 3, to: 4 }]);
});

test('across the images a label reaches from its first slice to its last', () => {
  const overlay = {
    labels: [
      { value: 1, bounds: [2, 0, 0, 5, 9, 9] },
      { value: 2, bounds: [0, 0, 0, 9, 9, 9] },
      { value: 3, bounds: null },
    ],
  } as unknown as Extract<Overlay, { kind: 'labelmap' }>;
  const present = new Uint8Array(10);
  boundsAlong(overlay, new Set([1, 3]), 0, present);
  assert.deepEqual(runsOf(present), [{ from: 2, to: 5 }]);
});
