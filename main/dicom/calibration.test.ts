import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calibrationOf, ultrasoundRegions } from './calibration.ts';
import { parse, SYNTAX } from './parse.ts';
import { TAG } from './tags.ts';
import { file, type TestItem } from './test-bytes.ts';

const of = (...elements: TestItem): ReturnType<typeof calibrationOf> =>
  calibrationOf(parse(file(SYNTAX.explicitLittle, elements)).dataSet, undefined);
const CT: TestItem = [[TAG.Modality, 'CS', 'CT']];
const DX: TestItem = [[TAG.Modality, 'CS', 'DX']];
const spacing = (tag: number, value: string): TestItem => [[tag, 'DS', value]];

test('a plane through the patient: Pixel Spacing, rows first', () => {
  assert.deepEqual(of(...CT, ...spacing(TAG.PixelSpacing, '0.5\\0.75')), {
    kind: 'known',
    spacingMm: [0.5, 0.75],
    source: 'Pixel Spacing',
  });
  for (const bad of ['0\\1', '-1\\1', '1', 'x\\1', ''])
    assert.equal(of(...CT, ...spacing(TAG.PixelSpacing, bad)).kind, 'unknown', bad);
});

test('a projection is known only where its magnification is', () => {
  const imager = spacing(TAG.ImagerPixelSpacing, '0.14\\0.14');
  assert.equal(of(...DX, ...imager).kind, 'unknown');
  assert.equal(of(...DX, ...spacing(TAG.PixelSpacing, '0.14\\0.14')).kind, 'unknown');
  assert.equal(of(...DX, ...imager, ...spacing(TAG.PixelSpacing, '0.14\\0.14')).kind, 'unknown');
  const magnified = of([TAG.EstimatedRadiographicMagnificationFactor, 'DS', '1.12'], ...imager, ...DX);
  assert.equal(magnified.kind, 'known');
  if (magnified.kind === 'known') assert.ok(Math.abs(magnified.spacingMm[0] - 0.125) < 1e-12);
  const fiducial = of(...DX, ...spacing(TAG.PixelSpacing, '0.1\\0.1'), [
    TAG.PixelSpacingCalibrationType,
    'CS',
    'FIDUCIAL',
  ]);
  assert.deepEqual(fiducial.kind === 'known' && fiducial.spacingMm, [0.1, 0.1]);
  const corrected = of(...DX, ...imager, ...spacing(TAG.PixelSpacing, '0.12\\0.12'));
  assert.deepEqual(corrected.kind === 'known' && corrected.spacingMm, [0.12, 0.12]);
});

test('a spacing larger than the detector’s is no correction for magnification', () => {
  const found = of(...DX, ...spacing(TAG.ImagerPixelSpacing, '0.1\\0.1'), ...spacing(TAG.PixelSpacing, '0.2\\0.2'));
  assert.equal(found.kind, 'unknown');
});

test('where millimetres are unknown the shape of a pixel may still be known', () => {
  const aspect = (...elements: TestItem): number | undefined => {
    const found = of(...elements);
    return found.kind === 'unknown' ? found.aspect : Number.NaN;
  };
  assert.equal(aspect(...DX, ...spacing(TAG.ImagerPixelSpacing, '0.2\\0.1')), 2);
  assert.equal(aspect(...DX, [TAG.PixelAspectRatio, 'IS', '4\\3']), 4 / 3);
  assert.equal(aspect(...DX), undefined);
});

/** PS3.3 C.8.5.5: a region of columns 10 to 109 and rows 20 to 69 of an image of 200 x 100. */
const SIZE: TestItem = [
  [TAG.Rows, 'US', 100],
  [TAG.Columns, 'US', 200],
];
const LOCATION: TestItem = [
  [TAG.RegionLocationMinX0, 'UL', 10],
  [TAG.RegionLocationMinY0, 'UL', 20],
  [TAG.RegionLocationMaxX1, 'UL', 109],
  [TAG.RegionLocationMaxY1, 'UL', 69],
];

test('ultrasound: one two-dimensional region in centimetres, else unknown', () => {
  const region = (units: number, format = 1): TestItem => [
    ...LOCATION,
    [TAG.RegionSpatialFormat, 'US', format],
    [TAG.PhysicalUnitsXDirection, 'US', units],
    [TAG.PhysicalUnitsYDirection, 'US', units],
    [TAG.PhysicalDeltaX, 'FD', 0.02],
    [TAG.PhysicalDeltaY, 'FD', 0.03],
  ];
  const us = (...regions: TestItem[]): ReturnType<typeof of> =>
    of(
      [TAG.Modality, 'CS', 'US'],
      ...SIZE,
      [TAG.SequenceOfUltrasoundRegions, 'SQ', regions],
      ...spacing(TAG.PixelSpacing, '9\\9'),
    );
  const known = us(region(3));
  assert.deepEqual(known.kind === 'known' && known.spacingMm.map((mm) => Math.round(mm * 1000)), [300, 200]);
  assert.equal(us(region(3), region(3)).kind, 'unknown');
  assert.equal(us(region(4)).kind, 'unknown');
  assert.equal(us(region(3, 2)).kind, 'unknown');
  assert.equal(us().kind, 'unknown');
});

test('ultrasound regions are read with place, form, units and priority; regions of another size of image are not used', () => {
  const regions = (size: TestItem, ...items: TestItem[]): ReturnType<typeof ultrasoundRegions> =>
    ultrasoundRegions(
      parse(file(SYNTAX.explicitLittle, [...size, [TAG.SequenceOfUltrasoundRegions, 'SQ', items]])).dataSet,
    );
  const doppler: TestItem = [
    ...LOCATION,
    [TAG.RegionSpatialFormat, 'US', 3],
    [TAG.RegionFlags, 'UL', 3],
    [TAG.PhysicalUnitsXDirection, 'US', 4],
    [TAG.PhysicalUnitsYDirection, 'US', 7],
    [TAG.PhysicalDeltaX, 'FD', 0.005],
    [TAG.PhysicalDeltaY, 'FD', -1.5],
  ];
  assert.deepEqual(regions(SIZE, doppler), {
    regions: [
      {
        box: [10, 20, 110, 70],
        form: 'spectral',
        x: { unit: 's', perPixel: 0.005 },
        y: { unit: 'cm/s', perPixel: -1.5 },
        highPriority: true,
      },
    ],
    reason: '',
  });
  const small: TestItem = [
    [TAG.Rows, 'US', 50],
    [TAG.Columns, 'US', 200],
  ];
  assert.match(regions(small, doppler)?.reason ?? '', /cropped or resized/);
  assert.match(regions(SIZE, [[TAG.RegionSpatialFormat, 'US', 1]])?.reason ?? '', /where it lies/);
  assert.equal(regions(SIZE), null);
});

test('a secondary capture measures nothing that is certain', () => {
  const capture: TestItem = [[TAG.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.7']];
  assert.equal(of(...capture, ...CT, ...spacing(TAG.PixelSpacing, '1\\1')).kind, 'unknown');
});
