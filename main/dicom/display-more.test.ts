import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ImageWords } from './image.ts';
import { SYNTAX } from './parse.ts';
import { openInstance } from './pixels/frames.ts';
import { sourceOfBytes } from './pixels/source.ts';
import { assembleSeries } from './series.ts';
import { TAG } from './tags.ts';
import { file, type TestElement, type TestItem } from './test-bytes.ts';

const instanceOf = (more: TestItem, signed = false, frames = 1) => {
  const elements: TestElement[] = [
    [TAG.SamplesPerPixel, 'US', 1],
    [TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'],
    [TAG.NumberOfFrames, 'IS', String(frames)],
    [TAG.Rows, 'US', 2],
    [TAG.Columns, 'US', 3],
    [TAG.BitsAllocated, 'US', 16],
    [TAG.BitsStored, 'US', 16],
    [TAG.HighBit, 'US', 15],
    [TAG.PixelRepresentation, 'US', signed ? 1 : 0],
    [TAG.PixelData, 'OW', Array.from({ length: 6 * frames }, (_, n) => n)],
    ...more,
  ];
  const own = new Map(elements.map((element) => [element[0], element]));
  return openInstance(
    sourceOfBytes(
      file(
        SYNTAX.explicitLittle,
        [...own.values()].sort((a, b) => a[0] - b[0]),
      ),
    ),
  );
};
const wordsOf = (more: TestItem, signed = false, frames = 1): ImageWords => instanceOf(more, signed, frames).words;
const seriesOf = (...words: readonly ImageWords[]) =>
  assembleSeries(words.map((one, n) => ({ instanceUid: `1.${n}`, instanceNumber: n, words: one })));

const unit = (value: string, scheme = 'UCUM', meaning = 'words'): TestElement => [
  TAG.MeasurementUnitsCodeSequence,
  'SQ',
  [
    [
      [TAG.CodeValue, 'SH', value],
      [TAG.CodingSchemeDesignator, 'SH', scheme],
      [TAG.CodeMeaning, 'LO', meaning],
    ],
  ],
];
const line = (slope: number, intercept: number, first: number, last: number, more: TestItem): TestItem =>
  [
    ...more,
    [TAG.RealWorldValueFirstValueMapped, 'US', first],
    [TAG.RealWorldValueLastValueMapped, 'US', last],
    [TAG.RealWorldValueIntercept, 'FD', intercept],
    [TAG.RealWorldValueSlope, 'FD', slope],
  ].toSorted((a, b) => (a[0] as number) - (b[0] as number)) as TestItem;

test('real world values stand beside modality values, with name and unit', () => {
  const suv = line(0.0005, -1, 10, 4000, [unit('g/ml{SUVbw}'), [TAG.LUTLabel, 'SH', 'SUVbw']]);
  const words = wordsOf([
    [TAG.RescaleIntercept, 'DS', '0'],
    [TAG.RescaleSlope, 'DS', '2'],
    [TAG.RealWorldValueMappingSequence, 'SQ', [suv, line(1, 0, 0, 10, [])]],
  ]);
  const [frame] = seriesOf(words).frames;
  assert.deepEqual(frame?.realWorld, [
    { name: 'SUVbw', unit: 'g/ml{SUVbw}', first: 10, last: 4000, slope: 0.0005, intercept: -1 },
  ]);
  assert.equal(frame?.slope, 2, 'modality values stay what they were');
});

test('a table of real world values, and one that is too short', () => {
  const table = (entries: readonly number[]): TestItem => [
    unit('x', 'DCM', 'ratio of uptake'),
    [TAG.LUTLabel, 'SH', 'RATIO'],
    [TAG.RealWorldValueLastValueMapped, 'US', 7],
    [TAG.RealWorldValueLUTData, 'FD', entries],
    [TAG.RealWorldValueFirstValueMapped, 'US', 5],
  ];
  const of = (entries: readonly number[]) =>
    wordsOf([[TAG.RealWorldValueMappingSequence, 'SQ', [table(entries)]]]).frames[0]?.realWorld;
  assert.deepEqual(of([0.5, 1.5, 9]), [
    { name: 'RATIO', unit: 'ratio of uptake', first: 5, last: 7, slope: 1, intercept: 0, table: [0.5, 1.5, 9] },
  ]);
  assert.equal(of([0.5, 1.5]), undefined);
});

test('real world values are of the stream where that holds modality values', () => {
  const slice = (slope: number, z: number) =>
    wordsOf([
      [TAG.RescaleIntercept, 'DS', '0'],
      [TAG.RescaleSlope, 'DS', String(slope)],
      [TAG.ImagePositionPatient, 'DS', `0\\0\\${z}`],
      [TAG.ImageOrientationPatient, 'DS', '1\\0\\0\\0\\1\\0'],
      [TAG.PixelSpacing, 'DS', '1\\1'],
      [TAG.FrameOfReferenceUID, 'UI', '1.2.3'],
      [
        TAG.RealWorldValueMappingSequence,
        'SQ',
        [line(slope / 100, 0, 0, 1000, [unit('g/ml'), [TAG.LUTLabel, 'SH', 'SUVbw']])],
      ],
    ]);
  const { frames, volume } = seriesOf(slice(2, 0), slice(4, 3), slice(8, 6));
  assert.equal(volume.kind, 'volume');
  for (const [n, frame] of frames.entries()) {
    const [value] = frame.realWorld ?? [];
    assert.equal(frame.slope, 1);
    assert.ok(Math.abs((value?.slope ?? 0) - 0.01) < 1e-12, 'the same of every slice by now');
    assert.equal(value?.last, 1000 * 2 ** (n + 1));
  }
});

const palette = (first: number, entries: readonly (readonly number[])[]): TestItem => [
  ...([TAG.RedPaletteDescriptor, TAG.GreenPaletteDescriptor, TAG.BluePaletteDescriptor] as const).map(
    (tag): TestElement => [tag, 'US', [entries.length, first, 16]],
  ),
  ...([TAG.RedPalette, TAG.GreenPalette, TAG.BluePalette] as const).map(
    (tag, channel): TestElement => [tag, 'OW', entries.map((entry) => entry[channel] ?? 0)],
  ),
];

test('a supplemental palette lies over greys where the file means colour, and only there', () => {
  // The third channel never uses its upper byte: 0x0080 of 16 bits is dark, not half bright.
  const table = palette(100, [
    [0xff00, 0x8000, 0x0080],
    [0x0100, 0x0200, 0x0000],
  ]);
  const color = wordsOf([...table, [TAG.PixelPresentation, 'CS', 'COLOR']]);
  assert.equal(color.layout.format, 'uint16', 'the image keeps its values');
  const { frames, palettes } = seriesOf(color, color);
  assert.deepEqual(
    frames.map((frame) => frame.palette),
    [0, 0],
  );
  assert.equal(palettes?.length, 1);
  assert.equal(palettes?.[0]?.first, 100);
  assert.deepEqual([...Buffer.from(palettes?.[0]?.colors ?? '', 'base64')], [255, 128, 0, 1, 2, 0]);
  assert.equal(wordsOf([...table, [TAG.PixelPresentation, 'CS', 'MONOCHROME']]).palette, undefined);
  assert.equal(wordsOf(table).palette, undefined);
});

test('a bitmap shutter names its overlay group', () => {
  const shutter = wordsOf([
    [TAG.ShutterShape, 'CS', 'BITMAP'],
    [TAG.ShutterPresentationValue, 'US', 0x8000],
    [TAG.ShutterOverlayGroup, 'US', 0x6002],
  ]).frames[0]?.shutter;
  assert.deepEqual(shutter?.shapes, [{ kind: 'bitmap', group: 0x6002 }]);
  assert.ok(Math.abs((shutter?.grey ?? 0) - 0.5) < 1e-4);
  const wrong = [[TAG.ShutterShape, 'CS', 'BITMAP'] as const, [TAG.ShutterOverlayGroup, 'US', 0x0028] as const];
  assert.equal(wordsOf(wrong).frames[0]?.shutter, undefined);
});

test('the speed that the file wishes: recommended, cine rate, frame time, frame times', () => {
  const cine = (...more: TestItem) => seriesOf(wordsOf(more, false, 3)).cine;
  const time: TestElement = [TAG.FrameTime, 'DS', '40'];
  const rate: TestElement = [TAG.CineRate, 'IS', '12'];
  assert.deepEqual(cine(time), { framesPerSecond: 25, sweep: false });
  assert.deepEqual(cine(time, rate), { framesPerSecond: 12, sweep: false });
  assert.deepEqual(cine([TAG.RecommendedDisplayFrameRate, 'IS', '8'], time, rate), {
    framesPerSecond: 8,
    sweep: false,
  });
  assert.deepEqual(cine([TAG.FrameTimeVector, 'DS', '0\\100\\300']), { framesPerSecond: 5, sweep: false });
  assert.deepEqual(cine(time, [TAG.PreferredPlaybackSequencing, 'US', 1]), { framesPerSecond: 25, sweep: true });
  assert.equal(cine([TAG.FrameTime, 'DS', '0']), undefined);
  assert.equal(seriesOf(wordsOf([time])).cine, undefined, 'one image is no film');
});
