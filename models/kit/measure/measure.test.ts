/**
 * Figures computed apart from this code, by numpy 2.4 (inside by half planes, winding numbers and the ellipse's equation;
 * std with ddof 0; numpy.histogram): the same voxels, the same numbers.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  Calibration,
  Frame,
  MeasurementKind,
  MeasurementPlace,
  MeasuringScales,
  SeriesImages,
  UltrasoundRegion,
} from '../../../preload/contract/terms/index.ts';
import { affineOf, cross, normalize, type Vec3, voxelToPatient } from '../geometry.ts';
import { angleAt, cobbAngle, crossesItself, type Point } from './flat.ts';
import { voxelsInEllipse, voxelsInOutline } from './mask.ts';
import { rulerOf } from './ruler.ts';
import { histogramOf, statisticsOf } from './statistics.ts';
import type { Measured, Measuring } from './terms.ts';
import { measured } from './values.ts';

const COLUMNS = 24;
const ROWS = 20;
const stored = (i: number, j: number): number => ((i * 7 + j * 13) % 101) - 50;
const FRAME = Int16Array.from({ length: COLUMNS * ROWS }, (_, n) => stored(n % COLUMNS, Math.floor(n / COLUMNS)));
const known = (row: number, column: number): Calibration => ({
  kind: 'known',
  spacingMm: [row, column],
  source: 'Pixel Spacing',
});

const frame = (index: number, more: Partial<Frame> = {}): Frame => ({
  index,
  instanceUid: `1.2.${index}`,
  frameNumber: 1,
  rows: ROWS,
  columns: COLUMNS,
  format: 'int16',
  byteOffset: 0,
  byteLength: COLUMNS * ROWS * 2,
  positionMm: null,
  rowDirection: null,
  columnDirection: null,
  calibration: known(1.3, 0.7),
  slope: 1,
  intercept: 0,
  unit: 'HU',
  windows: [],
  range: null,
  inverted: false,
  ...more,
});
const NO_SCALES: MeasuringScales = { seriesId: 's', ultrasound: {}, suv: null, trouble: '' };
const images = (more: Partial<Frame> = {}, rest: Partial<SeriesImages> = {}): SeriesImages => ({
  seriesId: 's',
  frames: [frame(0, more)],
  volume: { kind: 'none', reason: 'one image' },
  frameOfReferenceUid: null,
  lossy: null,
  remark: '',
  pixelTag: 't',
  ...rest,
});
const measuring = (more: Partial<Measuring> = {}): Measuring => ({
  images: images(),
  scales: NO_SCALES,
  frame: () => FRAME,
  suv: 'bodyWeight',
  ...more,
});
const on = (points: readonly Point[]): MeasurementPlace => ({
  kind: 'image',
  instanceUid: '1.2.0',
  frameNumber: 1,
  points: [...points],
  labelAt: null,
});
const values = (found: Measured): Record<string, number> =>
  Object.fromEntries(found.values.map(({ key, value }) => [key, value]));
const units = (found: Measured): Record<string, string> =>
  Object.fromEntries(found.values.map(({ key, unit }) => [key, unit]));
const near = (actual: number | undefined, expected: number, what = '', tolerance = 1e-9): void =>
  assert.ok(
    Math.abs((actual ?? Number.NaN) - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${what} ${actual} for ${expected}`,
  );
const see = (kind: MeasurementKind, points: readonly Point[], more: Partial<Measuring> = {}): Measured =>
  measured({ kind, place: on(points) }, measuring(more));

const CONVEX: readonly Point[] = [
  [3.2, 2.1],
  [17.9, 4.3],
  [20.6, 12.7],
  [9.4, 18.2],
];
const CONCAVE: readonly Point[] = [
  [2.3, 2.4],
  [12.1, 6.2],
  [21.7, 1.3],
  [16.4, 10.8],
  [22.2, 18.6],
  [12.3, 13.1],
  [3.1, 17.7],
  [7.6, 9.9],
];
const ELLIPSE: readonly Point[] = [
  [11.3 - 7.4, 9.6],
  [11.3 + 7.4, 9.6],
  [11.3, 9.6 - 4.9],
  [11.3, 9.6 + 4.9],
];
const turned = (degrees: number): Point[] =>
  ELLIPSE.map(([x, y]) => {
    const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
    return [11.3 + cos * (x - 11.3) - sin * (y - 9.6), 9.6 + sin * (x - 11.3) + cos * (y - 9.6)];
  });
const RECTANGLE: readonly Point[] = [
  [4.2, 3.4],
  [15.8, 3.4],
  [15.8, 11.1],
  [4.2, 11.1],
];

const NUMPY = [
  ['convex', CONVEX, 168, 2.744047619047619, 28.377346142530147, [18, 17, 19, 21, 23, 24, 25, 21]],
  ['concave', CONCAVE, 138, 0.2246376811594203, 29.712393870343167, [18, 17, 19, 12, 18, 18, 18, 18]],
  ['ellipse', ELLIPSE, 112, -1.2053571428571428, 27.096434396711796, [11, 13, 17, 17, 18, 13, 11, 12]],
  ['ellipse turned by 30°', turned(30), 115, -1.0260869565217392, 28.03614464271472, [13, 14, 16, 15, 17, 15, 13, 12]],
  ['rectangle', RECTANGLE, 96, 0, 29.270292106502797, [12, 11, 13, 12, 12, 12, 12, 12]],
] as const;

for (const [name, points, count, mean, deviation, histogram] of NUMPY)
  test(`${name}: voxels, mean, deviation and histogram are numpy’s`, () => {
    const found: number[] = [];
    const take = (i: number, j: number): void => void found.push(stored(i, j));
    const [a, b, c, d] = points;
    const half = (p: Point = [0, 0], q: Point = [0, 0]): Point => [(q[0] - p[0]) / 2, (q[1] - p[1]) / 2];
    if (name.startsWith('ellipse'))
      voxelsInEllipse({ center: [11.3, 9.6], a: half(a, b), b: half(c, d) }, COLUMNS, ROWS, take);
    else voxelsInOutline(points, COLUMNS, ROWS, take);
    const statistics = statisticsOf(found);
    assert.ok(statistics);
    assert.equal(statistics.count, count);
    near(statistics.mean, mean);
    near(statistics.deviation, deviation);
    assert.deepEqual([statistics.minimum, statistics.maximum], [-50, 50]);
    assert.deepEqual(histogramOf(found, statistics, 8).counts, histogram);
    const kind = name === 'rectangle' ? 'rectangle' : name.startsWith('ellipse') ? 'ellipse' : 'freehand';
    const all = values(see(kind, points));
    assert.equal(all.voxels, count);
    near(all.mean, mean);
  });

test('an edge through voxel centres counts each voxel once', () => {
  const counted = new Map<string, number>();
  const take = (i: number, j: number): void => void counted.set(`${i},${j}`, (counted.get(`${i},${j}`) ?? 0) + 1);
  const box = (x0: number, y0: number, x1: number, y1: number): Point[] => [
    [x0, y0],
    [x1, y0],
    [x1, y1],
    [x0, y1],
  ];
  for (const one of [box(2.5, 2.5, 6.5, 6.5), box(6.5, 2.5, 9.5, 6.5), box(2.5, 6.5, 9.5, 9.5)])
    voxelsInOutline(one, COLUMNS, ROWS, take);
  assert.equal(counted.size, 49);
  assert.ok([...counted.values()].every((times) => times === 1));
});

test('an outline beyond the image takes what is in it', () => {
  const all: number[] = [];
  const far: Point[] = [
    [-50, -50],
    [90, -50],
    [90, 90],
    [-50, 90],
  ];
  voxelsInOutline(far, COLUMNS, ROWS, (i, j) => all.push(i + j * COLUMNS));
  assert.equal(new Set(all).size, COLUMNS * ROWS);
});

test('values are what the modality’s scale makes of the stored ones', () => {
  const found = values(see('rectangle', RECTANGLE, { images: images({ slope: 2.5, intercept: -1024 }) }));
  near(found.mean, -1024);
  near(found.deviation, 73.17573026625699);
  assert.deepEqual([found.minimum, found.maximum], [-1149, -899]);
  const probe = see('probe', [[5.9, 7.2]], { images: images({ slope: 2, intercept: 10 }) });
  assert.deepEqual(probe.values, [{ key: 'value', value: stored(5, 7) * 2 + 10, unit: "[hnsf'U]" }]);
});

test('lengths, angles and areas heed pixels that are not square', () => {
  near(
    values(
      see('length', [
        [2, 3],
        [32, 43],
      ]),
    ).length,
    56.08029957123981,
  );
  near(
    values(
      see('angle', [
        [10, 10],
        [20, 30],
        [44, 18],
      ]),
    ).angle,
    62.18958455615367,
  );
  near(values(see('freehand', CONCAVE)).area, 125.35704999999999);
  near(values(see('ellipse', ELLIPSE)).area, 103.66187615344099);
  near(values(see('rectangle', RECTANGLE)).area, 11.6 * 0.7 * (7.7 * 1.3));
  assert.deepEqual(units(see('rectangle', RECTANGLE)).area, 'mm2');
});

test('the longer of two axes is the long one', () => {
  const found = values(
    see('bidirectional', [
      [0, 0],
      [10, 0],
      [5, -10],
      [5, 10],
    ]),
  );
  near(found['long-axis'], 26);
  near(found['short-axis'], 7);
});

test('a Cobb angle is the same from whichever end its lines were drawn, also beyond 90°', () => {
  const [a, b, c, d] = [
    [10, 10],
    [60, -30],
    [12, 100],
    [58, 160],
  ] as const;
  for (const [p, q, r, s] of [
    [a, b, c, d],
    [b, a, c, d],
    [a, b, d, c],
    [c, d, b, a],
  ] as const)
    near(cobbAngle(p, q, r, s) ?? undefined, 91.18362869272872);
  // On an image turned by a quarter.
  const turn = ([x, y]: Point): Point => [-y, x];
  near(cobbAngle(turn(a), turn(b), turn(c), turn(d)) ?? undefined, 91.18362869272872);
  assert.equal(cobbAngle(a, a, c, d), null);
  assert.equal(angleAt(a, a, b), null);
});

test('a cardiothoracic ratio needs no millimetres', () => {
  const points: Point[] = [
    [60, 50],
    [160, 50],
    [10, 80],
    [210, 80],
  ];
  const reason = 'Only the spacing at the detector is known (0.14 mm), not the magnification.';
  const unknown: Calibration = { kind: 'unknown', reason, aspect: 1 };
  const found = see('cardiothoracic', points, { images: images({ calibration: unknown }) });
  assert.deepEqual(found.values, [
    { key: 'ratio', value: 0.5, unit: '1' },
    { key: 'heart', value: 100, unit: '{pixels}' },
    { key: 'thorax', value: 200, unit: '{pixels}' },
  ]);
  assert.deepEqual(found.remarks, [reason]);
  assert.equal(found.source, '');
});

test('without certain millimetres there are pixels, and the reason', () => {
  const reason = 'A secondary capture: what its pixels measure is not certain.';
  const photo = { images: images({ calibration: { kind: 'unknown', reason } }) };
  const length = see(
    'length',
    [
      [0, 0],
      [3, 4],
    ],
    photo,
  );
  assert.deepEqual(length.values, [{ key: 'length', value: 5, unit: '{pixels}' }]);
  assert.deepEqual(length.remarks, [reason]);
  const angle = see(
    'angle',
    [
      [0, 4],
      [0, 0],
      [3, 0],
    ],
    photo,
  );
  assert.equal(values(angle).angle, 90);
  assert.match(angle.remarks.join(' '), /if pixels are square/);
  const detector = { images: images({ calibration: { kind: 'unknown', reason, aspect: 2 } }) };
  const shaped = see(
    'angle',
    [
      [1, 1],
      [0, 0],
      [1, 0],
    ],
    detector,
  );
  near(values(shaped).angle, (Math.atan(2) * 180) / Math.PI);
  assert.deepEqual(shaped.remarks, []);
});

test('nothing is measured before the calibration is known, and in pixels where it could not be read', () => {
  assert.deepEqual(
    see(
      'length',
      [
        [0, 0],
        [3, 4],
      ],
      { scales: null },
    ),
    {
      values: [],
      remarks: [],
      source: '',
      histogram: null,
      waiting: true,
    },
  );
  const failed = see(
    'length',
    [
      [0, 0],
      [3, 4],
    ],
    { scales: { ...NO_SCALES, trouble: 'Source missing.' } },
  );
  assert.deepEqual(failed.values, [{ key: 'length', value: 5, unit: '{pixels}' }]);
  assert.deepEqual(failed.remarks, ['Source missing.']);
});

test('an outline that crosses itself has neither area nor values', () => {
  const bow: Point[] = [
    [2, 2],
    [12, 12],
    [12, 2],
    [2, 12],
  ];
  assert.equal(crossesItself(bow), true);
  assert.equal(crossesItself(CONCAVE), false);
  const found = see('freehand', bow);
  assert.deepEqual(found.values, []);
  assert.match(found.remarks.join(), /crosses itself/);
});

test('pixels that have not come are waited for; colour and empty regions are told', () => {
  const missing = see('rectangle', RECTANGLE, { frame: () => null });
  assert.equal(missing.waiting, true);
  assert.deepEqual(Object.keys(values(missing)), ['area']);
  const colour = see('rectangle', RECTANGLE, { images: images({ format: 'rgb8' }) });
  assert.match(colour.remarks.join(), /Colours/);
  const tiny = see('ellipse', [
    [4.6, 4.7],
    [4.8, 4.7],
    [4.7, 4.6],
    [4.7, 4.8],
  ]);
  assert.match(tiny.remarks.join(), /No voxel/);
  assert.match(see('probe', [[-1, 3]]).remarks.join(), /no voxel here/);
  const gone = measured(
    {
      kind: 'length',
      place: {
        ...on([
          [0, 0],
          [1, 1],
        ]),
        instanceUid: 'x',
      } as MeasurementPlace,
    },
    measuring(),
  );
  assert.match(gone.remarks.join(), /no longer/);
});

// --- ultrasound

const region = (box: UltrasoundRegion['box'], more: Partial<UltrasoundRegion> = {}): UltrasoundRegion => ({
  box,
  form: '2d',
  x: { unit: 'cm', perPixel: 0.02 },
  y: { unit: 'cm', perPixel: -0.03 },
  highPriority: false,
  ...more,
});
const scan = (regions: UltrasoundRegion[], points: readonly Point[]) =>
  rulerOf({ kind: 'unknown', reason: 'several regions' }, { regions, reason: '' }, points);

test('ultrasound: millimetres inside one region, none across two or outside', () => {
  const left = region([0, 0, 10, 20]);
  const right = region([10, 0, 24, 20], { x: { unit: 'cm', perPixel: 0.05 } });
  const inside = scan(
    [left, right],
    [
      [1, 1],
      [9, 9],
    ],
  );
  assert.deepEqual(inside, { kind: 'mm', pixelMm: [0.2, 0.3], source: 'Ultrasound region calibration' });
  const across = scan(
    [left, right],
    [
      [1, 1],
      [15, 9],
    ],
  );
  assert.ok(across.kind === 'pixels' && /one ultrasound region into another/.test(across.reason));
  const outside = scan(
    [left],
    [
      [1, 1],
      [15, 9],
    ],
  );
  assert.ok(outside.kind === 'pixels' && /outside/.test(outside.reason));
  const broken = rulerOf(known(1, 1), { regions: [], reason: 'cropped' }, [[1, 1]]);
  assert.ok(broken.kind === 'pixels' && broken.reason === 'cropped');
});

test('ultrasound: the region whose pixels are seen decides where two overlap', () => {
  const tissue = region([0, 0, 24, 20]);
  const inset = region([5, 5, 10, 10], { x: { unit: 'cm', perPixel: 0.1 }, highPriority: true });
  const points: Point[] = [
    [6, 6],
    [8, 8],
  ];
  const seen = scan([tissue, inset], points);
  assert.ok(seen.kind === 'mm' && seen.pixelMm[0] === 1);
  const alike = scan([tissue, region([5, 5, 10, 10], { x: { unit: 'cm', perPixel: 0.1 } })], points);
  assert.ok(alike.kind === 'pixels' && /different calibration/.test(alike.reason));
  // A frame around everything that has no unit is no calibration of its own.
  const none = region([0, 0, 24, 20], {
    form: 'none',
    x: { unit: 'none', perPixel: 1 },
    y: { unit: 'none', perPixel: 1 },
  });
  assert.equal(scan([none, tissue], points).kind, 'mm');
});

test('ultrasound: a spectrum gives time and velocity, never a length', () => {
  const spectrum = region([0, 0, 24, 20], {
    form: 'spectral',
    x: { unit: 's', perPixel: 0.01 },
    y: { unit: 'cm/s', perPixel: -2 },
  });
  const scales = { ...NO_SCALES, ultrasound: { '1.2.0': { regions: [spectrum], reason: '' } } };
  const found = see(
    'length',
    [
      [2, 3],
      [12, 8],
    ],
    { scales },
  );
  assert.deepEqual(found.values, [
    { key: 'across', value: 0.1, unit: 's' },
    { key: 'down', value: 10, unit: 'cm/s' },
  ]);
  assert.deepEqual(
    see(
      'angle',
      [
        [0, 4],
        [0, 0],
        [3, 0],
      ],
      { scales },
    ).values,
    [],
  );
});

// --- volumes

const ROW: Vec3 = [0.6, 0.8, 0];
const COLUMN: Vec3 = [-0.8, 0.6, 0];
const VOLUME = affineOf([10, -20, 30], ROW, COLUMN, [0, 0, 2.5], [1.3, 0.7]);
const volume = images(
  {},
  {
    frames: [0, 1, 2, 3, 4, 5, 6, 7].map((k) => frame(k)),
    volume: {
      kind: 'volume',
      dims: [COLUMNS, ROWS, 8],
      affineVoxelToPatient: VOLUME,
      format: 'int16',
      slope: 1,
      intercept: 0,
    },
  },
);
/** Another value for each slice. */
const slices = (k: number): Int16Array => FRAME.map((value) => value + 1000 * k);
const inPatient = (voxels: readonly Vec3[], normal: Vec3, resampled = ''): MeasurementPlace => ({
  kind: 'patient',
  // Grid coordinates, outer corner (0, 0, 0), to the patient.
  points: voxels.map(([i, j, k]) => voxelToPatient(VOLUME, [i - 0.5, j - 0.5, k - 0.5])),
  normal,
  labelAt: null,
  resampled,
});

