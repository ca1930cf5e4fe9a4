/** Values of voxels: statistics of a region, or what a probe reads, over stored values after the modality's scale. */
import type { DrawnMeasurement, Frame } from '../../../preload/contract/terms/index.ts';
import { crossesItself, ellipseOf } from './flat.ts';
import { type Grid, gridOf } from './grid.ts';
import { voxelsInEllipse, voxelsInOutline } from './mask.ts';
import { type Histogram, histogramOf, statisticsOf } from './statistics.ts';
import { type Drawn, type Found, type Measuring, nothing, SUV_UNITS } from './terms.ts';

const HISTOGRAM_BINS = 32;

const UCUM: Readonly<Record<string, string>> = {
  HU: "[hnsf'U]",
  'Bq/ml': 'Bq/ml',
  'g/ml': 'g/ml',
  counts: '{counts}',
  Gy: 'Gy',
  OD: '{OD}',
};

interface Intensity {
  readonly factor: number;
  readonly unit: string;
  readonly remarks: readonly string[];
}

const intensityOf = (frame: Frame, { scales, suv }: Measuring): Intensity => {
  const plain = { factor: 1, unit: UCUM[frame.unit] ?? '1' };
  const scale = scales?.suv;
  if (!scale) return { ...plain, remarks: plain.unit === '1' ? ['The file states no unit for these values.'] : [] };
  if (scale.kind === 'none') return { ...plain, remarks: [`No SUV: ${scale.reason}`] };
  const factor = scale[suv];
  if (factor === null) return { ...plain, remarks: scale.missing.map((reason) => `No SUV of this kind: ${reason}`) };
  return { factor, unit: SUV_UNITS[suv], remarks: [] };
};

const isRegion = (kind: DrawnMeasurement['kind']): boolean =>
  kind === 'ellipse' || kind === 'rectangle' || kind === 'freehand';

/** Null while a frame that is needed has not come. */
const read = (
  kind: DrawnMeasurement['kind'],
  grid: Grid,
  { frame: pixels }: Measuring,
): { values: number[]; without: number } | null => {
  const values: number[] = [];
  let without = 0;
  let whole = true;
  const { slope, intercept } = grid.frame;
  const take = (i: number, j: number): void => {
    const [frame, index] = grid.voxel(i, j);
    const stored = pixels(frame)?.[index];
    if (stored === undefined) whole = false;
    else if (Number.isFinite(stored)) values.push(stored * slope + intercept);
    else without += 1;
  };
  const [a, b, c, d] = grid.points;
  if (!a) return { values, without };
  if (kind === 'probe') {
    const [i, j] = [Math.floor(a[0]), Math.floor(a[1])];
    if (i >= 0 && j >= 0 && i < grid.columns && j < grid.rows) take(i, j);
  } else if (kind === 'ellipse') {
    if (b && c && d) voxelsInEllipse(ellipseOf(a, b, c, d), grid.columns, grid.rows, take);
  } else voxelsInOutline(grid.points, grid.columns, grid.rows, take);
  return whole ? { values, without } : null;
};

export interface Intensities extends Found {
  readonly histogram: Histogram | null;
  readonly waiting: boolean;
}

/** Statistics of a region, or the value of a probe: over stored values after the modality's scale. */
export const intensities = (measurement: Drawn, measuring: Measuring): Intensities => {
  const none = (remark: string): Intensities => ({ ...nothing(remark), histogram: null, waiting: false });
  const { kind, place } = measurement;
  if (kind !== 'probe' && !isRegion(kind)) return { values: [], remarks: [], histogram: null, waiting: false };
  if (place.kind === 'patient' && place.resampled !== '')
    return none('Values are taken from the voxels themselves, never from a resampled view.');
  const grid = gridOf(measuring.images, place);
  if (!grid) return none('Values are taken only in planes of the voxels themselves.');
  if (grid.frame.format === 'rgb8') return none('Colours have no value to measure.');
  if (kind !== 'ellipse' && crossesItself(grid.points)) return none('');
  const found = read(kind, grid, measuring);
  if (!found) return { values: [], remarks: [], histogram: null, waiting: true };
  const { factor, unit, remarks } = intensityOf(grid.frame, measuring);
  const scaled = factor === 1 ? found.values : found.values.map((value) => value * factor);
  const statistics = statisticsOf(scaled);
  const all = [
    ...remarks,
    ...(found.without > 0 ? [`${found.without} voxels have no value and are left out.`] : []),
    ...(measuring.images.lossy ? ['The images are compressed with loss: values may differ from those acquired.'] : []),
  ];
  if (!statistics) return none(kind === 'probe' ? 'There is no voxel here.' : 'No voxel has its centre inside.');
  if (kind === 'probe')
    return { values: [{ key: 'value', value: statistics.mean, unit }], remarks: all, histogram: null, waiting: false };
  return {
    values: [
      { key: 'mean', value: statistics.mean, unit },
      { key: 'deviation', value: statistics.deviation, unit },
      { key: 'minimum', value: statistics.minimum, unit },
      { key: 'maximum', value: statistics.maximum, unit },
      { key: 'voxels', value: statistics.count, unit: '1' },
    ],
    remarks: all,
    histogram: histogramOf(scaled, statistics, HISTOGRAM_BINS),
    waiting: false,
  };
};
