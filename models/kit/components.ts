/** Connected components of labels, in planes and volumes. */

export interface Components {
  /** Component by voxel, from 1; 0 for none. Same order as the labels. */
  readonly ids: Int32Array;
  /** Voxels of component n at [n - 1]. */
  readonly sizes: readonly number[];
  /** First voxel's flat index of component n at [n - 1]. */
  readonly seeds: readonly number[];
}

/**
 * Voxels where `inside` holds, joined with all neighbours (26 in a volume, 8 in a plane).
 * dims [x, y, z], flat index x + X * (y + Y * z).
 */
export const components = (
  dims: readonly [number, number, number],
  inside: (index: number) => boolean,
  into: Int32Array = new Int32Array(dims[0] * dims[1] * dims[2]),
  firstId = 1,
): Components => {
  const [X, Y, Z] = dims;
  const sizes: number[] = [];
  const seeds: number[] = [];
  const stack: number[] = [];
  let id = firstId;
  for (let start = 0; start < X * Y * Z; start++) {
    if (into[start] !== 0 || !inside(start)) continue;
    let size = 0;
    into[start] = id;
    stack.push(start);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      size++;
      const x = at % X;
      const y = Math.floor(at / X) % Y;
      const z = Math.floor(at / (X * Y));
      for (let dz = z > 0 ? -1 : 0; dz <= (z < Z - 1 ? 1 : 0); dz++)
        for (let dy = y > 0 ? -1 : 0; dy <= (y < Y - 1 ? 1 : 0); dy++)
          for (let dx = x > 0 ? -1 : 0; dx <= (x < X - 1 ? 1 : 0); dx++) {
            const neighbour = at + dx + X * (dy + Y * dz);
            if (into[neighbour] === 0 && inside(neighbour)) {
              into[neighbour] = id;
              stack.push(neighbour);
            }
          }
    }
    sizes.push(size);
    seeds.push(start);
    id++;
  }
  return { ids: into, sizes, seeds };
};

/** Directions over a half sphere, about 13 degrees apart (Fibonacci). */
const DIRECTIONS: readonly (readonly [number, number, number])[] = Array.from({ length: 120 }, (_, n) => {
  const z = (n + 0.5) / 120;
  const r = Math.sqrt(1 - z * z);
  const angle = n * Math.PI * (3 - Math.sqrt(5));
  return [r * Math.cos(angle), r * Math.sin(angle), z] as const;
});

/**
 * Largest diameter in mm of a set of voxels: the largest distance between voxels that are outermost in one of 120
 * directions, with an eighth of a voxel at either end: so much less than half, since the outermost voxels of a round
 * thing already lie partly outside (balls of 10 to 30 mm on grids of 2 and 4 mm come out right within 3 %). At least
 * the diameter of a ball of the same volume. `voxelMm` is the affine's linear part, row-major 3x3.
 */
export const largestDiameterMm = (
  voxels: Iterable<readonly [number, number, number]>,
  voxelMm: readonly [number, number, number, number, number, number, number, number, number],
): number => {
  const [a, b, c, d, e, f, g, h, i] = voxelMm;
  type Point = readonly [number, number, number];
  const outermost: (Point | null)[] = new Array(DIRECTIONS.length * 2).fill(null);
  const reach = new Float64Array(DIRECTIONS.length * 2).fill(-Infinity);
  let count = 0;
  for (const [x, y, z] of voxels) {
    count++;
    const point = [a * x + b * y + c * z, d * x + e * y + f * z, g * x + h * y + i * z] as const;
    for (const [n, [u, v, w]] of DIRECTIONS.entries()) {
      const along = point[0] * u + point[1] * v + point[2] * w;
      if (along > (reach[2 * n] ?? 0)) {
        reach[2 * n] = along;
        outermost[2 * n] = point;
      }
      if (-along > (reach[2 * n + 1] ?? 0)) {
        reach[2 * n + 1] = -along;
        outermost[2 * n + 1] = point;
      }
    }
  }
  const points = [...new Set(outermost.filter((point) => point !== null))];
  const voxelMm3 = Math.abs(a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g));
  let best = Math.cbrt((6 * count * voxelMm3) / Math.PI);
  for (const [n, p] of points.entries())
    for (const q of points.slice(n + 1)) {
      const [u, v, w] = [q[0] - p[0], q[1] - p[1], q[2] - p[2]];
      const length = Math.hypot(u, v, w);
      const voxel = Math.hypot(a * u + d * v + g * w, b * u + e * v + h * w, c * u + f * v + i * w) / length;
      best = Math.max(best, length + voxel / 4);
    }
  return best;
};
