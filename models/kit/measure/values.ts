/** What a measurement says: computed from its points, the images it lies on, and what makes millimetres certain. */
import type {
  DrawnMeasurement,
  Frame,
  MeasurementPlace,
  MeasuringScales,
  SeriesImages,
  SuvScale,
} from '../../../preload/contract/terms/index.ts';
import { dot, invert, norm, scale, type Vec3, voxelToPatient } from '../geometry.ts';
import {
  angleAt,
  cobbAngle,
  crossesItself,
  distance,
  ellipseArea,
  ellipseOf,
  laidFlat,
  outlineArea,
  type Point,
} from './flat.ts';
import { voxelsInEllipse, voxelsInOutline } from './mask.ts';
import { type Ruler, rulerOf } from './ruler.ts';
import { type Histogram, histogramOf, statisticsOf } from './statistics.ts';

export type ValueKey =
  | 'length'
  | 'long-axis'
  | 'short-axis'
  | 'angle'
  | 'cobb'
  | 'ratio'
  | 'heart'
  | 'thorax'
  | 'area'
  | 'mean'
  | 'deviation'
  | 'minimum'
  | 'maximum'
  | 'voxels'
  | 'value'
  /** Along an axis of an ultrasound region that is no length. */
  | 'across'
  | 'down';

export interface MeasuredValue {
  readonly key: ValueKey;
  readonly value: number;
  /** UCUM: 'mm', 'mm2', 'deg', "[hnsf'U]", '{pixels}' where millimetres are not certain. */
  readonly unit: string;
}

export interface Measured {
  readonly values: readonly MeasuredValue[];
  /** What the reader must know: why there are no millimetres, why no statistics. */
  readonly remarks: readonly string[];
  /** What makes the millimetres certain; empty where there are none. */
  readonly source: string;
  readonly histogram: Histogram | null;
  /** Pixels or calibration have not come yet. */
  readonly waiting: boolean;
}

export const SUV_UNITS = {
  bodyWeight: 'g/ml{SUVbw}',
  leanMass: 'g/ml{SUVlbm(James128)}',
  surfaceArea: 'cm2/ml{SUVbsa}',
} as const satisfies Record<Exclude<keyof Extract<SuvScale, { kind: 'known' }>, 'kind' | 'missing' | 'source'>, string>;
export type SuvKind = keyof typeof SUV_UNITS;

export interface Measuring {
  readonly images: SeriesImages;
  /** Null while they are being read. */
  readonly scales: MeasuringScales | null;
  /** Stored values of a frame, row by row; null where they have not come. */
  readonly frame: (index: number) => ArrayLike<number> | null;
  readonly suv: SuvKind;
}

const HISTOGRAM_BINS = 32;
/** Of a voxel: points of one plane agree better than this. */
const PLANE_TOLERANCE = 0.02;

const UCUM: Readonly<Record<string, string>> = {
  HU: "[hnsf'U]",
  'Bq/ml': 'Bq/ml',
  'g/ml': 'g/ml',
  counts: '{counts}',
  Gy: 'Gy',
  OD: '{OD}',
};

/** The image that an image place names, wherever it stands in the series by now. */
export const frameOfPlace = (images: SeriesImages, place: MeasurementPlace): Frame | null =>
  place.kind === 'image'
    ? (images.frames.find(
        (frame) => frame.instanceUid === place.instanceUid && frame.frameNumber === place.frameNumber,
      ) ?? null)
    : null;

/** A plane of voxels that points lie in. */
export interface Grid {
  readonly points: readonly Point[];
  readonly columns: number;
  readonly rows: number;
  /** [frame, index in it] of voxel (i, j) of the plane. */
  readonly voxel: (i: number, j: number) => readonly [frame: number, index: number];
  /** One that speaks for the values of all. */
  readonly frame: Frame;
}

/** Continuous voxel coordinates, outer corner (0, 0, 0), of a point in the patient. */
export const voxelOf = (images: SeriesImages, point: Vec3): Vec3 | null => {
  if (images.volume.kind === 'none') return null;
  const [i, j, k] = voxelToPatient(invert(images.volume.affineVoxelToPatient), point);
  return [i + 0.5, j + 0.5, k + 0.5];
};

