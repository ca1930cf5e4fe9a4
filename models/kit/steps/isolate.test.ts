import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vec3 } from '../geometry.ts';
import { isolate } from './isolate.ts';

const DIMS: Vec3 = [40, 40, 12];
const HOW = { above: -300, share: 0.01, air: -1000 };
const at = (x: number, y: number, z: number): number => (z * DIMS[1] + y) * DIMS[0] + x;
/** A trunk with two lungs, a table below it, a thread over it, an arm beside it. */
const scan = (valueAt: (x: number, y: number, z: number) => number | null = () => null): Float32Array => {
  const out = new Float32Array(DIMS[0] * DIMS[1] * DIMS[2]).fill(-995);
  for (let z = 0; z < DIMS[2]; z++)
    for (let y = 0; y < DIMS[1]; y++)
      for (let x = 0; x < DIMS[0]; x++) {
        const trunk = ((x - 20) / 13) ** 2 + ((y - 17) / 9) ** 2 < 1;
        const lung = Math.abs(Math.abs(x - 20) - 6) < 3 && Math.abs(y - 17) < 4;
        if (lung) out[at(x, y, z)] = -850;
        else if (trunk) out[at(x, y, z)] = 40;
        else if (Math.hypot(x - 3, y - 17) < 2.5) out[at(x, y, z)] = 30;
        else if (y === 30 || y === 31) out[at(x, y, z)] = 100;
        else if (y === 5 && x > 4) out[at(x, y, z)] = -200;
        const own = valueAt(x, y, z);
        if (own !== null) out[at(x, y, z)] = own;
      }
  return out;
};

test('table and cloth become air; trunk, lungs and arm stay as they are', () => {
  const [before, after] = [scan(), scan()];
  isolate(after, DIMS, HOW);
  for (const z of [0, 5, 11]) {
    for (const x of [0, 20, 39]) assert.equal(after[at(x, 30, z)], -1000, 'table');
    assert.equal(after[at(30, 5, z)], -1000, 'cloth');
    for (const [x, y] of [
      [20, 17],
      [14, 17],
      [26, 20],
      [3, 17],
      [8, 17],
    ] as const)
      assert.equal(after[at(x, y, z)], before[at(x, y, z)], `${x} ${y}`);
  }
});

test('a lung at the edge of the field of view stays', () => {
  // everything left of the left lung's middle is outside the field
  const cut = (x: number): number | null => (x > 26 ? -1000 : null);
  const after = scan(cut);
  isolate(after, DIMS, HOW);
  assert.equal(after[at(25, 17, 5)], -850);
});

test('a volume of air has nothing to isolate', () => {
  const air = new Float32Array(DIMS[0] * DIMS[1] * DIMS[2]).fill(-990);
  isolate(air, DIMS, HOW);
  assert.ok(air.every((v) => v === -1000));
});
