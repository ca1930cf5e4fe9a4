import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Vec3 } from '../../models/kit/geometry.ts';
import type { FrameWords, ImageWords } from './image.ts';
import { SYNTAX } from './parse.ts';
import { openInstance } from './pixels/frames.ts';
import { sourceOfBytes } from './pixels/source.ts';
import { assembleSeries, type SeriesInstance, seriesParts } from './series.ts';
import { TAG } from './tags.ts';
import { file, type TestElement, type TestItem } from './test-bytes.ts';

interface Slice {
  readonly at: Vec3;
  readonly row?: Vec3;
  readonly column?: Vec3;
  readonly columns?: number;
  readonly sort?: FrameWords['sort'];
  readonly slope?: number;
  readonly number?: number;
}
const AXIAL: readonly [Vec3, Vec3] = [
  [1, 0, 0],
  [0, 1, 0],
];
const wordsOf = (slice: Slice): ImageWords => ({
  layout: {
    rows: 4,
    columns: slice.columns ?? 6,
    frames: 1,
    samples: 1,
    photometric: 'MONOCHROME2',
    bitsAllocated: 16,
    bitsStored: 16,
    highBit: 15,
    signed: true,
    planar: 0,
    format: 'int16',
    transferSyntax: SYNTAX.explicitLittle,
  },
  inverted: false,
  lossy: null,
  remark: '',
  frameOfReferenceUid: '1.2.3',
  frames: [
    {
      positionMm: slice.at,
      rowDirection: slice.row ?? AXIAL[0],
      columnDirection: slice.column ?? AXIAL[1],
      calibration: { kind: 'known', spacingMm: [1, 1], source: '' },
      slope: slice.slope ?? 1,
      intercept: 0,
      unit: '',
      windows: [],
      ...(slice.sort ? { sort: slice.sort } : {}),
    },
  ],
});
const seriesOf = (slices: readonly Slice[]): SeriesInstance[] =>
  slices.map((slice, n) => ({
    instanceUid: `1.${n}`,
    instanceNumber: slice.number ?? n + 1,
    words: wordsOf(slice),
  }));
const stack = (count: number, more: Partial<Slice> = {}, gapMm = 2): Slice[] =>
  Array.from({ length: count }, (_, n) => ({ at: [0, 0, n * gapMm], ...more }));
/** [label, frames, kind of volume or why none] of each part. */
const partsOf = (slices: readonly Slice[]): [string, number, string][] => {
  const instances = seriesOf(slices);
  return seriesParts(instances).map(({ key, label, frames }) => {
    const { volume, frames: own } = assembleSeries(instances, key);
    assert.equal(own.length, frames);
    return [label, frames, volume.kind === 'volume' ? `${volume.dims}` : volume.reason];
  });
};

test('a volume stays whole, whatever its images say', () => {
  const slices = stack(6).map((slice, n) => ({ ...slice, sort: { acquisition: String(n), time: `0900${n}` } }));
  assert.deepEqual(partsOf(slices), [['', 6, '6,4,6']]);
  // Scaled one by one, as PET is: a volume of modality values.
  assert.deepEqual(partsOf(stack(5).map((slice, n) => ({ ...slice, slope: n + 1 }))), [['', 5, '6,4,5']]);
});

test('echoes, one with a slice missing: the whole one is a volume, the other says what it lacks', () => {
  const slices = [
    ...stack(6, { sort: { echo: '1', echoTime: '20' } }),
    ...stack(6, { sort: { echo: '2', echoTime: '80' } }).filter((_, n) => n !== 3),
  ];
  assert.deepEqual(partsOf(slices), [
    ['TE 20 ms', 6, '6,4,6'],
    ['TE 80 ms', 5, 'uneven gaps: 2 / 4 mm, slices missing: 1'],
  ]);
});

