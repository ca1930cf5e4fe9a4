import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageWords } from './image.ts';
import { SYNTAX } from './parse.ts';
import { openInstance } from './pixels/frames.ts';
import { overlayPlaneBits } from './pixels/overlay-planes.ts';
import { sourceOfBytes } from './pixels/source.ts';
import { assembleSeries } from './series.ts';
import { TAG } from './tags.ts';
import { file, type TestElement, type TestEncoding, type TestItem } from './test-bytes.ts';

interface Look {
  readonly signed?: boolean;
  readonly allocated?: number;
  readonly stored?: number;
  readonly photometric?: string;
  readonly frames?: number;
  readonly values?: readonly number[];
  readonly syntax?: string;
  readonly encoding?: TestEncoding;
}

/** 2 rows of 3 columns with these elements, in the order of their tags. */
const instanceOf = (more: TestItem, look: Look = {}) => {
  const { signed = false, allocated = 16, stored = allocated, frames = 1, values } = look;
  const elements: TestElement[] = [
    [TAG.SamplesPerPixel, 'US', 1],
    [TAG.PhotometricInterpretation, 'CS', look.photometric ?? 'MONOCHROME2'],
    ...(frames > 1 ? ([[TAG.NumberOfFrames, 'IS', String(frames)]] as const) : []),
    [TAG.Rows, 'US', 2],
    [TAG.Columns, 'US', 3],
    [TAG.BitsAllocated, 'US', allocated],
    [TAG.BitsStored, 'US', stored],
    [TAG.HighBit, 'US', stored - 1],
    [TAG.PixelRepresentation, 'US', signed ? 1 : 0],
    [TAG.PixelData, 'OW', values ?? Array.from({ length: 6 * frames }, (_, n) => n)],
    ...more,
  ];
  elements.sort((a, b) => a[0] - b[0]);
  return openInstance(sourceOfBytes(file(look.syntax ?? SYNTAX.explicitLittle, elements, look.encoding ?? {})));
};
const wordsOf = (more: TestItem, look: Look = {}): ImageWords => instanceOf(more, look).words;
const seriesOf = (...words: readonly ImageWords[]) =>
  assembleSeries(words.map((one, n) => ({ instanceUid: `1.${n}`, instanceNumber: n, words: one })));
const entriesOf = (base64: string | undefined): number[] => {
  const bytes = Buffer.from(base64 ?? '', 'base64');
  return Array.from({ length: bytes.length / 2 }, (_, n) => bytes.readUInt16LE(n * 2));
};

const table = (first: number, vr: 'US' | 'SS', entries: readonly number[], name: string): TestItem => [
  [TAG.LUTDescriptor, vr, [entries.length, first, 12]],
  [TAG.LUTExplanation, 'LO', name],
  [TAG.LUTData, 'US', entries],
];

test('VOI tables stand before windows, each once, with its curve', () => {
  const words = wordsOf([
    [TAG.WindowCenter, 'DS', '40\\-600'],
    [TAG.WindowWidth, 'DS', '400\\1500'],
    [TAG.WindowExplanation, 'LO', 'SOFT\\LUNG'],
    [TAG.VOILUTSequence, 'SQ', [table(5, 'US', [0, 1000, 4095], 'NORMAL'), table(9, 'US', [0, 3000, 4095], 'HARD')]],
  ]);
  const { frames, voiTables } = seriesOf(words, words);
  for (const frame of frames)
    assert.deepEqual(frame.windows, [
      { center: 6, width: 2, name: 'NORMAL', table: 0 },
      { center: 10, width: 2, name: 'HARD', table: 1 },
      { center: 40, width: 400, name: 'SOFT' },
      { center: -600, width: 1500, name: 'LUNG' },
    ]);
  assert.deepEqual(
    voiTables?.map(({ first, bits, values }) => [first, bits, entriesOf(values)]),
    [
      [5, 12, [0, 1000, 4095]],
      [9, 12, [0, 3000, 4095]],
    ],
  );
});