test('in planes lengths come from positions in the patient', () => {
  const place = inPatient(
    [
      [3, 4.5, 1.5],
      [13, 4.5, 6.5],
    ],
    COLUMN,
  );
  const found = measured({ kind: 'length', place }, measuring({ images: volume, frame: slices }));
  near(values(found).length, Math.hypot(10 * 0.7, 5 * 2.5));
  assert.equal(found.source, 'Positions in the patient');
});

test('a region across slices takes the voxels of its plane', () => {
  const at = (i: number, k: number): Vec3 => [i, 7.5, k];
  const place = inPatient([at(2.2, 1.1), at(9.8, 1.1), at(9.8, 5.9), at(2.2, 5.9)], COLUMN);
  const found = values(measured({ kind: 'rectangle', place }, measuring({ images: volume, frame: slices })));
  const expected: number[] = [];
  for (let k = 1; k <= 5; k++) for (let i = 2; i <= 9; i++) expected.push(stored(i, 7) + 1000 * k);
  const mean = expected.reduce((sum, value) => sum + value, 0) / expected.length;
  assert.equal(found.voxels, expected.length);
  near(found.mean, mean);
  near(found.area, 7.6 * 0.7 * (4.8 * 2.5));
});

test('oblique or resampled planes give geometry and no values', () => {
  const oblique = inPatient(
    [
      [2, 2, 1.5],
      [9, 9, 1.5],
      [9, 9, 5.5],
      [2, 2, 5.5],
    ],
    normalize(cross([7 * 0.7 * 0.6 - 7 * 1.3 * 0.8, 7 * 0.7 * 0.8 + 7 * 1.3 * 0.6, 0], [0, 0, 1])),
  );
  const found = measured({ kind: 'rectangle', place: oblique }, measuring({ images: volume, frame: slices }));
  assert.deepEqual(Object.keys(values(found)), ['area']);
  near(values(found).area, Math.hypot(7 * 0.7, 7 * 1.3) * (4 * 2.5));
  assert.match(found.remarks.join(), /planes of the voxels/);
  const slab = inPatient(
    [
      [2, 2, 1.5],
      [9, 2, 1.5],
      [9, 9, 1.5],
      [2, 9, 1.5],
    ],
    [0, 0, 1],
    'MIP 10 mm',
  );
  const projected = measured({ kind: 'rectangle', place: slab }, measuring({ images: volume, frame: slices }));
  assert.deepEqual(Object.keys(values(projected)), ['area']);
  assert.match(projected.remarks.join(), /MIP 10 mm/);
});

