import { type Random, seeded } from '../random.ts';

const SIZE = 32;
const MASK = SIZE - 1;

/** Smooth noise of about unit deviation from a periodic lattice; one lattice step is one unit of input. */
export const latticeNoise = (random: Random): ((x: number, y: number, z: number) => number) => {
  const lattice = new Float32Array(SIZE ** 3);
  // 2.4: uniform values shrink under the interpolation; this brings the deviation back to about 1
  for (let i = 0; i < lattice.length; i++) lattice[i] = (random.next() * 2 - 1) * 2.4;
  return (x, y, z) => {
    const fx = Math.floor(x),
      fy = Math.floor(y),
      fz = Math.floor(z);
    let u = x - fx,
      v = y - fy,
      w = z - fz;
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    w = w * w * (3 - 2 * w);
    const i0 = fx & MASK,
      i1 = (fx + 1) & MASK;
    const j0 = (fy & MASK) << 5,
      j1 = ((fy + 1) & MASK) << 5;
    const k0 = (fz & MASK) << 10,
      k1 = ((fz + 1) & MASK) << 10;
    const a = lattice[i0 + j0 + k0] as number,
      b = lattice[i1 + j0 + k0] as number;
    const c = lattice[i0 + j1 + k0] as number,
      d = lattice[i1 + j1 + k0] as number;
    const e = lattice[i0 + j0 + k1] as number,
      f = lattice[i1 + j0 + k1] as number;
    const g = lattice[i0 + j1 + k1] as number,
      h = lattice[i1 + j1 + k1] as number;
    const p = a + (b - a) * u,
      q = c + (d - c) * u,
      r = e + (f - e) * u,
      s = g + (h - g) * u;
    const t = p + (q - p) * v;
    return t + (r + (s - r) * v - t) * w;
  };
};

const TILE = 256;

const kept = new Map<string, Float32Array>();

/**
 * A periodic 256 x 256 tile of noise, deviation 1, blurred as a reconstruction kernel would (radius in pixels). Tiles are
 * the same for every seed and made once; a seed chooses where in them it starts.
 */
export const noiseTile = (name: string, blurPixels: number): Float32Array => {
  const key = `${name} ${blurPixels.toFixed(3)}`;
  const known = kept.get(key);
  if (known) return known;
  const tile = makeTile(seeded(`noise ${key}`), blurPixels);
  if (kept.size > 32) kept.clear();
  kept.set(key, tile);
  return tile;
};

const makeTile = (random: Random, blurPixels: number): Float32Array => {
  let tile = new Float32Array(TILE * TILE);
  // sum of four uniforms: near enough to a normal, and much cheaper
  for (let i = 0; i < tile.length; i++) tile[i] = random.next() + random.next() + random.next() + random.next() - 2;
  const reach = Math.ceil(blurPixels * 2);
  if (reach > 0) {
    const weights = Array.from({ length: 2 * reach + 1 }, (_, n) => Math.exp(-(((n - reach) / blurPixels) ** 2) / 2));
    for (const step of [1, TILE]) {
      const out = new Float32Array(tile.length);
      for (let j = 0; j < TILE; j++) {
        for (let i = 0; i < TILE; i++) {
          let sum = 0;
          for (let n = -reach; n <= reach; n++) {
            const at = step === 1 ? j * TILE + ((i + n) & 255) : ((j + n) & 255) * TILE + i;
            sum += (tile[at] as number) * (weights[n + reach] as number);
          }
          out[j * TILE + i] = sum;
        }
      }
      tile = out;
    }
  }
  let square = 0;
  for (const v of tile) square += v * v;
  const gain = 1 / Math.sqrt(square / tile.length);
  for (let i = 0; i < tile.length; i++) tile[i] = (tile[i] as number) * gain;
  return tile;
};

/** Value of a tile at whole pixel (i, j) shifted by an offset. */
export const tileAt = (tile: Float32Array, i: number, j: number): number =>
  tile[((j & 255) << 8) | (i & 255)] as number;
