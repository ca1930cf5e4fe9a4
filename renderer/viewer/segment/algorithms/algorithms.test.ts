import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vec3 } from '../../../../models/kit/geometry.ts';
import { seeded } from '../../../../models/kit/random.ts';
import { fillBetween } from './between.ts';
import { squaredDistance, withMargin } from './distance.ts';
import { flood } from './flood.ts';
import { keepIslands } from './islands.ts';
import { growSeeds } from './seeds.ts';

const random = seeded('algorithms');
const noise = (dims: Vec3, part: number): Uint8Array =>
  Uint8Array.from({ length: dims[0] * dims[1] * dims[2] }, () => Number(random.next() < part));
const at = (dims: Vec3, x: number, y: number, z: number): number => x + dims[0] * (y + dims[1] * z);
const neighbours = ([X, Y, Z]: Vec3, n: number): number[] => {
  const [x, y, z] = [n % X, Math.floor(n / X) % Y, Math.floor(n / (X * Y))];
  return [
    ...(x > 0 ? [n - 1] : []),
    ...(x < X - 1 ? [n + 1] : []),
    ...(y > 0 ? [n - X] : []),
    ...(y < Y - 1 ? [n + X] : []),
    ...(z > 0 ? [n - X * Y] : []),
    ...(z < Z - 1 ? [n + X * Y] : []),
  ];
};
/** Islands by going from voxel to voxel, the plain way. */
const reached = (dims: Vec3, open: Uint8Array, start: number): Set<number> => {
  const found = new Set<number>();
  const stack = [start];
  for (let n = stack.pop(); n !== undefined; n = stack.pop()) {
    if (open[n] !== 1 || found.has(n)) continue;
    found.add(n);
    stack.push(...neighbours(dims, n));
  }
  return found;
};
const marked = (mask: Uint8Array): number[] => [...mask.keys()].filter((n) => mask[n] === 1);

test('a flood reaches what can be reached over faces, and nothing else', () => {
  for (let round = 0; round < 60; round++) {
    const dims: Vec3 = [random.integer(1, 12), random.integer(1, 12), random.integer(1, 8)];
    const open = noise(dims, 0.65);
    const seed: Vec3 = [random.integer(0, dims[0] - 1), random.integer(0, dims[1] - 1), random.integer(0, dims[2] - 1)];
    const expected = [...reached(dims, open, at(dims, ...seed))].sort((a, b) => a - b);
    assert.deepEqual(marked(flood(dims, open, seed)), expected);
  }
});

test('of islands the largest stays, or those of a size and more', () => {
  for (let round = 0; round < 40; round++) {
    const dims: Vec3 = [9, 8, 7];
    const mask = noise(dims, 0.25);
    const islands: number[][] = [];
    const seen = new Set<number>();
    for (const n of marked(mask))
      if (!seen.has(n)) {
        const island = [...reached(dims, mask, n)].sort((a, b) => a - b);
        for (const one of island) seen.add(one);
        islands.push(island);
      }
    const most = Math.max(...islands.map((one) => one.length));
    assert.deepEqual(
      marked(keepIslands(dims, mask, 'largest')),
      islands.find((one) => one.length === most),
    );
    const large = islands
      .filter((one) => one.length >= 4)
      .flat()
      .sort((a, b) => a - b);
    assert.deepEqual(marked(keepIslands(dims, mask, 4)), large);
  }
  assert.deepEqual(marked(keepIslands([3, 3, 3], new Uint8Array(27), 'largest')), []);
});

test('distances are those to the nearest voxel, in millimetres', () => {
  for (let round = 0; round < 40; round++) {
    const dims: Vec3 = [random.integer(1, 9), random.integer(1, 8), random.integer(1, 7)];
    const spacing: Vec3 = [random.between(0.3, 2), random.between(0.3, 2), random.between(0.5, 7)];
    const mask = noise(dims, round % 5 === 0 ? 0 : 0.06);
    const places = marked(mask);
    const found = squaredDistance(dims, spacing, mask);
    for (let n = 0; n < mask.length; n++) {
      const place = (m: number): Vec3 => [
        (m % dims[0]) * spacing[0],
        (Math.floor(m / dims[0]) % dims[1]) * spacing[1],
        Math.floor(m / (dims[0] * dims[1])) * spacing[2],
      ];
      const own = place(n);
      const nearest = Math.min(
        ...places.map((m) => place(m).reduce((sum, v, axis) => sum + (v - (own[axis] ?? 0)) ** 2, 0)),
        1e20,
      );
      assert.ok(Math.abs((found[n] ?? 0) - nearest) <= 1e-5 * nearest, `${found[n]} ${nearest}`);
    }
  }
});

