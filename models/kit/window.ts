/** A volume through a network of fixed size: patches that overlap, their answers blended, one slab of planes at a time. */

export interface WindowPlan {
  /** [x, y, z] of the volume, and of it with padding where it is smaller than a patch. */
  readonly dims: readonly [number, number, number];
  readonly padded: readonly [number, number, number];
  /** Padding before the first voxel; the rest comes after the last. */
  readonly before: readonly [number, number, number];
  readonly patch: readonly [number, number, number];
  /** Corners of the patches in the padded volume, by growing z. */
  readonly corners: readonly (readonly [number, number, number])[];
}

const starts = (count: number, patch: number, overlap: number): number[] => {
  if (count <= patch) return [0];
  const stride = Math.max(1, Math.floor(patch * (1 - overlap)));
  const out: number[] = [];
  for (let at = 0; at < count - patch; at += stride) out.push(at);
  out.push(count - patch);
  return out;
};

export const planWindows = (
  dims: readonly [number, number, number],
  patch: readonly [number, number, number],
  overlap: number,
): WindowPlan => {
  const axis = [0, 1, 2] as const;
  const padded = axis.map((n) => Math.max(dims[n], patch[n])) as [number, number, number];
  const before = axis.map((n) => Math.floor((padded[n] - dims[n]) / 2)) as [number, number, number];
  const [xs, ys, zs] = axis.map((n) => starts(padded[n], patch[n], overlap)) as [number[], number[], number[]];
  const corners = zs.flatMap((z) => ys.flatMap((y) => xs.map((x) => [x, y, z] as const)));
  return { dims, padded, before, patch, corners };
};

/** Values of one patch, [z, y, x]; outside the volume `air`. */
export const cutPatch = (
  plan: WindowPlan,
  volume: Float32Array,
  corner: readonly [number, number, number],
  air: number,
): Float32Array => {
  const [px, py, pz] = plan.patch;
  const [X, Y, Z] = plan.dims;
  const out = new Float32Array(px * py * pz).fill(air);
  const x0 = corner[0] - plan.before[0];
  const from = Math.max(0, x0);
  const to = Math.min(X, x0 + px);
  for (let z = 0; z < pz; z++) {
    const vz = z + corner[2] - plan.before[2];
    if (vz < 0 || vz >= Z) continue;
    for (let y = 0; y < py; y++) {
      const vy = y + corner[1] - plan.before[1];
      if (vy < 0 || vy >= Y || to <= from) continue;
      const row = (vz * Y + vy) * X;
      out.set(volume.subarray(row + from, row + to), (z * py + y) * px + from - x0);
    }
  }
  return out;
};

/** Weight of each place along one axis of a patch. */
export const blendWeights = (count: number, blend: 'gaussian' | 'constant'): Float32Array =>
  Float32Array.from({ length: count }, (_, n) =>
    blend === 'constant' ? 1 : Math.exp(-((((n + 0.5) / count - 0.5) / 0.25) ** 2) / 2),
  );

/**
 * Adds answers of patches and hands out each plane once nothing can change it any more. Only as many planes as a patch
 * is high are held: [C, planes, Y, X] float32.
 */
export const createBlender = (
  plan: WindowPlan,
  channels: number,
  blend: 'gaussian' | 'constant',
  /** Mean logits of one plane, [C, Y, X] over the padded plane; reused after the call. */
  plane: (z: number, logits: Float32Array) => void,
): { add(corner: readonly [number, number, number], logits: Float32Array): void; finish(): void } => {
  const [px, py, pz] = plan.patch;
  const [X, Y, Z] = plan.padded;
  const area = X * Y;
  const [wx, wy, wz] = [blendWeights(px, blend), blendWeights(py, blend), blendWeights(pz, blend)];
  const sums: Float32Array[] = Array.from({ length: pz }, () => new Float32Array(channels * area));
  const totals: Float32Array[] = Array.from({ length: pz }, () => new Float32Array(area));
  let next = 0;
  const flush = (until: number): void => {
    for (; next < until; next++) {
      const sum = sums[next % pz];
      const total = totals[next % pz];
      if (!sum || !total) throw new RangeError('no such plane');
      for (let c = 0; c < channels; c++)
        for (let n = 0; n < area; n++) {
          const weight = total[n] ?? 0;
          if (weight > 0) sum[c * area + n] = (sum[c * area + n] ?? 0) / weight;
        }
      plane(next, sum);
      sum.fill(0);
      total.fill(0);
    }
  };
  return {
    add: (corner, logits) => {
      if (logits.length !== channels * px * py * pz) throw new RangeError('the patch has another size than planned');
      flush(corner[2]);
      for (let z = 0; z < pz; z++) {
        const sum = sums[(corner[2] + z) % pz];
        const total = totals[(corner[2] + z) % pz];
        if (!sum || !total) throw new RangeError('no such plane');
        for (let y = 0; y < py; y++) {
          const weightZy = (wz[z] ?? 0) * (wy[y] ?? 0);
          const to = (corner[1] + y) * X + corner[0];
          for (let x = 0; x < px; x++) total[to + x] = (total[to + x] ?? 0) + weightZy * (wx[x] ?? 0);
          for (let c = 0; c < channels; c++) {
            const from = ((c * pz + z) * py + y) * px;
            const at = c * area + to;
            for (let x = 0; x < px; x++)
              sum[at + x] = (sum[at + x] ?? 0) + weightZy * (wx[x] ?? 0) * (logits[from + x] ?? 0);
          }
        }
      }
    },
    finish: () => flush(Z),
  };
};
