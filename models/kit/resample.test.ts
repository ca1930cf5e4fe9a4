import assert from 'node:assert/strict';
import { test } from 'node:test';
import { axisWeights, nearestIndex, resamplePlane } from './resample.ts';

const apply = (values: number[], w: ReturnType<typeof axisWeights>): number[] =>
  Array.from(resamplePlane(Float32Array.from(values), values.length, 1, w, axisWeights(1, 1, 1, 'clamp'))).map((v) =>
    Number(v.toFixed(5)),
  );
const close = (a: number[], b: number[]): void => {
  assert.equal(a.length, b.length);
  for (const [n, value] of a.entries()) assert.ok(Math.abs(value - (b[n] ?? Number.NaN)) < 1e-5, `${a} / ${b}`);
};

// torch.nn.functional.interpolate(mode='bilinear', antialias=True, align_corners=False) of [0, 1, 4, 9, 16, 25, 36, 49]
test('shrinking and enlarging give the same numbers as torch', () => {
  const squares = [0, 1, 4, 9, 16, 25, 36, 49];
  close(apply(squares, axisWeights(8, 3, 8 / 3, 'renormalise')), TORCH_3);
  close(apply(squares, axisWeights(8, 12, 8 / 12, 'renormalise')), TORCH_12);
});
const TORCH_3 = [2.05263, 13.45238, 35.57895];
const TORCH_12 = [0, 0.5, 1.5, 3.5, 6.5, 10.16667, 14.83333, 20.5, 26.83333, 34.16667, 42.5, 49];

test('a step of one changes nothing; flipped, the axis is read from its end', () => {
  close(apply([5, 6, 7], axisWeights(3, 3, 1, 'clamp')), [5, 6, 7]);
  close(apply([5, 6, 7], axisWeights(3, 3, 1, 'clamp', true)), [7, 6, 5]);
  const forward = apply([1, 2, 4, 8, 16], axisWeights(5, 3, 1.7, 'clamp'));
  close(apply([16, 8, 4, 2, 1], axisWeights(5, 3, 1.7, 'clamp', true)), forward);
});

test('clamp counts the edge again, renormalise leaves it out', () => {
  const values = [10, 0, 0, 0];
  const [clamped = 0] = apply(values, axisWeights(4, 2, 2, 'clamp'));
  const [renormalised = 0] = apply(values, axisWeights(4, 2, 2, 'renormalise'));
  close([clamped], [(10 * (0.75 + 0.25)) / 2]);
  close([renormalised], [(10 * 0.75) / 1.75]);
});

test('a mean is kept and labels come from the sample that covers the centre', () => {
  const w = axisWeights(100, 33, 100 / 33, 'renormalise');
  for (let n = 0; n < w.count; n++) {
    const row = w.weights.subarray(n * w.width, (n + 1) * w.width);
    assert.ok(Math.abs(row.reduce((a, b) => a + b, 0) - 1) < 1e-5);
  }
  assert.deepEqual(
    [0, 1, 2].map((n) => nearestIndex(9, n, 3)),
    [1, 4, 7],
  );
  assert.equal(nearestIndex(9, 100, 3), 8);
});
