import type { Vec3 } from '../../../../models/kit/geometry.ts';
import type { Tell } from './box.ts';

/** Steps of grey that a way can cost, and one for its length: of two ways through equal grey the shorter is the cheaper. */
const GREYS = 255;
const COSTS = GREYS + 2;
const NONE = -1;

/**
 * Each voxel goes to the seed from which the way to it crosses the least change of grey: shortest paths from all seeds at
 * once, as in fast GrowCut (Zhu et al., 2014). greys: 0 to 255. open: 1 where a label may spread; seeds may lie anywhere.
 */
export const growSeeds = (
  dims: Vec3,
  greys: Uint8Array,
  seeds: Uint8Array,
  open: Uint8Array,
  tell: Tell = () => {},
): Uint8Array => {
  const [X, Y, Z] = dims;
  const count = seeds.length;
  const labels = seeds.slice();
  const cost = new Float32Array(count).fill(Infinity);
  // Buckets of voxels by cost, each a list through next and before: a ring is enough, as no step costs more than its length.
  const heads = new Int32Array(COSTS).fill(NONE);
  const next = new Int32Array(count).fill(NONE);
  const before = new Int32Array(count).fill(NONE);
  const put = (at: number, bucket: number): void => {
    const head = heads[bucket] ?? NONE;
    next[at] = head;
    before[at] = NONE;
    if (head !== NONE) before[head] = at;
    heads[bucket] = at;
  };
  const take = (at: number, bucket: number): void => {
    const [p, n] = [before[at] ?? NONE, next[at] ?? NONE];
    if (p === NONE) heads[bucket] = n;
    else next[p] = n;
    if (n !== NONE) before[n] = p;
  };
  let waiting = 0;
  for (let at = 0; at < count; at++) {
    if (seeds[at] === 0) continue;
    cost[at] = 0;
    put(at, 0);
    waiting++;
  }
  let done = 0;
  for (let now = 0; waiting > 0; now++) {
    const bucket = now % COSTS;
    for (let at = heads[bucket] ?? NONE; at !== NONE; at = heads[bucket] ?? NONE) {
      take(at, bucket);
      waiting--;
      if (++done % 262_144 === 0) tell(done / count);
      const label = labels[at] ?? 0;
      const grey = greys[at] ?? 0;
      const x = at % X;
      const y = Math.floor(at / X) % Y;
      const z = Math.floor(at / (X * Y));
      const spread = (to: number): void => {
        if (open[to] === 0 || seeds[to] !== 0) return;
        const total = now + 1 + Math.abs(grey - (greys[to] ?? 0));
        const known = cost[to] ?? Infinity;
        if (total >= known) return;
        if (known === Infinity) waiting++;
        else take(to, known % COSTS);
        cost[to] = total;
        labels[to] = label;
        put(to, total % COSTS);
      };
      if (x > 0) spread(at - 1);
      if (x < X - 1) spread(at + 1);
      if (y > 0) spread(at - X);
      if (y < Y - 1) spread(at + X);
      if (z > 0) spread(at - X * Y);
      if (z < Z - 1) spread(at + X * Y);
    }
  }
  return labels;
};