/** The plane of voxels that these points of a volume lie in; null where they lie across planes. */
const volumeGrid = (images: SeriesImages, place: Extract<MeasurementPlace, { kind: 'patient' }>): Grid | null => {
  const { volume } = images;
  if (volume.kind === 'none') return null;
  const m = volume.affineVoxelToPatient;
  const inverse = invert(m);
  const voxels = place.points.map((point) => voxelToPatient(inverse, point));
  const first = voxels[0];
  if (!first) return null;
  const axes: readonly Vec3[] = [
    [m[0], m[4], m[8]],
    [m[1], m[5], m[9]],
    [m[2], m[6], m[10]],
  ];
  const planes = ([0, 1, 2] as const).filter((n) => {
    const others = axes.filter((_, other) => other !== n);
    const across = others.every((axis) => Math.abs(dot(scale(axis, 1 / norm(axis)), place.normal)) < 1e-3);
    return across && voxels.every((voxel) => Math.abs(voxel[n] - first[n]) < PLANE_TOLERANCE);
  });
  const [n] = planes;
  if (n === undefined) return null;
  const [u, v] = n === 0 ? ([1, 2] as const) : n === 1 ? ([0, 2] as const) : ([0, 1] as const);
  const at = Math.round(first[n]);
  const [columns] = volume.dims;
  const frame = images.frames[n === 2 ? at : 0];
  if (!frame || at < 0 || at >= volume.dims[n]) return null;
  return {
    points: voxels.map((voxel) => [voxel[u] + 0.5, voxel[v] + 0.5]),
    columns: volume.dims[u],
    rows: volume.dims[v],
    frame,
    voxel: (i, j) => {
      const voxel = [0, 0, 0] as [number, number, number];
      voxel[n] = at;
      voxel[u] = i;
      voxel[v] = j;
      return [voxel[2], voxel[0] + voxel[1] * columns];
    },
  };
};

export const gridOf = (images: SeriesImages, place: MeasurementPlace): Grid | null => {
  if (place.kind === 'patient') return volumeGrid(images, place);
  const frame = frameOfPlace(images, place);
  if (!frame) return null;
  const { index, columns, rows } = frame;
  return { points: place.points, columns, rows, frame, voxel: (i, j) => [index, i + j * columns] };
};

/** The points with both axes in one unit. */
interface Flat {
  readonly points: readonly Point[];
  readonly ruler: Ruler;
}

const flatOf = (place: MeasurementPlace, { images, scales }: Measuring): Flat | null => {
  if (place.kind === 'patient')
    return {
      points: laidFlat(place.points, place.normal),
      ruler: { kind: 'mm', pixelMm: [1, 1], source: 'Positions in the patient' },
    };
  const frame = frameOfPlace(images, place);
  if (!frame) return null;
  const ruler: Ruler =
    scales && scales.trouble !== ''
      ? { kind: 'pixels', aspect: null, reason: scales.trouble }
      : rulerOf(frame.calibration, scales?.ultrasound[frame.instanceUid], place.points);
  if (ruler.kind !== 'mm') return { points: place.points, ruler };
  const [across, down] = ruler.pixelMm;
  return { points: place.points.map(([x, y]) => [x * across, y * down]), ruler };
};

interface Found {
  readonly values: readonly MeasuredValue[];
  readonly remarks: readonly string[];
}
const nothing = (remark: string): Found => ({ values: [], remarks: [remark] });

const AXIS_UNITS: Readonly<Record<string, { readonly unit: string; readonly per: number }>> = {
  cm: { unit: 'mm', per: 10 },
  s: { unit: 's', per: 1 },
  'cm/s': { unit: 'cm/s', per: 1 },
  Hz: { unit: 'Hz', per: 1 },
  dB: { unit: 'dB', per: 1 },
  deg: { unit: 'deg', per: 1 },
};

/** Time and depth, or time and velocity, between two points: what such a region tells in place of a length. */
const alongAxes = (points: readonly Point[], ruler: Extract<Ruler, { kind: 'axes' }>): Found => {
  const [a, b] = points;
  if (!a || !b) return nothing(ruler.reason);
  const values: MeasuredValue[] = [];
  for (const [key, axis, n] of [
    ['across', ruler.x, 0],
    ['down', ruler.y, 1],
  ] as const) {
    const known = AXIS_UNITS[axis.unit];
    if (known) values.push({ key, value: Math.abs((b[n] - a[n]) * axis.perPixel) * known.per, unit: known.unit });
  }
  return { values, remarks: [ruler.reason] };
};

