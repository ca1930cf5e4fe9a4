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
 * Largest diameter in mm of a set of voxels: the widest projection over 120 directions (at most 1 % short of the true
 * one) with the half voxel at either end. `voxelMm` is the affine's linear part, row-major 3x3.
 */
export const largestDiameterMm = (
  voxels: Iterable<readonly [number, number, number]>,
  voxelMm: readonly [number, number, number, number, number, number, number, number, number],
): number => {
  const low = new Float64Array(DIRECTIONS.length).fill(Infinity);
  const high = new Float64Array(DIRECTIONS.length).fill(-Infinity);
  const [a, b, c, d, e, f, g, h, i] = voxelMm;
  for (const [x, y, z] of voxels) {
    const px = a * x + b * y + c * z;
    const py = d * x + e * y + f * z;
    const pz = g * x + h * y + i * z;
    for (let n = 0; n < DIRECTIONS.length; n++) {
      const direction = DIRECTIONS[n];
      if (!direction) continue;
      const along = px * direction[0] + py * direction[1] + pz * direction[2];
      if (along < (low[n] ?? 0)) low[n] = along;
      if (along > (high[n] ?? 0)) high[n] = along;
    }
  }
  let best = 0;
  for (const [n, [u, v, w]] of DIRECTIONS.entries()) {
    // length of one voxel along the direction: the box's projection would add corners that a round thing does not have
    const one = Math.hypot(a * u + d * v + g * w, b * u + e * v + h * w, c * u + f * v + i * w);
    const width = (high[n] ?? 0) - (low[n] ?? 0) + one;
    if (width > best) best = width;
  }
  return best;
};
