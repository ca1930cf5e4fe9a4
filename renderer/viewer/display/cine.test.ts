import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextImage, otherSpeed } from './cine.ts';

const played = (count: number, from: number, sweep: boolean, steps: number): number[] => {
  let now: ReturnType<typeof nextImage> = { at: from, direction: 1 };
  return Array.from({ length: steps }, () => {
    now = nextImage(now.at, count, now.direction, sweep);
    return now.at;
  });
};

test('round and round, or back and forth without standing at the ends', () => {
  assert.deepEqual(played(4, 2, false, 6), [3, 0, 1, 2, 3, 0]);
  assert.deepEqual(played(4, 2, true, 8), [3, 2, 1, 0, 1, 2, 3, 2]);
  assert.deepEqual(played(2, 0, true, 3), [1, 0, 1]);
  assert.deepEqual(nextImage(0, 4, -1, false), { at: 3, direction: -1 });
});

test('speeds go up and down by steps and stay within them, also from one that the file wished', () => {
  assert.equal(otherSpeed(15, 1), 20);
  assert.equal(otherSpeed(15, -1), 12);
  assert.equal(otherSpeed(7.5, 1), 8);
  assert.equal(otherSpeed(60, 1), 60);
  assert.equal(otherSpeed(1, -1), 1);
});
