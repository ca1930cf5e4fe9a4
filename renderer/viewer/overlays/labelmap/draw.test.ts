import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillWords, outlineOf } from './draw.ts';

// 4 by 3: label 1 two wide, label 2 touching it.
const LABELS = Uint8Array.of(0, 1, 1, 0, 0, 1, 1, 2, 0, 0, 0, 2);

test('shown labels get their colour at the opacity, label 1 included', () => {
  const out = new Uint32Array(12);
  fillWords(LABELS, new Map([[1, { color: [255, 16, 0] }]]), 0.5, out);
  assert.equal(out[1], 0x800010ff);
  assert.equal(out[0], 0);
  assert.equal(out[7], 0, 'a hidden label is not drawn');
});

test('the outline runs along voxel edges and joins straight runs', () => {
  const segments = outlineOf(LABELS, 4, 3, new Set([1, 2]));
  const sorted = (value: number): number[][] => {
    const list = segments.get(value) ?? [];
    return Array.from({ length: list.length / 4 }, (_, n) => list.slice(n * 4, n * 4 + 4)).sort((a, b) =>
      a.join().localeCompare(b.join()),
    );
  };
  assert.deepEqual(sorted(1), [
    [1, 0, 1, 2],
    [1, 0, 3, 0],
    [1, 2, 3, 2],
    [3, 0, 3, 2],
  ]);
  assert.deepEqual(sorted(2), [
    [3, 1, 3, 3],
    [3, 1, 4, 1],
    [3, 3, 4, 3],
    [4, 1, 4, 3],
  ]);
  assert.equal(outlineOf(LABELS, 4, 3, new Set([2])).has(1), false);
});
