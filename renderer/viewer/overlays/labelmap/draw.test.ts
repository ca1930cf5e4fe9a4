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
    const list = Array.from(segments.get(value) ?? []);
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

test('the outline is where neighbours differ, joined along each line, on random labels', () => {
  let seed = 7;
  const random = (): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed / 2 ** 32;
  };
  for (let round = 0; round < 30; round++) {
    const [columns, rows] = [3 + Math.floor(random() * 9), 3 + Math.floor(random() * 9)];
    const labels = Uint8Array.from({ length: columns * rows }, () => Math.floor(random() * 4));
    const at = (x: number, y: number): number =>
      x < 0 || y < 0 || x >= columns || y >= rows ? 0 : (labels[y * columns + x] ?? 0);
    const shown = new Set([1, 3]);
    const edges = new Set<string>();
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++) {
        const mine = at(x, y);
        if (!shown.has(mine)) continue;
        if (at(x, y - 1) !== mine) edges.add(`${mine} over ${x} ${y} h`);
        if (at(x, y + 1) !== mine) edges.add(`${mine} under ${x} ${y + 1} h`);
        if (at(x - 1, y) !== mine) edges.add(`${mine} left ${x} ${y} v`);
        if (at(x + 1, y) !== mine) edges.add(`${mine} right ${x + 1} ${y} v`);
      }
    let length = 0;
    const covered = new Set<string>();
    for (const [value, list] of outlineOf(labels, columns, rows, shown)) {
      assert.ok(shown.has(value));
      for (let n = 0; n < list.length; n += 4) {
        const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = list.slice(n, n + 4);
        length += x1 - x0 + (y1 - y0);
        for (let x = x0; x < x1; x++) covered.add(`${value} ${x} ${y0} h`);
        for (let y = y0; y < y1; y++) covered.add(`${value} ${x0} ${y} v`);
      }
    }
    assert.equal(length, edges.size, 'every edge once');
    const wanted = new Set([...edges].map((edge) => edge.replace(/ (over|under|left|right)/, '')));
    assert.deepEqual(covered, wanted);
  }
});
