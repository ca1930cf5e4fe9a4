/** The vectors in memory: an int8 scan finds candidates, the stored float32 vectors have the last word. The database is the truth. */

export interface VectorHit {
  readonly row: number;
  /** Cosine, -1 to 1. */
  readonly similarity: number;
}

export interface Vectors {
  readonly count: number;
  /** vector: L2-normalised float32. */
  put(row: number, vector: Float32Array): void;
  remove(row: number): void;
  /** The nearest rows among the allowed ones; exact() gives the stored float vector. */
  nearest(
    query: Float32Array,
    limit: number,
    allowed: ((row: number) => boolean) | null,
    exact: (row: number) => Float32Array | undefined,
  ): VectorHit[];
}

/** Candidates kept for rescoring, times the limit. */
const OVERSAMPLE = 4;
const LEAST_CANDIDATES = 40;

/** [n] float32, L2-normalised -> int8 with one scale for all: the largest component of a unit vector is at most 1. */
const quantise = (vector: Float32Array, into: Int8Array, offset: number): number => {
  let most = 1e-12;
  for (const x of vector) most = Math.max(most, Math.abs(x));
  const scale = 127 / most;
  for (let i = 0; i < vector.length; i++) into[offset + i] = Math.round((vector[i] ?? 0) * scale);
  return most / 127;
};

export const createVectors = (dims: number): Vectors => {
  let capacity = 1024;
  let codes = new Int8Array(capacity * dims);
  let scales = new Float32Array(capacity);
  let rows = new Int32Array(capacity);
  const slots = new Map<number, number>();
  let count = 0;

  const grow = (): void => {
    capacity *= 2;
    const grown = <T extends Int8Array | Float32Array | Int32Array>(from: T, to: T): T => {
      to.set(from as never);
      return to;
    };
    codes = grown(codes, new Int8Array(capacity * dims));
    scales = grown(scales, new Float32Array(capacity));
    rows = grown(rows, new Int32Array(capacity));
  };

  return {
    get count() {
      return count;
    },
    put: (row, vector) => {
      if (vector.length !== dims) throw new RangeError(`a vector of ${vector.length} where ${dims} are expected`);
      let slot = slots.get(row);
      if (slot === undefined) {
        if (count === capacity) grow();
        slot = count++;
        slots.set(row, slot);
        rows[slot] = row;
      }
      scales[slot] = quantise(vector, codes, slot * dims);
    },
    remove: (row) => {
      const slot = slots.get(row);
      if (slot === undefined) return;
      const last = --count;
      if (slot !== last) {
        codes.copyWithin(slot * dims, last * dims, (last + 1) * dims);
        scales[slot] = scales[last] ?? 0;
        const moved = rows[last] ?? 0;
        rows[slot] = moved;
        slots.set(moved, slot);
      }
      slots.delete(row);
    },
    nearest: (query, limit, allowed, exact) => {
      if (query.length !== dims) throw new RangeError(`a query of ${query.length} where ${dims} are expected`);
      const q = new Int8Array(dims);
      quantise(query, q, 0);
      const keep = Math.max(LEAST_CANDIDATES, limit * OVERSAMPLE);
      // A small sorted list: keep is tiny beside count.
      const best: { row: number; score: number }[] = [];
      for (let slot = 0; slot < count; slot++) {
        const row = rows[slot] ?? 0;
        if (allowed && !allowed(row)) continue;
        let sum = 0;
        const base = slot * dims;
        for (let i = 0; i < dims; i++) sum += (q[i] ?? 0) * (codes[base + i] ?? 0);
        const score = sum * (scales[slot] ?? 0);
        if (best.length === keep && score <= (best[keep - 1]?.score ?? 0)) continue;
        let at = best.length === keep ? keep - 1 : best.length;
        while (at > 0 && (best[at - 1]?.score ?? 0) < score) {
          const above = best[at - 1];
          if (above) best[at] = above;
          at--;
        }
        best[at] = { row, score };
      }
      const hits: VectorHit[] = [];
      for (const { row } of best) {
        const vector = exact(row);
        if (!vector) continue;
        let similarity = 0;
        for (let i = 0; i < dims; i++) similarity += (query[i] ?? 0) * (vector[i] ?? 0);
        hits.push({ row, similarity });
      }
      return hits.sort((a, b) => b.similarity - a.similarity).slice(0, limit);
    },
  };
};
