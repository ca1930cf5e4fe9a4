import type { Calibration, RegionAxis, UltrasoundRegion, UltrasoundRegions } from '../../preload/contract/index.ts';
import type { DataSet } from './data-set.ts';
import { TAG } from './tags.ts';

/** Images made by projection: what lies between detector and patient is magnified. */
const PROJECTION = new Set(['CR', 'DX', 'MG', 'IO', 'PX', 'XA', 'RF', 'RG', 'XC']);
/** Images of a plane through the patient, where Pixel Spacing is in the patient. PS3.3 10.7.1.3 */
const PLANES = new Set(['CT', 'MR', 'PT', 'NM', 'RTDOSE', 'SEG', 'OPT', 'SM', 'IVUS', 'IVOCT']);
/** PS3.3 C.8.5.5.1.15 and .17: by their code. */
const UNITS: readonly RegionAxis['unit'][] = [
  'none',
  'percent',
  'dB',
  'cm',
  's',
  'Hz',
  'dB/s',
  'cm/s',
  'cm2',
  'cm2/s',
  'cm3',
  'cm3/s',
  'deg',
];
/** PS3.3 C.8.5.5.1.1 */
const FORMS: readonly UltrasoundRegion['form'][] = ['none', '2d', 'm-mode', 'spectral', 'waveform', 'graphics'];

const known = (row: number, column: number, source: string): Calibration => ({
  kind: 'known',
  spacingMm: [row, column],
  source,
});
const unknown = (reason: string, aspect?: number): Calibration =>
  aspect === undefined ? { kind: 'unknown', reason } : { kind: 'unknown', reason, aspect };

const pair = (values: readonly number[]): readonly [number, number] | null => {
  const [row, column] = values;
  if (row === undefined || column === undefined) return null;
  return row > 0 && column > 0 && Number.isFinite(row) && Number.isFinite(column) ? [row, column] : null;
};
const same = (a: readonly [number, number], b: readonly [number, number]): boolean =>
  Math.abs(a[0] - b[0]) <= 1e-6 * a[0] && Math.abs(a[1] - b[1]) <= 1e-6 * a[1];
const round = (mm: number): string => String(Number(mm.toPrecision(4)));

const axisOf = (region: DataSet, unitsTag: number, deltaTag: number): RegionAxis => ({
  unit: UNITS[region.number(unitsTag) ?? 0] ?? 'none',
  perPixel: region.number(deltaTag, 'FD') ?? 0,
});

const regionOf = (region: DataSet): UltrasoundRegion | null => {
  const [x0, y0, x1, y1] = [
    TAG.RegionLocationMinX0,
    TAG.RegionLocationMinY0,
    TAG.RegionLocationMaxX1,
    TAG.RegionLocationMaxY1,
  ].map((tag) => region.number(tag, 'UL'));
  if (x0 === undefined || y0 === undefined || x1 === undefined || y1 === undefined || x1 < x0 || y1 < y0) return null;
  return {
    // The last column and row belong to the region.
    box: [x0, y0, x1 + 1, y1 + 1],
    form: FORMS[region.number(TAG.RegionSpatialFormat) ?? 0] ?? 'none',
    x: axisOf(region, TAG.PhysicalUnitsXDirection, TAG.PhysicalDeltaX),
    y: axisOf(region, TAG.PhysicalUnitsYDirection, TAG.PhysicalDeltaY),
    // PS3.3 C.8.5.5.1.3: bit 0 of the flags.
    highPriority: ((region.number(TAG.RegionFlags, 'UL') ?? 0) & 1) === 1,
  };
};

/** Writers count the last column from 1 as well as from 0. */
const OVERHANG = 2;

/** The regions of an ultrasound image, or why they cannot be used; null where it has none. */
export const ultrasoundRegions = (dataSet: DataSet): UltrasoundRegions | null => {
  const items = dataSet.items(TAG.SequenceOfUltrasoundRegions);
  if (items.length === 0) return null;
  const refused = (reason: string): UltrasoundRegions => ({ regions: [], reason });
  const regions = items.map(regionOf).filter((region) => region !== null);
  if (regions.length < items.length) return refused('An ultrasound region does not say where it lies.');
  const columns = dataSet.number(TAG.Columns) ?? 0;
  const rows = dataSet.number(TAG.Rows) ?? 0;
  // Regions written for another size: the image was cropped or resized since, and what a pixel means with it.
  if (regions.some(({ box }) => box[2] > columns + OVERHANG || box[3] > rows + OVERHANG))
    return refused('The ultrasound regions reach beyond the image: it was cropped or resized after calibration.');
  return { regions, reason: '' };
};

