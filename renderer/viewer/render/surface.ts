/** A smooth surface around one label: density of the label on a coarser grid, blurred, then naive surface nets. */

export interface Mesh {
  /** x y z, continuous voxel coordinates (outer corner of the first voxel 0, 0, 0). */
  readonly points: Float32Array;
  /** Three indices into points a triangle. */
  readonly triangles: Uint32Array;
}

type Triple = readonly [number, number, number];

/** Longest side of the grid that is meshed, cells. */
const CELLS = 132;

/** Cells of about equal millimetres, none finer than a voxel. */
export const factorsFor = (extentVoxels: Triple, spacingMm: Triple): [number, number, number] => {
  const longestMm = Math.max(...extentVoxels.map((voxels, n) => voxels * (spacingMm[n] ?? 1)));
  const cellMm = Math.max(longestMm / CELLS, Math.min(...spacingMm));
  return spacingMm.map((mm) => Math.max(1, Math.round(cellMm / mm))) as [number, number, number];
};

/** One pass of [1 2 1] / 4 along an axis. */
const blur = (from: Float32Array, to: Float32Array, step: number, along: number): void => {
  for (let index = 0; index < from.length; index++) {
    const at = Math.floor(index / step) % along;
    const here = from[index] ?? 0;
    const before = at > 0 ? (from[index - step] ?? 0) : 0;
    const after = at < along - 1 ? (from[index + step] ?? 0) : 0;
    to[index] = 0.25 * before + 0.5 * here + 0.25 * after;
  }
};

/** labels [i + dims0 * (j + dims1 * k)]; bounds half-open [i0, j0, k0, i1, j1, k1]. Null where the label is not there. */
export const surfaceOf = (
  labels: Uint8Array,
  dims: Triple,
  value: number,
  bounds: readonly number[],
  spacingMm: Triple,
): Mesh | null => {
  const [i0 = 0, j0 = 0, k0 = 0, i1 = 0, j1 = 0, k1 = 0] = bounds;
  const [fi, fj, fk] = factorsFor([i1 - i0, j1 - j0, k1 - k0], spacingMm);
  // Two empty cells around, so that the surface closes.
  const PAD = 2;
  const nx = Math.ceil((i1 - i0) / fi) + 2 * PAD;
  const ny = Math.ceil((j1 - j0) / fj) + 2 * PAD;
  const nz = Math.ceil((k1 - k0) / fk) + 2 * PAD;
  let field: Float32Array = new Float32Array(nx * ny * nz);
  const part = 1 / (fi * fj * fk);
  for (let k = k0; k < k1; k++) {
    const z = Math.floor((k - k0) / fk) + PAD;
    for (let j = j0; j < j1; j++) {
      const y = Math.floor((j - j0) / fj) + PAD;
      const row = dims[0] * (j + dims[1] * k);
      const cell = nx * (y + ny * z) + PAD;
      for (let i = i0; i < i1; i++) {
        if (labels[row + i] === value) {
          const at = cell + Math.floor((i - i0) / fi);
          field[at] = (field[at] ?? 0) + part;
        }
      }
    }
  }
  let other: Float32Array = new Float32Array(field.length);
  const size: Triple = [nx, ny, nz];
  for (const [step, along] of [
    [1, nx],
    [nx, ny],
    [nx * ny, nz],
  ] as const) {
    blur(field, other, step, along);
    [field, other] = [other, field];
  }
  let peak = 0;
  for (const density of field) if (density > peak) peak = density;
  if (peak === 0) return null;
  // Blurring must not make a small thing vanish.
  const level = Math.min(0.5, peak / 2);
  const mesh = surfaceNets(field, size, level);
  const { points } = mesh;
  for (let n = 0; n < points.length; n += 3) {
    points[n] = i0 + ((points[n] ?? 0) - PAD + 0.5) * fi;
    points[n + 1] = j0 + ((points[n + 1] ?? 0) - PAD + 0.5) * fj;
    points[n + 2] = k0 + ((points[n + 2] ?? 0) - PAD + 0.5) * fk;
  }
  return mesh;
};

/** One point in each cell that the level passes through, at the mean of its edge crossings; a quad about each crossed edge. */
const surfaceNets = (field: Float32Array, [nx, ny, nz]: Triple, level: number): Mesh => {
  const points: number[] = [];
  const triangles: number[] = [];
  const pointOf = new Int32Array(nx * ny * nz).fill(-1);
  const corners = [0, 1, nx, nx + 1, nx * ny, nx * ny + 1, nx * ny + nx, nx * ny + nx + 1];
  const edges: readonly (readonly [number, number])[] = [
    [0, 1],
    [0, 2],
    [0, 4],
    [1, 3],
    [1, 5],
    [2, 3],
    [2, 6],
    [3, 7],
    [4, 5],
    [4, 6],
    [5, 7],
    [6, 7],
  ];
  for (let z = 0; z < nz - 1; z++) {
    for (let y = 0; y < ny - 1; y++) {
      for (let x = 0; x < nx - 1; x++) {
        const base = x + nx * (y + ny * z);
        let inside = 0;
        for (let corner = 0; corner < 8; corner++)
          if ((field[base + (corners[corner] ?? 0)] ?? 0) >= level) inside |= 1 << corner;
        if (inside === 0 || inside === 255) continue;
        let px = 0;
        let py = 0;
        let pz = 0;
        let crossings = 0;
        for (const [a, b] of edges) {
          if (((inside >> a) & 1) === ((inside >> b) & 1)) continue;
          const va = field[base + (corners[a] ?? 0)] ?? 0;
          const vb = field[base + (corners[b] ?? 0)] ?? 0;
          const t = (level - va) / (vb - va);
          px += (a & 1) + t * ((b & 1) - (a & 1));
          py += ((a >> 1) & 1) + t * (((b >> 1) & 1) - ((a >> 1) & 1));
          pz += (a >> 2) + t * ((b >> 2) - (a >> 2));
          crossings++;
        }
        pointOf[base] = points.length / 3;
        points.push(x + px / crossings, y + py / crossings, z + pz / crossings);
      }
    }
  }
  const strides = [1, nx, nx * ny] as const;
  for (let z = 1; z < nz - 1; z++) {
    for (let y = 1; y < ny - 1; y++) {
      for (let x = 1; x < nx - 1; x++) {
        const base = x + nx * (y + ny * z);
        const here = (field[base] ?? 0) >= level;
        for (let axis = 0; axis < 3; axis++) {
          const next = (field[base + (strides[axis] ?? 0)] ?? 0) >= level;
          if (here === next) continue;
          const u = strides[(axis + 1) % 3] ?? 0;
          const v = strides[(axis + 2) % 3] ?? 0;
          const quad = [base - u - v, base - v, base, base - u].map((cell) => pointOf[cell] ?? -1);
          const [a = -1, b = -1, c = -1, d = -1] = here ? quad : quad.toReversed();
          if (a < 0 || b < 0 || c < 0 || d < 0) continue;
          triangles.push(a, b, c, a, c, d);
        }
      }
    }
  }
  return { points: Float32Array.from(points), triangles: Uint32Array.from(triangles) };
};
