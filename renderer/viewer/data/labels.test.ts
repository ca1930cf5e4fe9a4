import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../../../models/kit/random.ts';
import { LabelPacker, type Labels, openLabels } from './labels.ts';

const LENGTH = 40 * 30;
const random = seeded('labels');
/** Empty, one value throughout, blocks, and noise that runs would only lengthen. */
const SLICES = [
  new Uint8Array(LENGTH),
  new Uint8Array(LENGTH).fill(255),
  Uint8Array.from({ length: LENGTH }, (_, at) => (at % 40 < 20 ? 0 : 1 + Math.floor(at / 400))),
  Uint8Array.from({ length: LENGTH }, () => random.integer(0, 255)),
];
const pack = (): Labels => {
  const packer = new LabelPacker(LENGTH);
  for (const slice of SLICES) packer.add(slice);
  assert.equal(packer.count, SLICES.length);
  return packer.done();
};

test('what is packed comes back value by value, slice by slice and all at once', () => {
  const labels = pack();
  for (const k of [2, 0, 3, 1, 2]) assert.deepEqual(labels.slice(k), SLICES[k]);
  assert.equal(labels.slice(4), null);
  assert.deepEqual(labels.slices, SLICES);
  for (const k of [3, 1]) assert.deepEqual(labels.slice(k), SLICES[k]);
});

test('whether a slice holds a value is told the same of runs and of values', () => {
  const [held, plain] = [pack(), openLabels(SLICES)];
  for (const value of [0, 1, 3, 4, 77, 255]) {
    const isWanted = Uint8Array.from({ length: 256 }, (_, n) => (n === value ? 1 : 0));
    for (const [k, slice] of SLICES.entries())
      for (const labels of [held, plain]) assert.equal(labels.holds(k, isWanted), slice.includes(value));
  }
});

test('a slice of another size is refused', () => {
  assert.throws(() => new LabelPacker(LENGTH).add(new Uint8Array(LENGTH - 1)), /1199 values, not 1200/);
});