/** For the image as a whole: known where its one calibrated region is a two-dimensional image in centimetres. */
const ultrasound = (dataSet: DataSet): Calibration => {
  const found = ultrasoundRegions(dataSet);
  if (!found) return unknown('The ultrasound image has no calibrated region.');
  if (found.reason !== '') return unknown(found.reason);
  const [region] = found.regions;
  if (!region || found.regions.length > 1)
    return unknown(`The ultrasound image has ${found.regions.length} regions, each with its own calibration.`);
  if (region.form !== '2d') return unknown('The ultrasound region is no two-dimensional tissue image.');
  if (region.x.unit !== 'cm' || region.y.unit !== 'cm')
    return unknown('The ultrasound region is not calibrated in centimetres.');
  const [x, y] = [Math.abs(region.x.perPixel) * 10, Math.abs(region.y.perPixel) * 10];
  if (!(x > 0 && y > 0)) return unknown('The ultrasound region has no usable calibration.');
  return known(y, x, 'Ultrasound region calibration');
};

/** Height of a pixel over its width, where millimetres are not certain but the shape of pixels is. */
const aspectOf = (dataSet: DataSet, spacing: readonly [number, number] | null): number | undefined => {
  if (spacing) return spacing[0] / spacing[1];
  // PS3.3 C.7.6.3.1.7: vertical over horizontal size.
  const [vertical, horizontal] = pair(dataSet.decimals(TAG.PixelAspectRatio)) ?? [];
  return vertical && horizontal ? vertical / horizontal : undefined;
};

/**
 * Millimetres of an image, only where the file makes them certain. `measures` is the Pixel Measures item of an
 * enhanced image's functional groups, where there is one. PS3.3 10.7.1
 */
export const calibrationOf = (dataSet: DataSet, measures: DataSet | undefined): Calibration => {
  const modality = dataSet.code(TAG.Modality).toUpperCase();
  const sopClass = dataSet.code(TAG.SOPClassUID);
  if (sopClass === SECONDARY_CAPTURE || sopClass.startsWith(`${SECONDARY_CAPTURE}.`))
    return unknown('A secondary capture: what its pixels measure is not certain.', aspectOf(dataSet, null));
  if (modality === 'US' || dataSet.has(TAG.SequenceOfUltrasoundRegions)) return ultrasound(dataSet);
  const spacing = pair((measures ?? dataSet).decimals(TAG.PixelSpacing));
  const imager = pair(dataSet.decimals(TAG.ImagerPixelSpacing));
  if (measures && spacing && !PROJECTION.has(modality)) return known(...spacing, 'Pixel Spacing');
  if (PROJECTION.has(modality) || imager) {
    const type = dataSet.code(TAG.PixelSpacingCalibrationType).toUpperCase();
    if (spacing && (type === 'GEOMETRY' || type === 'FIDUCIAL'))
      return known(...spacing, `Pixel Spacing, calibrated by ${type === 'FIDUCIAL' ? 'a fiducial' : 'geometry'}`);
    // What lies before the detector is magnified on it: a corrected spacing is smaller, never larger.
    if (spacing && imager && (spacing[0] > imager[0] * 1.001 || spacing[1] > imager[1] * 1.001))
      return unknown(
        `Pixel Spacing (${round(spacing[0])} mm) is larger than the detector's (${round(imager[0])} mm).`,
        aspectOf(dataSet, spacing),
      );
    if (spacing && imager && !same(spacing, imager))
      return known(...spacing, "Pixel Spacing, corrected from the detector's; the method is not stated");
    const factor = dataSet.decimal(TAG.EstimatedRadiographicMagnificationFactor);
    if (imager && factor !== undefined && factor >= 1)
      return known(
        imager[0] / factor,
        imager[1] / factor,
        `Imager Pixel Spacing / ${round(factor)} magnification (estimated)`,
      );
    const aspect = aspectOf(dataSet, imager ?? spacing);
    if (imager)
      return unknown(
        `Only the spacing at the detector is known (${round(imager[0])} mm), not the magnification.`,
        aspect,
      );
    if (spacing)
      return unknown('Pixel Spacing does not say whether it holds at the detector or in the patient.', aspect);
    return unknown('The file gives no pixel spacing.', aspect);
  }
  if (spacing && (PLANES.has(modality) || dataSet.has(TAG.ImageOrientationPatient)))
    return known(...spacing, 'Pixel Spacing');
  if (spacing)
    return unknown(
      `Pixel Spacing of a ${modality || 'nameless'} image is not certain to be in the patient.`,
      aspectOf(dataSet, spacing),
    );
  const aspect = aspectOf(dataSet, null);
  if (dataSet.has(TAG.PixelSpacing)) return unknown('The pixel spacing of the file is no usable number.', aspect);
  return unknown('The file gives no pixel spacing.', aspect);
};

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