test('the first value of a table is signed where values can be negative, whatever its writer said', () => {
  const first = (more: TestItem, look: Look = {}): number | undefined => wordsOf(more, look).voiTables?.[0]?.first;
  const sequence = (vr: 'US' | 'SS', value: number): TestElement => [
    TAG.VOILUTSequence,
    'SQ',
    [table(value, vr, [0, 1, 2], '')],
  ];
  assert.equal(first([sequence('SS', -1024)], { signed: true }), -1024);
  assert.equal(first([sequence('US', 0x10000 - 1024)], { signed: true }), -1024);
  const rescaled: TestItem = [
    [TAG.RescaleIntercept, 'DS', '-1024'],
    [TAG.RescaleSlope, 'DS', '1'],
  ];
  assert.equal(first([...rescaled, sequence('US', 0x10000 - 1024)]), -1024);
  assert.equal(first([sequence('US', 40_000)]), 40_000);
  assert.equal(first([sequence('SS', 40_000 - 0x10000)]), 40_000);
});

test('tables in bytes, of 65,536 entries, wider than said, cut short', () => {
  const bytes: TestItem = [
    [TAG.LUTDescriptor, 'US', [4, 0, 8]],
    [TAG.LUTData, 'OB', Uint8Array.of(0, 5, 9, 255)],
  ];
  const whole: TestItem = [
    [TAG.LUTDescriptor, 'US', [0, 0, 16]],
    [TAG.LUTData, 'OW', Array.from({ length: 65_536 }, (_, n) => n)],
  ];
  const short: TestItem = [
    [TAG.LUTDescriptor, 'US', [9, 0, 16]],
    [TAG.LUTData, 'OW', [1, 2, 3]],
  ];
  const words = wordsOf([[TAG.VOILUTSequence, 'SQ', [bytes, whole, short, table(0, 'US', [0, 4096, 60_000], '')]]]);
  assert.deepEqual(
    words.voiTables?.map(({ bits, values }) => [bits, entriesOf(values).length, entriesOf(values).at(-1)]),
    [
      [8, 4, 255],
      [16, 65_536, 65_535],
      // Said to be 12 bits, and is not.
      [16, 3, 60_000],
    ],
  );
});

test('the function of windows, also of each frame in functional groups', () => {
  const sigmoid: TestItem = [
    [TAG.WindowCenter, 'DS', '40'],
    [TAG.WindowWidth, 'DS', '400'],
    [TAG.VOILUTFunction, 'CS', 'SIGMOID'],
  ];
  assert.deepEqual(wordsOf(sigmoid).frames[0]?.windows, [{ center: 40, width: 400, name: '', function: 'SIGMOID' }]);
  const exact: TestItem = [
    [TAG.WindowCenter, 'DS', '7'],
    [TAG.WindowWidth, 'DS', '0.5'],
    [TAG.VOILUTFunction, 'CS', 'LINEAR_EXACT'],
  ];
  const groups = wordsOf(
    [
      [TAG.SharedFunctionalGroupsSequence, 'SQ', [[[TAG.FrameVOILUTSequence, 'SQ', [sigmoid]]]]],
      [
        TAG.PerFrameFunctionalGroupsSequence,
        'SQ',
        [[[TAG.ImageComments, 'LT', 'none of its own']], [[TAG.FrameVOILUTSequence, 'SQ', [exact]]]],
      ],
    ],
    { frames: 2 },
  );
  assert.deepEqual(
    groups.frames.map(({ windows }) => windows),
    [
      [{ center: 40, width: 400, name: '', function: 'SIGMOID' }],
      [{ center: 7, width: 0.5, name: '', function: 'LINEAR_EXACT' }],
    ],
  );
});

test('fill is what decoded pixels hold of it: signed, stored bits, a range, floats; scaled with its slice', () => {
  const fill = (more: TestItem, look: Look = {}) => wordsOf(more, look).padding;
  assert.equal(fill([]), undefined);
  assert.deepEqual(fill([[TAG.PixelPaddingValue, 'US', 0]]), [0, 0]);
  assert.deepEqual(fill([[TAG.PixelPaddingValue, 'SS', -2000]], { signed: true }), [-2000, -2000]);
  // LIDC-IDRI: said as unsigned.
  assert.deepEqual(fill([[TAG.PixelPaddingValue, 'US', 63_536]], { signed: true }), [-2000, -2000]);
  assert.deepEqual(fill([[TAG.PixelPaddingValue, 'US', 0xf830]], { signed: true, stored: 12 }), [-2000, -2000]);
  const range: TestItem = [
    [TAG.PixelPaddingValue, 'US', 10],
    [TAG.PixelPaddingRangeLimit, 'US', 3],
  ];
  assert.deepEqual(fill(range), [3, 10]);
  const words = wordsOf([[TAG.PixelPaddingValue, 'US', 10]]);
  const [first] = words.frames;
  assert.ok(first);
  const slice = (n: number): ImageWords => ({
    ...words,
    frames: [
      {
        ...first,
        positionMm: [0, 0, n],
        rowDirection: [1, 0, 0],
        columnDirection: [0, 1, 0],
        calibration: { kind: 'known', spacingMm: [1, 1], source: '' },
        slope: n + 0.1,
        intercept: -1,
      },
    ],
  });
  assert.deepEqual(
    seriesOf(slice(0), slice(1), slice(2)).frames.map(({ padding }) => padding),
    [0, 1, 2].map((n) => [Math.fround(10 * (n + 0.1) - 1), Math.fround(10 * (n + 0.1) - 1)]),
  );
});

