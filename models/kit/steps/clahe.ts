/** Contrast-limited adaptive histogram equalisation inside a mask; as fundus_steps.py. Values 0..1. */

const BINS = 256;
/** A tile with less of the mask than this uses the table of the whole. */
const TILE_SHARE = 0.25;

/** Cumulative histogram at the bins' edges; no bin above `limit` times the mean, what was cut off is spread evenly. */
const tableOf = (counts: Float64Array, total: number, limit: number): Float64Array => {
  const out = new Float64Array(BINS + 1);
  const most = limit / BINS;
  let kept = 0;
  for (let n = 0; n < BINS; n++) {
    const share = Math.min((counts[n] ?? 0) / Math.max(1, total), most);
    out[n + 1] = share;
    kept += share;
  }
  const spread = (1 - kept) / BINS;
  for (let n = 1; n <= BINS; n++) out[n] = (out[n - 1] ?? 0) + (out[n] ?? 0) + spread;
  return out;
};

/** One plane [size, size]; 0 outside the mask. Tables of tiles x tiles squares, bilinear between their centres. */
export const clahe = (
  plane: Float32Array,
  mask: Uint8Array,
  size: number,
  { tiles, limit }: { tiles: number; limit: number },
): Float32Array => {
  const edges = Array.from({ length: tiles + 1 }, (_, n) => Math.floor((size * n) / tiles));
  const counts = Array.from({ length: tiles * tiles }, () => new Float64Array(BINS));
  const totals = new Float64Array(tiles * tiles);
  const whole = new Float64Array(BINS);
  let all = 0;
  for (let j = 0; j < tiles; j++)
    for (let i = 0; i < tiles; i++) {
      const own = counts[j * tiles + i];
      if (!own) continue;
      for (let y = edges[j] ?? 0; y < (edges[j + 1] ?? 0); y++)
        for (let x = edges[i] ?? 0; x < (edges[i + 1] ?? 0); x++) {
          const n = y * size + x;
          if (mask[n] !== 1) continue;
          const bin = Math.min(BINS - 1, Math.floor((plane[n] ?? 0) * BINS));
          own[bin] = (own[bin] ?? 0) + 1;
          whole[bin] = (whole[bin] ?? 0) + 1;
          totals[j * tiles + i] = (totals[j * tiles + i] ?? 0) + 1;
          all++;
        }
    }
  const general = tableOf(whole, all, limit);
  const tables = counts.map((own, n) => {
    const [j, i] = [Math.floor(n / tiles), n % tiles];
    const area = ((edges[j + 1] ?? 0) - (edges[j] ?? 0)) * ((edges[i + 1] ?? 0) - (edges[i] ?? 0));
    return (totals[n] ?? 0) >= TILE_SHARE * area ? tableOf(own, totals[n] ?? 0, limit) : general;
  });
  const at = (n: number): number => Math.min(tiles - 1, Math.max(0, ((n + 0.5) * tiles) / size - 0.5));
  const out = new Float32Array(size * size);
  const table = (j: number, i: number): Float64Array => tables[j * tiles + i] ?? general;
  for (let y = 0; y < size; y++) {
    const ty = at(y);
    const j = Math.min(Math.floor(ty), tiles - 2);
    const fy = ty - j;
    for (let x = 0; x < size; x++) {
      const n = y * size + x;
      if (mask[n] !== 1) continue;
      const tx = at(x);
      const i = Math.min(Math.floor(tx), tiles - 2);
      const fx = tx - i;
      const v = Math.min(1, Math.max(0, plane[n] ?? 0)) * BINS;
      const bin = Math.min(Math.floor(v), BINS - 1);
      const rest = v - bin;
      const read = (own: Float64Array): number => (own[bin] ?? 0) * (1 - rest) + (own[bin + 1] ?? 0) * rest;
      out[n] =
        (1 - fy) * ((1 - fx) * read(table(j, i)) + fx * read(table(j, i + 1))) +
        fy * ((1 - fx) * read(table(j + 1, i)) + fx * read(table(j + 1, i + 1)));
    }
  }
  return out;
};
