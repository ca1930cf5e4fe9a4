import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../random.ts';
import { confusionOf, quadraticKappa } from './agreement.ts';
import { bootstrap, quantile, wilson } from './bootstrap.ts';
import { calibrationError, reliabilityOf } from './calibration.ts';
import { distancesMm, type Grid } from './distance.ts';
import { coveredShare, groundingFigures, groundingOf } from './grounding.ts';
import { dice, surfaceDistances, surfaceOf } from './masks.ts';
import { auc, rocOf, sensitivityAt } from './ranking.ts';

const near = (got: number | null | undefined, wanted: number, within = 1e-9): void =>
  assert.ok(Math.abs((got ?? Number.NaN) - wanted) <= within, `${got} is not ${wanted}`);

const scored = (scores: readonly number[], truths: readonly number[]) =>
  scores.map((score, n) => ({ score, truth: truths[n] === 1 }));

test('AUC: the example of scikit-learn, ties, and a class that is missing', () => {
  const cases = scored([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]);
  near(auc(cases), 0.75);
  assert.deepEqual(
    rocOf(cases)?.map(({ falseRate, trueRate }) => [falseRate, trueRate]),
    [
      [0, 0],
      [0, 0.5],
      [0.5, 0.5],
      [0.5, 1],
      [1, 1],
    ],
  );
  near(auc(scored([1, 1, 1, 1], [0, 1, 0, 1])), 0.5);
  // pairs: 2 > 1 counts 1, 2 > 2 counts a half, 3 > 1 and 3 > 2 count 1 each
  near(auc(scored([2, 3, 1, 2], [1, 1, 0, 0])), 3.5 / 4);
  assert.equal(auc(scored([1, 2], [1, 1])), null);
  assert.equal(sensitivityAt(cases, 1), 0.5);
  assert.equal(sensitivityAt(cases, 0.5), 1);
});

test('AUC is the share of pairs in order, ties a half', () => {
  const random = seeded('auc');
  const cases = Array.from({ length: 120 }, () => ({ score: random.integer(0, 12), truth: random.next() < 0.3 }));
  let [sum, pairs] = [0, 0];
  for (const p of cases.filter(({ truth }) => truth))
    for (const n of cases.filter(({ truth }) => !truth)) {
      pairs++;
      sum += p.score > n.score ? 1 : p.score === n.score ? 0.5 : 0;
    }
  near(auc(cases), sum / pairs);
});

test('quadratic kappa by hand', () => {
  const cases = [
    [0, 0],
    [0, 1],
    [1, 1],
    [1, 1],
    [2, 2],
    [2, 0],
  ].map(([truth = 0, told = 0]) => ({ truth, told }));
  assert.deepEqual(confusionOf(cases, 3), [
    [1, 1, 0],
    [0, 2, 0],
    [1, 0, 1],
  ]);
  // seen: 1 + 4; by chance: (2*3 + 4*2*1 + 2*2 + 2*1 + 4*2*2 + 2*3) / 6 = 7
  near(quadraticKappa(cases, 3), 1 - 5 / 7);
  near(
    quadraticKappa(
      [0, 1, 2].map((grade) => ({ truth: grade, told: grade })),
      3,
    ),
    1,
  );
  near(
    quadraticKappa(
      [0, 2].map((grade) => ({ truth: grade, told: 2 - grade })),
      3,
    ),
    -1,
  );
  assert.equal(quadraticKappa([{ truth: 1, told: 1 }], 3), null);
  assert.throws(() => confusionOf([{ truth: 3, told: 0 }], 3), RangeError);
});

test('calibration by hand: bins, the last one closed', () => {
  const cases = [
    [0.05, 0],
    [0.15, 0],
    [0.15, 1],
    [0.95, 1],
    [1, 1],
  ].map(([probability = 0, truth]) => ({ probability, truth: truth === 1 }));
  const bins = reliabilityOf(cases);
  assert.deepEqual(
    bins.map(({ count }) => count),
    [1, 2, 0, 0, 0, 0, 0, 0, 0, 2],
  );
  assert.deepEqual([bins[1]?.foretold, bins[1]?.seen, bins[2]?.seen], [0.15, 0.5, null]);
  near(calibrationError(cases), 0.2 * 0.05 + 0.4 * 0.35 + 0.4 * 0.025);
  near(calibrationError(cases, 1), Math.abs(0.46 - 0.6));
  assert.equal(calibrationError([]), null);
  assert.throws(() => reliabilityOf([{ probability: 1.1, truth: true }]), RangeError);
});