// --- SUV

test('uptake is the value times its factor, in the unit that is asked for, else Bq/ml with the reason', () => {
  const pet = images({ unit: 'Bq/ml', slope: 3 });
  const scales: MeasuringScales = {
    ...NO_SCALES,
    suv: { kind: 'known', bodyWeight: 0.5, leanMass: null, surfaceArea: 0.2, missing: ['no height'], source: 'dose' },
  };
  const probe = (suv: Measuring['suv'], given: MeasuringScales = scales): Measured =>
    see('probe', [[5.5, 7.5]], { images: pet, scales: given, suv });
  assert.deepEqual(probe('bodyWeight').values, [{ key: 'value', value: stored(5, 7) * 1.5, unit: 'g/ml{SUVbw}' }]);
  assert.equal(probe('surfaceArea').values[0]?.unit, 'cm2/ml{SUVbsa}');
  assert.deepEqual(probe('leanMass').values, [{ key: 'value', value: stored(5, 7) * 3, unit: 'Bq/ml' }]);
  assert.match(probe('leanMass').remarks.join(), /no height/);
  const none = probe('bodyWeight', { ...scales, suv: { kind: 'none', reason: 'no weight' } });
  assert.equal(none.values[0]?.unit, 'Bq/ml');
  assert.match(none.remarks.join(), /No SUV: no weight/);
});
