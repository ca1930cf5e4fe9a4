import type { Vec3 } from '../../../../models/kit/geometry.ts';
import type { Tell } from './box.ts';

/** Voxels that touch by their faces, in the order found; size of each island. */
const islandsOf = (dims: Vec3, mask: Uint8Array, tell: Tell): { ids: Uint32Array; sizes: number[] } => {
  const [X, Y, Z] = dims;
  const ids = new Uint32Array(mask.length);
  const queue = new Uint32Array(mask.length);
  const sizes: number[] = [];
  for (let start = 0; start < mask.length; start++) {
    if (start % (X * Y) === 0) tell(start / mask.length);
    if (mask[start] === 0 || ids[start] !== 0) continue;
    const id = sizes.length + 1;
    let head = 0;
    let tail = 0;
    queue[tail++] = start;
    ids[start] = id;
    while (head < tail) {
      const at = queue[head++] ?? 0;
      const x = at % X;
      const y = Math.floor(at / X) % Y;
      const z = Math.floor(at / (X * Y));
      const visit = (next: number): void => {
        if (mask[next] === 0 || ids[next] !== 0) return;
        ids[next] = id;
        queue[tail++] = next;
      };
      if (x > 0) visit(at - 1);
      if (x < X - 1) visit(at + 1);
      if (y > 0) visit(at - X);
      if (y < Y - 1) visit(at + X);
      if (z > 0) visit(at - X * Y);
      if (z < Z - 1) visit(at + X * Y);
    }
    sizes.push(tail);
  }
  return { ids, sizes };
};

/** What remains of a mask: the largest island (of equals the first), or those of so many voxels and more. */
export const keepIslands = (
  dims: Vec3,
  mask: Uint8Array,
  keep: 'largest' | number,
  tell: Tell = () => {},
): Uint8Array => {
  const { ids, sizes } = islandsOf(dims, mask, tell);
  const largest = sizes.indexOf(Math.max(...sizes, 0)) + 1;
  const stays = sizes.map((size, n) => (keep === 'largest' ? n + 1 === largest : size >= keep));
  return Uint8Array.from(ids, (id) => Number(id > 0 && stays[id - 1] === true));
};
