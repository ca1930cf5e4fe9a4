/** 100,000 vectors of 256 dimensions: the int8 scan with float rescoring against the exact float scan, same process. */
import { createVectors } from '../../main/knowledge/vectors.ts';
import { seeded } from '../../models/kit/random.ts';
import { median } from './figures.ts';

const COUNT = 100_000;
const DIMS = 256;
const QUERIES = 30;
const LIMIT = 10;

const random = seeded('vectors bench');
/** Unit vectors around 500 centres, as reports lie around their kinds. */
const centres = Array.from({ length: 500 }, () => Float32Array.from({ length: DIMS }, () => random.normal()));
const unit = (): Float32Array => {
  const centre = random.pick(centres);
  const vector = centre.map((x) => x + 0.7 * random.normal());
  const length = Math.hypot(...vector);
  return vector.map((x) => x / length);
};
const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let i = 0; i < DIMS; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
};

const stored = Array.from({ length: COUNT }, unit);
const index = createVectors(DIMS);
for (const [row, vector] of stored.entries()) index.put(row, vector);

const exactMs: number[] = [];
const scanMs: number[] = [];
let agreed = 0;
for (let n = 0; n < QUERIES; n++) {
  const query = unit();
  let start = performance.now();
  const exact = stored
    .map((vector, row) => ({ row, score: dot(query, vector) }))
    .sort((a, b) => b.score - a.score)
    .slice(0, LIMIT);
  exactMs.push(performance.now() - start);
  start = performance.now();
  const found = new Set(index.nearest(query, LIMIT, null, (row) => stored[row]).map(({ row }) => row));
  scanMs.push(performance.now() - start);
  agreed += exact.filter(({ row }) => found.has(row)).length;
}
console.log(`${COUNT} x ${DIMS}: recall@10 ${(agreed / (QUERIES * LIMIT)).toFixed(3)}`);
console.log(
  `int8 scan ${median(scanMs).toFixed(1)} ms, exact ${median(exactMs).toFixed(1)} ms, ratio ${(median(scanMs) / median(exactMs)).toFixed(2)}`,
);
