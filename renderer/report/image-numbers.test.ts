import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readingOrder } from './image-numbers.ts';

const stack = (...positions: ([number, number, number] | null)[]) => positions.map((positionMm) => ({ positionMm }));

test('images are counted from the head down, from the front back, from the right to the left', () => {
  assert.equal(readingOrder(stack([0, 0, 0], [0, 0, 5])), -1); // feet to head
  assert.equal(readingOrder(stack([0, 0, 5], [0, 1, 0])), 1);
  assert.equal(readingOrder(stack([0, -40, 0], [0, 40, 2])), 1); // LPS: y grows to the back
  assert.equal(readingOrder(stack([40, 0, 0], [-40, 0, 0])), -1);
});

test('what has no positions keeps its own order', () => {
  assert.equal(readingOrder(stack(null, null)), 1);
  assert.equal(readingOrder([]), 1);
  assert.equal(readingOrder(stack([1, 2, 3])), 1);
});
