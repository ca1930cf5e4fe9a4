/** What measuring works with, and what it tells. */
import type {
  DrawnMeasurement,
  MeasuringScales,
  SeriesImages,
  SuvScale,
} from '../../../preload/contract/terms/index.ts';
import type { Histogram } from './statistics.ts';

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

export type Drawn = Pick<DrawnMeasurement, 'kind' | 'place'>;

/** Values and remarks of one part of a measurement. */
export interface Found {
  readonly values: readonly MeasuredValue[];
  readonly remarks: readonly string[];
}
export const nothing = (remark: string): Found => ({ values: [], remarks: [remark] });
