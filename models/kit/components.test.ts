import assert from 'node:assert/strict';
import { test } from 'node:test';
import { components, largestDiameterMm } from './components.ts';

test('two things that touch only at a corner are one; a gap parts them', () => {
  const picture = ['##...', '##...', '..#..', '....#', '...##'].join('');
  const found = components([5, 5, 1], (n) => picture[n] === '#');
  assert.deepEqual(found.sizes, [5, 3]);
  assert.equal(found.ids[0], found.ids[12]);
  assert.notEqual(found.ids[0], found.ids[24]);
});

test('rows do not run into the next row, planes not into the next plane', () => {
  const found = components([3, 3, 2], (n) => n === 2 || n === 3);
  assert.equal(found.sizes.length, 2);
  const far = components([3, 3, 3], (n) => n === 0 || n === 26);
  assert.equal(far.sizes.length, 2);
});

test('the diameter of a ball and of a rod, on a grid with uneven spacing', () => {
  const ball: [number, number, number][] = [];
  for (let z = -20; z <= 20; z++)
    for (let y = -20; y <= 20; y++)
      for (let x = -20; x <= 20; x++) if (Math.hypot(x * 0.8, y * 0.8, z * 1.5) <= 10) ball.push([x, y, z]);
  const d = largestDiameterMm(ball, [0.8, 0, 0, 0, 0.8, 0, 0, 0, 1.5]);
  assert.ok(Math.abs(d - 20) < 0.7, `${d}`);
  const rod = Array.from({ length: 30 }, (_, n) => [n, n, 0] as [number, number, number]);
  const length = largestDiameterMm(rod, [1, 0, 0, 0, 1, 0, 0, 0, 1]);
  assert.ok(length > 29 * Math.SQRT2 && length < 30 * Math.SQRT2, `${length}`);
  assert.ok(Math.abs(largestDiameterMm([[4, 4, 4]], [2, 0, 0, 0, 2, 0, 0, 0, 2]) - 2.48) < 0.01);
});