test('percentiles as numpy, shares as Wilson, and whole patients drawn', () => {
  near(quantile([1, 2, 3, 4], 0.025), 1.075);
  near(wilson(10, 100)[0], 0.0552, 5e-5);
  near(wilson(10, 100)[1], 0.1744, 5e-5);
  // two patients of 50 images each: any draw is all of one, half of each, or all of the other
  const cases = Array.from({ length: 100 }, (_, n) => ({ patient: n < 50 ? 'a' : 'b', value: n < 50 ? 0 : 1 }));
  const seen = new Set<number>();
  const mean = (drawn: readonly { value: number }[]): number => {
    const value = drawn.reduce((sum, one) => sum + one.value, 0) / drawn.length;
    seen.add(value);
    return value;
  };
  assert.deepEqual(
    bootstrap(cases, ({ patient }) => patient, mean),
    [0, 1],
  );
  assert.deepEqual([...seen].sort(), [0, 0.5, 1]);
  assert.equal(
    bootstrap(cases.slice(0, 50), ({ patient }) => patient, mean),
    null,
  );
  // the interval of a mean of 400 is near 1.96 deviations of it
  const random = seeded('mean');
  const many = Array.from({ length: 400 }, (_, n) => ({ patient: String(n), value: random.normal() }));
  const [low, high] = bootstrap(many, ({ patient }) => patient, mean) ?? [0, 0];
  near(high - low, (2 * 1.96) / Math.sqrt(400), 0.03);
  assert.deepEqual(
    bootstrap(many, ({ patient }) => patient, mean),
    [low, high],
    'seeded',
  );
});

test('Dice by hand', () => {
  near(dice([1, 1, 0, 0], [0, 7, 1, 0]), 0.5);
  assert.equal(dice([0, 0], [0, 0]), null);
  assert.equal(dice([1, 0], [0, 0]), 0);
  assert.throws(() => dice([1], [1, 0]), RangeError);
});

test('distances are exact on a grid of three spacings', () => {
  const random = seeded('distance');
  const grid: Grid = { dims: [9, 7, 6], spacingMm: [0.7, 1.9, 5] };
  const [nx, ny] = grid.dims;
  const at = (n: number): number[] => [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))];
  for (let trial = 0; trial < 20; trial++) {
    const mask = Uint8Array.from({ length: 9 * 7 * 6 }, () => Number(random.next() < 0.02));
    mask[random.integer(0, mask.length - 1)] = 1;
    const got = distancesMm(mask, grid);
    const inside = [...mask.keys()].filter((n) => mask[n]);
    for (let n = 0; n < mask.length; n++) {
      const wanted = Math.min(
        ...inside.map((m) =>
          Math.hypot(...[0, 1, 2].map((k) => ((at(n)[k] ?? 0) - (at(m)[k] ?? 0)) * (grid.spacingMm[k] ?? 0))),
        ),
      );
      near(got[n], wanted, 1e-9);
    }
  }
  assert.ok(distancesMm(new Uint8Array(378), grid).every((mm) => mm === Infinity));
});