test('b-values, and the directions of one of them', () => {
  const direction = (n: number): string => `${n}.000 0.000 0.000`;
  const slices = [
    ...stack(4, { sort: { bValue: '0' } }),
    ...[1, 2, 3].flatMap((n) => stack(4, { sort: { bValue: '1000', direction: direction(n) } })),
  ];
  assert.deepEqual(partsOf(slices), [
    ['b 0', 4, '6,4,4'],
    ['b 1000, direction 1', 4, '6,4,4'],
    ['b 1000, direction 2', 4, '6,4,4'],
    ['b 1000, direction 3', 4, '6,4,4'],
  ]);
});

test('times of a dynamic series, said or only counted', () => {
  const said = [1, 2, 3].flatMap((time) => stack(4, { sort: { temporal: String(time) } }));
  assert.deepEqual(
    partsOf(said).map(([label, , volume]) => [label, volume]),
    [1, 2, 3].map((time) => [`time ${time}`, '6,4,4']),
  );
  // By slice, then by time; nothing says so but the numbers.
  const counted = stack(4).flatMap((slice) => [slice, slice, slice]);
  assert.deepEqual(
    partsOf(counted).map(([label, , volume]) => [label, volume]),
    [1, 2, 3].map((turn) => [`${turn} of 3 at each place`, '6,4,4']),
  );
  // Numbers without any order: what belongs together is not known.
  const shuffled = counted.map((slice, n) => ({ ...slice, number: ((n * 7) % 12) + 1 }));
  const [only, ...others] = partsOf(shuffled);
  assert.deepEqual([only?.[0], only?.[1], others.length], ['', 12, 0]);
  assert.match(only?.[2] ?? '', /same position/);
});

test('three planes of a localizer, a scout before its slices, sizes that differ', () => {
  const coronal = (n: number): Slice => ({ at: [0, n * 5, 0], row: [1, 0, 0], column: [0, 0, -1] });
  const sagittal = (n: number): Slice => ({ at: [n * 5, 0, 0], row: [0, 1, 0], column: [0, 0, -1] });
  const three = [0, 1, 2].flatMap((n) => [...stack(3).slice(n, n + 1), coronal(n), sagittal(n)]);
  assert.deepEqual(partsOf(three), [
    ['axial', 3, '6,4,3'],
    ['coronal', 3, '6,4,3'],
    ['sagittal', 3, '6,4,3'],
  ]);
  assert.deepEqual(partsOf([coronal(0), ...stack(5)]), [
    ['coronal', 1, 'one image'],
    ['axial', 5, '6,4,5'],
  ]);
  assert.deepEqual(partsOf([...stack(4), ...stack(5, { columns: 8 })]), [
    ['6 × 4', 4, '6,4,4'],
    ['8 × 4', 5, '8,4,5'],
  ]);
  // Single images that fit nowhere are not a part each.
  const odd = [coronal(0), sagittal(0), { ...coronal(3), columns: 9 }];
  assert.deepEqual(
    partsOf([...odd, ...stack(5)]).map(([label, count]) => [label, count]),
    [
      ['other images', 3],
      ['6 × 4, axial', 5],
    ],
  );
});

test('what is no volume is not split for its own sake: uneven gaps, directions of a fan, a beating heart', () => {
  const uneven = [0, 1.14, 5.36, 12.74, 20.12].map(
    (z, n): Slice => ({ at: [0, 0, z], sort: { acquisition: String(n % 2) } }),
  );
  assert.deepEqual(
    partsOf(uneven).map(([label, count]) => [label, count]),
    [['', 5]],
  );
  const tilt = (15 * Math.PI) / 180;
  const tilted = stack(8).map((slice, n) => ({
    ...slice,
    column: [0, Math.cos(tilt), -Math.sin(tilt)] as const,
    sort: { acquisition: String(n % 2) },
  }));
  assert.deepEqual(partsOf(tilted), [['', 8, '6,4,8']]);
  const fan = Array.from({ length: 12 }, (_, n): Slice => {
    const angle = (n * Math.PI) / 12;
    return { at: [0, 0, 0], row: [Math.cos(angle), Math.sin(angle), 0], column: [0, 0, -1] };
  });
  assert.deepEqual(
    partsOf(fan).map(([label, count]) => [label, count]),
    [['', 12]],
  );
  const heart = stack(4).flatMap((slice) =>
    [0, 1, 2].map((phase) => ({ ...slice, sort: { trigger: String(phase * 33.3), temporal: String(phase + 1) } })),
  );
  assert.deepEqual(
    partsOf(heart).map(([label, count]) => [label, count]),
    [['', 12]],
  );
});

