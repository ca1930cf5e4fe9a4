import type { Vec3 } from '../../../../models/kit/geometry.ts';
import type { Tell } from './box.ts';

/** The voxels that are reached from a seed over faces through voxels that are open: 1 in the answer. Runs of a row at a time. */
export const flood = (dims: Vec3, open: Uint8Array, seed: Vec3, tell: Tell = () => {}): Uint8Array => {
  const [X, Y, Z] = dims;
  const found = new Uint8Array(open.length);
  const stack: number[] = [];
  const start = seed[0] + X * (seed[1] + Y * seed[2]);
  if (open[start] === 1) stack.push(start);
  let turns = 0;
  /** Begins of open runs of a row beside a run that was filled. */
  const pushRuns = (from: number, to: number): void => {
    let inRun = false;
    for (let at = from; at < to; at++) {
      const free = open[at] === 1 && found[at] === 0;
      if (free && !inRun) stack.push(at);
      inRun = free;
    }
  };
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (found[at] === 1) continue;
    if (++turns % 65_536 === 0) tell(Number.NaN);
    const row = at - (at % X);
    let from = at;
    while (from > row && open[from - 1] === 1 && found[from - 1] === 0) from--;
    let to = at + 1;
    while (to < row + X && open[to] === 1 && found[to] === 0) to++;
    found.fill(1, from, to);
    const y = Math.floor(row / X) % Y;
    const z = Math.floor(row / (X * Y));
    if (y > 0) pushRuns(from - X, to - X);
    if (y < Y - 1) pushRuns(from + X, to + X);
    if (z > 0) pushRuns(from - X * Y, to - X * Y);
    if (z < Z - 1) pushRuns(from + X * Y, to + X * Y);
  }
  return found;
};