test('shutters: rectangle, circle, polygon, of frames; what is not understood hides nothing', () => {
  const rectangle: TestItem = [
    [TAG.ShutterShape, 'CS', 'RECTANGULAR\\CIRCULAR'],
    [TAG.ShutterLeftVerticalEdge, 'IS', '2'],
    [TAG.ShutterRightVerticalEdge, 'IS', '3'],
    [TAG.ShutterUpperHorizontalEdge, 'IS', '1'],
    [TAG.ShutterLowerHorizontalEdge, 'IS', '2'],
    [TAG.CenterOfCircularShutter, 'IS', '1\\2'],
    [TAG.RadiusOfCircularShutter, 'IS', '4'],
    [TAG.ShutterPresentationValue, 'US', 0xffff],
  ];
  const expected = {
    shapes: [
      // Columns 2 and 3, rows 1 and 2.
      { kind: 'rectangle', left: 1, right: 3, top: 0, bottom: 2 },
      // Row 1, column 2: the middle of that pixel.
      { kind: 'circle', center: [1.5, 0.5], radius: 4 },
    ],
    grey: 1,
  };
  assert.deepEqual(wordsOf(rectangle).frames[0]?.shutter, expected);
  const polygon: TestItem = [
    [TAG.ShutterShape, 'CS', 'POLYGONAL'],
    [TAG.VerticesOfThePolygonalShutter, 'IS', '1\\1\\1\\3\\2\\2'],
  ];
  assert.deepEqual(wordsOf(polygon).frames[0]?.shutter, {
    shapes: [
      {
        kind: 'polygon',
        points: [
          [0.5, 0.5],
          [2.5, 0.5],
          [1.5, 1.5],
        ],
      },
    ],
    grey: 0,
  });
  const groups = wordsOf(
    [
      [
        TAG.PerFrameFunctionalGroupsSequence,
        'SQ',
        [[[TAG.FrameDisplayShutterSequence, 'SQ', [rectangle]]], [[TAG.ImageComments, 'LT', 'none']]],
      ],
    ],
    { frames: 2 },
  );
  assert.deepEqual(
    seriesOf(groups).frames.map(({ shutter }) => shutter),
    [expected, undefined],
  );
  assert.equal(wordsOf([[TAG.ShutterShape, 'CS', 'BITMAP']]).frames[0]?.shutter, undefined);
  assert.equal(wordsOf([[TAG.ShutterShape, 'CS', 'CIRCULAR']]).frames[0]?.shutter, undefined);
});

const overlay = (group: number, more: TestItem): TestElement[] => {
  const at = (group - 0x6000) * 0x10000;
  return [
    [TAG.OverlayRows + at, 'US', 2],
    [TAG.OverlayColumns + at, 'US', 3],
    [TAG.OverlayType + at, 'CS', 'G'],
    [TAG.OverlayOrigin + at, 'SS', [1, 1]],
    [TAG.OverlayBitsAllocated + at, 'US', 1],
    [TAG.OverlayBitPosition + at, 'US', 0],
    ...more.map(([tag, vr, value]): TestElement => [tag + at, vr, value]),
  ];
};
/** Rows of 0 and 1. */
const drawn = (bits: Uint8Array): number[] => Array.from({ length: 6 }, (_, n) => ((bits[n >> 3] ?? 0) >> (n & 7)) & 1);

test('overlay planes: bits of their own in every order of bytes, with origin and label', () => {
  // 1 0 1 / 0 1 1 in the lowest bits.
  const plane = overlay(0x6004, [
    [TAG.OverlayData, 'OW', [0b110101]],
    [TAG.OverlayOrigin, 'SS', [0, 2]],
    [TAG.OverlayLabel, 'LO', 'Ruler'],
  ]).filter(([tag], n, all) => all.findLastIndex(([other]) => other === tag) === n);
  for (const [syntax, encoding] of [
    [SYNTAX.explicitLittle, {}],
    [SYNTAX.implicitLittle, { explicit: false }],
    [SYNTAX.explicitBig, { little: false }],
  ] as const) {
    const instance = instanceOf(plane, { syntax, encoding });
    assert.deepEqual(seriesOf(instance.words).frames[0]?.overlayPlanes, [
      { group: 0x6004, rows: 2, columns: 3, origin: [1, -1], label: 'Ruler' },
    ]);
    assert.deepEqual(drawn(overlayPlaneBits(instance, 0)), [1, 0, 1, 0, 1, 1], syntax);
  }
});

