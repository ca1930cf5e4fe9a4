import type { Calibration } from '../../preload/contract/index.ts';
import type { DataSet } from './data-set.ts';
import { TAG } from './tags.ts';

/** Images made by projection: what lies between detector and patient is magnified. */
const PROJECTION = new Set(['CR', 'DX', 'MG', 'IO', 'PX', 'XA', 'RF', 'RG', 'XC']);
/** Images of a plane through the patient, where Pixel Spacing is in the patient. PS3.3 10.7.1.3 */
const PLANES = new Set(['CT', 'MR', 'PT', 'NM', 'RTDOSE', 'SEG', 'OPT', 'SM', 'IVUS', 'IVOCT']);
const CENTIMETRES = 3;
const TWO_DIMENSIONAL = 1;

const known = (row: number, column: number, source: string): Calibration => ({
  kind: 'known',
  spacingMm: [row, column],
  source,
});
const unknown = (reason: string): Calibration => ({ kind: 'unknown', reason });

const pair = (values: readonly number[]): readonly [number, number] | null => {
  const [row, column] = values;
  if (row === undefined || column === undefined) return null;
  return row > 0 && column > 0 && Number.isFinite(row) && Number.isFinite(column) ? [row, column] : null;
};
const same = (a: readonly [number, number], b: readonly [number, number]): boolean =>
  Math.abs(a[0] - b[0]) <= 1e-6 * a[0] && Math.abs(a[1] - b[1]) <= 1e-6 * a[1];
const round = (mm: number): string => String(Number(mm.toPrecision(4)));

const ultrasound = (dataSet: DataSet): Calibration => {
  const regions = dataSet.items(TAG.SequenceOfUltrasoundRegions);
  const [region] = regions;
  if (!region) return unknown('The ultrasound image has no calibrated region.');
  if (regions.length > 1)
    return unknown(`The ultrasound image has ${regions.length} regions, each with its own calibration.`);
  if (region.number(TAG.RegionSpatialFormat) !== TWO_DIMENSIONAL)
    return unknown('The ultrasound region is no two-dimensional tissue image.');
  if (
    region.number(TAG.PhysicalUnitsXDirection) !== CENTIMETRES ||
    region.number(TAG.PhysicalUnitsYDirection) !== CENTIMETRES
  )
    return unknown('The ultrasound region is not calibrated in centimetres.');
  const x = Math.abs(region.number(TAG.PhysicalDeltaX, 'FD') ?? 0) * 10;
  const y = Math.abs(region.number(TAG.PhysicalDeltaY, 'FD') ?? 0) * 10;
  if (!(x > 0 && y > 0)) return unknown('The ultrasound region has no usable calibration.');
  return known(y, x, 'Ultrasound region calibration');
};

/**
 * Millimetres of an image, only where the file makes them certain. `measures` is the Pixel Measures item of an
 * enhanced image's functional groups, where there is one. PS3.3 10.7.1
 */
export const calibrationOf = (dataSet: DataSet, measures: DataSet | undefined): Calibration => {
  const modality = dataSet.code(TAG.Modality).toUpperCase();
  const sopClass = dataSet.code(TAG.SOPClassUID);
  if (sopClass === SECONDARY_CAPTURE || sopClass.startsWith(`${SECONDARY_CAPTURE}.`))
    return unknown('A secondary capture: what its pixels measure is not certain.');
  if (modality === 'US' || dataSet.has(TAG.SequenceOfUltrasoundRegions)) return ultrasound(dataSet);
  const spacing = pair((measures ?? dataSet).decimals(TAG.PixelSpacing));
  const imager = pair(dataSet.decimals(TAG.ImagerPixelSpacing));
  if (measures && spacing && !PROJECTION.has(modality)) return known(...spacing, 'Pixel Spacing');
  if (PROJECTION.has(modality) || imager) {
    const type = dataSet.code(TAG.PixelSpacingCalibrationType).toUpperCase();
    if (spacing && (type === 'GEOMETRY' || type === 'FIDUCIAL'))
      return known(...spacing, `Pixel Spacing, calibrated by ${type === 'FIDUCIAL' ? 'a fiducial' : 'geometry'}`);
    if (spacing && imager && !same(spacing, imager))
      return known(...spacing, "Pixel Spacing, corrected from the detector's; the method is not stated");
    const factor = dataSet.decimal(TAG.EstimatedRadiographicMagnificationFactor);
    if (imager && factor !== undefined && factor >= 1)
      return known(
        imager[0] / factor,
        imager[1] / factor,
        `Imager Pixel Spacing / ${round(factor)} magnification (estimated)`,
      );
    if (imager)
      return unknown(`Only the spacing at the detector is known (${round(imager[0])} mm), not the magnification.`);
    if (spacing) return unknown('Pixel Spacing does not say whether it holds at the detector or in the patient.');
    return unknown('The file gives no pixel spacing.');
  }
  if (spacing && (PLANES.has(modality) || dataSet.has(TAG.ImageOrientationPatient)))
    return known(...spacing, 'Pixel Spacing');
  if (spacing)
    return unknown(`Pixel Spacing of a ${modality || 'nameless'} image is not certain to be in the patient.`);
  if (dataSet.has(TAG.PixelSpacing)) return unknown('The pixel spacing of the file is no usable number.');
  return unknown('The file gives no pixel spacing.');
};

const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';