const SQUARE = 'The angle holds if pixels are square.';

/** Lengths, angles, areas: from the points alone. */
const geometry = (kind: DrawnMeasurement['kind'], { points, ruler }: Flat): Found => {
  if (kind === 'probe' || kind === 'arrow' || kind === 'text') return { values: [], remarks: [] };
  if (ruler.kind === 'axes') return kind === 'length' ? alongAxes(points, ruler) : nothing(ruler.reason);
  const [unit, areaUnit] = ruler.kind === 'mm' ? ['mm', 'mm2'] : ['{pixels}', '{pixels}'];
  const remarks = ruler.kind === 'mm' ? [] : [ruler.reason];
  // Where only the shape of pixels is known, angles and ratios are still right.
  const aspect = ruler.kind === 'pixels' ? (ruler.aspect ?? 1) : 1;
  const shaped = points.map(([x, y]): Point => [x, y * aspect]);
  const [a, b, c, d] = shaped;
  const [p, q, r, s] = points;
  const angled = (key: 'angle' | 'cobb', value: number | null): Found =>
    value === null
      ? nothing('A line without length has no angle.')
      : {
          values: [{ key, value, unit: 'deg' }],
          remarks: ruler.kind === 'pixels' && ruler.aspect === null ? [...remarks, SQUARE] : [],
        };
  switch (kind) {
    case 'length':
      return p && q ? { values: [{ key: 'length', value: distance(p, q), unit }], remarks } : nothing('');
    case 'bidirectional': {
      if (!p || !q || !r || !s) return nothing('');
      const [short, long] = [distance(p, q), distance(r, s)].toSorted((x, y) => x - y) as [number, number];
      return {
        values: [
          { key: 'long-axis', value: long, unit },
          { key: 'short-axis', value: short, unit },
        ],
        remarks,
      };
    }
    case 'angle':
      return a && b && c ? angled('angle', angleAt(a, b, c)) : nothing('');
    case 'cobb':
      return a && b && c && d ? angled('cobb', cobbAngle(a, b, c, d)) : nothing('');
    case 'cardiothoracic': {
      if (!a || !b || !c || !d || !p || !q || !r || !s) return nothing('');
      const thorax = distance(c, d);
      if (thorax === 0) return nothing('The line across the thorax has no length.');
      const widths: MeasuredValue[] = [
        { key: 'heart', value: distance(p, q), unit },
        { key: 'thorax', value: distance(r, s), unit },
      ];
      return { values: [{ key: 'ratio', value: distance(a, b) / thorax, unit: '1' }, ...widths], remarks };
    }
    case 'ellipse':
      if (!p || !q || !r || !s) return nothing('');
      return { values: [{ key: 'area', value: ellipseArea(ellipseOf(p, q, r, s)), unit: areaUnit }], remarks };
    case 'rectangle':
    case 'freehand':
      if (crossesItself(points)) return nothing('The outline crosses itself: it has no one inside.');
      return { values: [{ key: 'area', value: outlineArea(points), unit: areaUnit }], remarks };
  }
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

interface Intensities extends Found {
  readonly histogram: Histogram | null;
  readonly waiting: boolean;
}

/** Statistics of a region, or the value of a probe: over stored values after the modality's scale. */
const intensities = (measurement: Drawn, measuring: Measuring): Intensities => {
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

type Drawn = Pick<DrawnMeasurement, 'kind' | 'place'>;

export const measured = (measurement: Drawn, measuring: Measuring): Measured => {
  const waiting = { values: [], remarks: [], source: '', histogram: null, waiting: true };
  if (!measuring.scales) return waiting;
  const flat = flatOf(measurement.place, measuring);
  if (!flat) return { ...waiting, remarks: ['The image is no longer in the series.'], waiting: false };
  const lengths = geometry(measurement.kind, flat);
  const inside = intensities(measurement, measuring);
  const { place } = measurement;
  const resampled =
    place.kind === 'patient' && place.resampled !== '' ? [`Drawn on a resampled view: ${place.resampled}.`] : [];
  return {
    values: [...lengths.values, ...inside.values],
    remarks: [...new Set([...resampled, ...lengths.remarks, ...inside.remarks])].filter((remark) => remark !== ''),
    source: flat.ruler.kind === 'mm' && lengths.values.length > 0 ? flat.ruler.source : '',
    histogram: inside.histogram,
    waiting: inside.waiting,
  };
};