test('overlay planes of several frames lie on theirs; one without a number of frames lies on all', () => {
  const instance = instanceOf(
    [
      // Two frames from the second image frame on: 000111 and 101010, without a gap between them.
      ...overlay(0x6000, [
        [TAG.OverlayData, 'OW', [0b010101_111000]],
        [TAG.NumberOfFramesInOverlay, 'IS', '2'],
        [TAG.ImageFrameOrigin, 'US', 2],
      ]).map(([tag, vr, value]): TestElement => (tag === TAG.ImageFrameOrigin ? [tag, 'IS', '2'] : [tag, vr, value])),
      ...overlay(0x6002, [[TAG.OverlayData, 'OB', Uint8Array.of(0b000001, 0)]]),
    ],
    { frames: 3 },
  );
  assert.deepEqual(
    seriesOf(instance.words).frames.map(({ overlayPlanes }) => overlayPlanes?.map(({ group }) => group)),
    [[0x6002], [0x6000, 0x6002], [0x6000, 0x6002]],
  );
  assert.deepEqual(drawn(overlayPlaneBits(instance, 0)), [1, 0, 0, 0, 0, 0]);
  assert.deepEqual(drawn(overlayPlaneBits(instance, 1)), [0, 0, 0, 1, 1, 1]);
  assert.deepEqual(drawn(overlayPlaneBits(instance, 2)), [1, 0, 1, 0, 1, 0]);
  assert.deepEqual(drawn(overlayPlaneBits(instance, 2).subarray(1)), [1, 0, 0, 0, 0, 0]);
});

test('overlay planes in bits that the pixels do not use; used bits and other sizes are none', () => {
  const within = (bit: number): TestElement[] =>
    overlay(0x6000, []).map(
      ([tag, vr, value]): TestElement => (tag === TAG.OverlayBitPosition ? [tag, vr, bit] : [tag, vr, value]),
    );
  for (const little of [true, false]) {
    const look = {
      stored: 12,
      values: [0x1005, 0x0005, 0x1fff, 0x2fff, 0x1000, 0],
      syntax: little ? SYNTAX.explicitLittle : SYNTAX.explicitBig,
      encoding: { little },
    };
    assert.deepEqual(drawn(overlayPlaneBits(instanceOf(within(12), look), 0)), [1, 0, 1, 0, 1, 0]);
    assert.deepEqual(drawn(overlayPlaneBits(instanceOf(within(13), look), 0)), [0, 0, 0, 1, 0, 0]);
    assert.equal(wordsOf(within(3), look).overlays, undefined);
  }
  const short = overlay(0x6000, [[TAG.OverlayData, 'OW', [1]]]).map(
    ([tag, vr, value]): TestElement => (tag === TAG.OverlayRows ? [tag, vr, 200] : [tag, vr, value]),
  );
  assert.equal(wordsOf(short).overlays, undefined);
});

test('lossy is said of the image that is, with its ratio', () => {
  const lossy = wordsOf([
    [TAG.LossyImageCompression, 'CS', '01'],
    [TAG.LossyImageCompressionRatio, 'DS', '4\\12.5'],
  ]);
  const { frames, lossy: any } = seriesOf(lossy, wordsOf([]));
  assert.deepEqual(
    frames.map((frame) => frame.lossy),
    [{ ratio: 12.5 }, undefined],
  );
  assert.deepEqual(any, { ratio: 12.5 });
});

test('MONOCHROME1 and Presentation LUT Shape INVERSE show low values bright, both together too', () => {
  const inverse: TestItem = [[TAG.PresentationLUTShape, 'CS', 'INVERSE']];
  assert.deepEqual(
    [
      wordsOf([]),
      wordsOf(inverse),
      wordsOf([], { photometric: 'MONOCHROME1' }),
      wordsOf(inverse, { photometric: 'MONOCHROME1' }),
    ].map(({ inverted }) => inverted),
    [false, true, true, true],
  );
});