test('a part keeps its key when others come', () => {
  const first = seriesParts(seriesOf([...stack(4, { sort: { echo: '1' } }), ...stack(4, { sort: { echo: '2' } })]));
  const more = seriesParts(seriesOf(['1', '2', '3'].flatMap((echo) => stack(4, { sort: { echo } }))));
  assert.deepEqual(
    first.map(({ key }) => key),
    ['echo=1', 'echo=2'],
  );
  assert.deepEqual(
    more.map(({ key }) => key),
    ['echo=1', 'echo=2', 'echo=3'],
  );
  assert.deepEqual(assembleSeries(seriesOf(stack(4)), 'echo=9').frames, []);
});

test('frames of one file are taken apart too; images say their words in the data set or in their groups', () => {
  const position = (z: number): TestElement => [
    TAG.PlanePositionSequence,
    'SQ',
    [[[TAG.ImagePositionPatient, 'DS', `0\\0\\${z}`]]],
  ];
  const groups: TestItem[] = [800, 0].flatMap((b) =>
    [0, 1, 2].map(
      (n): TestItem => [position(n * 3), [TAG.MRDiffusionSequence, 'SQ', [[[TAG.DiffusionBValue, 'FD', b]]]]],
    ),
  );
  const shared: TestItem = [
    [TAG.PlaneOrientationSequence, 'SQ', [[[TAG.ImageOrientationPatient, 'DS', '1\\0\\0\\0\\1\\0']]]],
    [TAG.PixelMeasuresSequence, 'SQ', [[[TAG.PixelSpacing, 'DS', '1\\1']]]],
    [TAG.MREchoSequence, 'SQ', [[[TAG.EffectiveEchoTime, 'FD', 90]]]],
  ];
  const elements: TestElement[] = [
    [TAG.Modality, 'CS', 'MR'],
    [TAG.SamplesPerPixel, 'US', 1],
    [TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'],
    [TAG.NumberOfFrames, 'IS', '6'],
    [TAG.Rows, 'US', 2],
    [TAG.Columns, 'US', 3],
    [TAG.BitsAllocated, 'US', 16],
    [TAG.BitsStored, 'US', 16],
    [TAG.HighBit, 'US', 15],
    [TAG.PixelRepresentation, 'US', 0],
    [TAG.SharedFunctionalGroupsSequence, 'SQ', [shared]],
    [TAG.PerFrameFunctionalGroupsSequence, 'SQ', groups],
    [TAG.PixelData, 'OW', Array.from({ length: 36 }, (_, n) => n)],
  ];
  const { words } = openInstance(sourceOfBytes(file(SYNTAX.explicitLittle, elements)));
  assert.deepEqual(words.frames[0]?.sort, { echoTime: '90', bValue: '800' });
  const instances = [{ instanceUid: '1.1', instanceNumber: 1, words }];
  assert.deepEqual(seriesParts(instances), [
    { key: 'bValue=800', label: 'b 800', frames: 3 },
    { key: 'bValue=0', label: 'b 0', frames: 3 },
  ]);
  const { frames, sources, volume } = assembleSeries(instances, 'bValue=0');
  assert.ok(volume.kind === 'volume');
  assert.deepEqual(
    frames.map(({ frameNumber, positionMm, byteOffset }) => [frameNumber, positionMm?.[2], byteOffset]),
    [
      [4, 0, 0],
      [5, 3, 12],
      [6, 6, 24],
    ],
  );
  assert.deepEqual(
    sources.map(({ instance, frame }) => [instance, frame]),
    [
      [0, 3],
      [0, 4],
      [0, 5],
    ],
  );
});
