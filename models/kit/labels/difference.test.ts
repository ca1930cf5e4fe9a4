import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../random.ts';
import { applyDifference, changedSlices, checkDifference, encodeDifference } from './difference.ts';

test('an edit is done and taken back exactly, whatever it was', () => {
  const random = seeded(5).next;
  const size = 32 * 32;
  for (let round = 0; round < 60; round++) {
    const before = Array.from({ length: 6 }, () =>
      Uint8Array.from({ length: size }, () => (random() < 0.7 ? 0 : Math.floor(random() * 256))),
    );
    const after = before.map((slice, k) =>
      k % 2 === round % 2
        ? slice
        : slice.map((value) => (random() < round / 60 ? Math.floor(random() * 4) * 80 : value)),
    );
    const difference = encodeDifference(after.map((slice, k) => ({ k, before: before[k] ?? slice, after: slice })));
    const same = before.every((slice, k) => Buffer.compare(slice, after[k] ?? slice) === 0);
    assert.equal(difference === null, same);
    if (difference === null) continue;
    const live = before.map((slice) => slice.slice());
    assert.equal(
      applyDifference(difference, 'forward', (k) => live[k] ?? null),
      0,
    );
    assert.deepEqual(live, after);
    assert.equal(
      applyDifference(difference, 'backward', (k) => live[k] ?? null),
      0,
    );
    assert.deepEqual(live, before);
    const changed = after.flatMap((slice, k) => (Buffer.compare(slice, before[k] ?? slice) === 0 ? [] : [k]));
    assert.deepEqual(changedSlices(difference), changed);
    let voxels = 0;
    const brought = new Set<number>();
    for (const [k, slice] of after.entries())
      for (const [at, value] of slice.entries()) {
        if (value === before[k]?.[at]) continue;
        voxels += 1;
        if (value !== 0) brought.add(value);
      }
    assert.deepEqual(checkDifference(difference, size, 6), { voxels, brought });
  }
});

test('a disc of a brush takes a few hundred bytes', () => {
  const before = new Uint8Array(512 * 512);
  const after = before.slice();
  for (let y = 200; y < 240; y++)
    for (let x = 200; x < 240; x++) if ((x - 220) ** 2 + (y - 220) ** 2 < 400) after[y * 512 + x] = 3;
  const difference = encodeDifference([{ k: 120, before, after }]);
  assert.ok(difference !== null && difference.length < 300, `${difference?.length} bytes`);
});

test('a slice that does not hold what the edit found there is told', () => {
  const before = new Uint8Array(16);
  const after = before.slice().fill(2, 3, 9);
  const difference = encodeDifference([{ k: 0, before, after }]);
  assert.ok(difference);
  const other = before.slice().fill(7, 0, 5);
  assert.equal(
    applyDifference(difference, 'forward', () => other),
    2,
  );
  assert.deepEqual([...other.subarray(0, 10)], [7, 7, 7, 2, 2, 2, 2, 2, 2, 0]);
});

test('what is broken is refused, and nothing is written outside', () => {
  const before = new Uint8Array(16);
  const after = before.slice().fill(2, 3, 9);
  const difference = encodeDifference([{ k: 4, before, after }]);
  assert.ok(difference);
  assert.throws(() => checkDifference(difference, 16, 4), /leaves its grid/);
  assert.throws(() => checkDifference(difference, 8, 9), /leaves its slice/);
  assert.throws(() => checkDifference(difference.subarray(0, difference.length - 1), 16, 9), /cut short/);
  assert.throws(() => checkDifference(Uint8Array.of(9, 0, 0), 16, 9), /unknown form/);
  assert.throws(() => checkDifference(Uint8Array.of(1, 0, 4, 0, 1, 5, 5), 16, 9), /changes nothing/);
  assert.throws(() => checkDifference(Uint8Array.of(1, 3, 4, 0, 1, 0, 5, 3, 4, 0, 1, 0, 5), 16, 9), /out of order/);
  assert.throws(() => checkDifference(Uint8Array.of(1, 255, 255, 255, 255, 255, 255, 1), 16, 9), /impossible/);
  assert.throws(() => applyDifference(Uint8Array.of(1, 0, 5, 200, 1, 1, 0, 5), 'forward', () => before), RangeError);
});