test('Hausdorff by hand: single voxels, a shifted block, a stray voxel that 95 % overlooks', () => {
  const grid: Grid = { dims: [12, 12, 4], spacingMm: [1, 2, 5] };
  const block = (...boxes: readonly (readonly [number, number, number, number, number, number])[]): Uint8Array => {
    const out = new Uint8Array(12 * 12 * 4);
    for (const [x0, y0, z0, x1, y1, z1] of boxes)
      for (let z = z0; z < z1; z++)
        for (let y = y0; y < y1; y++) out.fill(1, (z * 12 + y) * 12 + x0, (z * 12 + y) * 12 + x1);
    return out;
  };
  const one = surfaceDistances(block([0, 0, 0, 1, 1, 1]), block([3, 2, 1, 4, 3, 2]), grid);
  near(one?.hausdorffMm, Math.sqrt(9 + 16 + 25));
  near(one?.meanMm, Math.sqrt(50));
  // moved by one row of 2 mm
  near(surfaceDistances(block([1, 1, 0, 9, 8, 3]), block([1, 2, 0, 9, 9, 3]), grid)?.hausdorffMm, 2);
  const own = block([0, 0, 0, 8, 8, 2]);
  const stray = surfaceDistances(own, block([0, 0, 0, 8, 8, 2], [11, 0, 3, 12, 1, 4]), grid);
  near(stray?.hausdorffMm, Math.sqrt(16 + 100));
  near(stray?.hausdorff95Mm, 0);
  assert.equal(surfaceDistances(own, new Uint8Array(576), grid), null);
  assert.equal(surfaceDistances(own, own, grid)?.hausdorffMm, 0);
  assert.equal(
    surfaceOf(block([1, 1, 0, 4, 4, 3]), grid).reduce((sum, v) => sum + v, 0),
    26,
  );
});

test('grounding: each direction for itself, unions of boxes, the right finding', () => {
  near(coveredShare([[0, 0, 10, 10]], [[0, 0, 5, 10]]), 0.5);
  near(
    coveredShare(
      [
        [0, 0, 10, 10],
        [5, 0, 15, 10],
      ],
      [
        [0, 0, 3, 10],
        [2, 0, 6, 10],
      ],
    ),
    6 / 15,
  );
  near(coveredShare([[0, 0, 2, 2]], []), 0);
  const whole = { key: 'effusion', boxes: [[0, 0, 100, 100]] as const };
  const small = { key: 'effusion', boxes: [[10, 10, 20, 20]] as const };
  assert.deepEqual(groundingOf([whole], [small]), { told: 1, toldRight: 0, truth: 1, truthFound: 1 });
  assert.deepEqual(groundingOf([small], [whole]), { told: 1, toldRight: 1, truth: 1, truthFound: 0 });
  assert.deepEqual(groundingOf([{ ...small, key: 'nodule' }], [small]), {
    told: 1,
    toldRight: 0,
    truth: 1,
    truthFound: 0,
  });
  assert.deepEqual(groundingFigures([groundingOf([whole, { key: 'a', boxes: [] }], [small])]), {
    precision: 0,
    recall: 1,
  });
  assert.deepEqual(groundingFigures([]), { precision: null, recall: null });
});

test('the surface of a film is an outline; a mask in one slice of a volume is all surface', () => {
  const disc = Uint8Array.from({ length: 49 }, (_, n) => Number(n % 7 > 0 && n % 7 < 6 && n > 6 && n < 42));
  const film: Grid = { dims: [7, 7, 1], spacingMm: [1, 1, 1] };
  assert.equal(
    surfaceOf(disc, film).reduce((sum, v) => sum + v, 0),
    16,
  );
  const inner = disc.map((v, n) => Number(v === 1 && n % 7 === 3 && Math.floor(n / 7) === 3));
  // beside the hole there is an edge too, one from the outline
  near(surfaceDistances(disc.with(24, 0), disc, film)?.hausdorffMm, 1);
  // from a corner of the outline to the middle
  near(surfaceDistances(inner, disc, film)?.hausdorffMm, Math.sqrt(8));
  const volume: Grid = { dims: [7, 7, 3], spacingMm: [1, 1, 4] };
  const inSlice = (k: number): Uint8Array =>
    Uint8Array.from({ length: 147 }, (_, n) => Number(Math.floor(n / 49) === k && disc[n % 49] === 1));
  near(surfaceDistances(inSlice(1), inSlice(2), volume)?.hausdorffMm, 4);
  near(surfaceDistances(inSlice(1), inSlice(1).with(49 + 24, 0), volume)?.hausdorffMm, 1, 1e-9);
});