test('a ball grown and shrunk has the radius that it should, on voxels of any shape', () => {
  const dims: Vec3 = [41, 41, 15];
  const spacing: Vec3 = [1, 1, 3];
  const ball = (radius: number): Uint8Array => {
    const mask = new Uint8Array(dims[0] * dims[1] * dims[2]);
    for (let z = 0; z < dims[2]; z++)
      for (let y = 0; y < dims[1]; y++)
        for (let x = 0; x < dims[0]; x++)
          if (Math.hypot(x - 20, y - 20, (z - 7) * 3) <= radius) mask[at(dims, x, y, z)] = 1;
    return mask;
  };
  const count = (mask: Uint8Array): number => mask.reduce((sum, is) => sum + is, 0);
  const grown = count(withMargin(dims, spacing, ball(9), 3));
  assert.ok(Math.abs(grown / count(ball(12)) - 1) < 0.12, `${grown} ${count(ball(12))}`);
  const shrunk = count(withMargin(dims, spacing, ball(12), -3));
  assert.ok(Math.abs(shrunk / count(ball(9)) - 1) < 0.2, `${shrunk} ${count(ball(9))}`);
  const one = new Uint8Array(dims[0] * dims[1] * dims[2]);
  one[at(dims, 20, 20, 7)] = 1;
  const reach = marked(withMargin(dims, spacing, one, 3)).map((n) => Math.floor(n / (41 * 41)));
  assert.deepEqual([Math.min(...reach), Math.max(...reach)], [6, 8], 'three millimetres are one slice here');
  // The image's border is no edge of the thing.
  assert.equal(count(withMargin([4, 4, 1], [1, 1, 1], new Uint8Array(16).fill(1), -1)), 16);
});

test('between two drawn slices a cone narrows evenly; drawn slices stay, and beyond them nothing comes', () => {
  const dims: Vec3 = [31, 31, 9];
  const size = 31 * 31;
  const mask = new Uint8Array(size * 9);
  const disc = (radius: number, k: number): void => {
    for (let y = 0; y < 31; y++)
      for (let x = 0; x < 31; x++) if (Math.hypot(x - 15, y - 15) <= radius) mask[k * size + y * 31 + x] = 1;
  };
  disc(12, 1);
  disc(4, 7);
  const filled = fillBetween(dims, [0.5, 0.5, 3], mask);
  const radii = Array.from({ length: 9 }, (_, k) =>
    Math.sqrt(filled.subarray(k * size, (k + 1) * size).reduce((sum, is) => sum + is, 0) / Math.PI),
  );
  assert.equal(radii[0], 0);
  assert.equal(radii[8], 0);
  for (const [k, radius] of radii.entries())
    if (k >= 1 && k <= 7) assert.ok(Math.abs(radius - (12 - ((k - 1) * 8) / 6)) < 0.7, `slice ${k}: ${radius}`);
  assert.deepEqual(filled.subarray(size, 2 * size), mask.subarray(size, 2 * size));
  // Slices that are drawn side by side have nothing between them.
  assert.deepEqual(fillBetween(dims, [1, 1, 1], filled), filled);
});

test('seeds grow to the edges of grey, not over locked voxels, and the nearest wins where grey is even', () => {
  const dims: Vec3 = [20, 10, 3];
  const greys = new Uint8Array(600).map((_, n) => (n % 20 < 12 ? 50 : 200) + random.integer(0, 6));
  const seeds = new Uint8Array(600);
  seeds[at(dims, 2, 5, 1)] = 1;
  seeds[at(dims, 17, 5, 1)] = 2;
  const open = new Uint8Array(600).fill(1);
  const locked = at(dims, 5, 5, 1);
  open[locked] = 0;
  const labels = growSeeds(dims, greys, seeds, open);
  for (const [n, label] of labels.entries()) assert.equal(label, n === locked ? 0 : n % 20 < 12 ? 1 : 2, `voxel ${n}`);
  const even = growSeeds(
    [11, 1, 1],
    new Uint8Array(11).fill(9),
    Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2),
    new Uint8Array(11).fill(1),
  );
  assert.deepEqual([...even.subarray(0, 5)], [1, 1, 1, 1, 1]);
  assert.deepEqual([...even.subarray(6)], [2, 2, 2, 2, 2]);
});

test('what grows is the cheapest way to a seed, found by looking at all', () => {
  for (let round = 0; round < 25; round++) {
    const dims: Vec3 = [6, 5, 3];
    const count = 90;
    const greys = Uint8Array.from({ length: count }, () => random.integer(0, 255));
    const seeds = Uint8Array.from({ length: count }, () => (random.next() < 0.06 ? random.integer(1, 3) : 0));
    const open = noise(dims, 0.85);
    const labels = growSeeds(dims, greys, seeds, open);
    // Bellman and Ford, one label at a time.
    const costs = [1, 2, 3].map((label) => {
      const cost = Float64Array.from(seeds, (seed) => (seed === label ? 0 : Infinity));
      for (let changed = true; changed; ) {
        changed = false;
        for (let n = 0; n < count; n++)
          for (const m of neighbours(dims, n)) {
            if (open[m] !== 1 || seeds[m] !== 0) continue;
            const total = (cost[n] ?? Infinity) + 1 + Math.abs((greys[n] ?? 0) - (greys[m] ?? 0));
            if (total < (cost[m] ?? Infinity)) {
              cost[m] = total;
              changed = true;
            }
          }
      }
      return cost;
    });
    for (let n = 0; n < count; n++) {
      const best = Math.min(...costs.map((cost) => cost[n] ?? Infinity));
      const label = labels[n] ?? 0;
      if (best === Infinity) assert.equal(label, seeds[n]);
      else assert.equal(costs[label - 1]?.[n], best, `voxel ${n}`);
    }
  }
});
