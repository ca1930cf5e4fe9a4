/** What a step of one pixel means under the points of a measurement: millimetres only where they are certain. */
import type {
  Calibration,
  RegionAxis,
  UltrasoundRegion,
  UltrasoundRegions,
} from '../../../preload/contract/terms/index.ts';
import type { Point } from './flat.ts';

export type Ruler =
  | {
      readonly kind: 'mm';
      /** Of one pixel, across and down. */
      readonly pixelMm: Point;
      readonly source: string;
    }
  /** Ultrasound whose axes mean something else: time across, depth or velocity down. */
  | { readonly kind: 'axes'; readonly x: RegionAxis; readonly y: RegionAxis; readonly reason: string }
  | {
      readonly kind: 'pixels';
      /** Height of a pixel over its width; null where it is not known. */
      readonly aspect: number | null;
      readonly reason: string;
    };

const pixels = (reason: string, aspect: number | null = null): Ruler => ({ kind: 'pixels', aspect, reason });

const within = ({ box }: UltrasoundRegion, [x, y]: Point): boolean =>
  x >= box[0] && y >= box[1] && x <= box[2] && y <= box[3];
const calibrated = ({ x, y }: UltrasoundRegion): boolean => x.unit !== 'none' || y.unit !== 'none';
const sameAxis = (a: RegionAxis, b: RegionAxis): boolean =>
  a.unit === b.unit && Math.abs(Math.abs(a.perPixel) - Math.abs(b.perPixel)) <= 1e-6 * Math.abs(a.perPixel);
const sameScale = (a: UltrasoundRegion, b: UltrasoundRegion): boolean =>
  a.form === b.form && sameAxis(a.x, b.x) && sameAxis(a.y, b.y);

/** The regions that a point belongs to: of those that overlap there, the ones whose pixels are seen. */
const owners = (regions: readonly UltrasoundRegion[], point: Point): readonly UltrasoundRegion[] => {
  const here = regions.filter((region) => within(region, point));
  const seen = here.some((region) => region.highPriority) ? here.filter((region) => region.highPriority) : here;
  return seen.some(calibrated) ? seen.filter(calibrated) : seen;
};

const ultrasoundRuler = (regions: readonly UltrasoundRegion[], points: readonly Point[]): Ruler => {
  const each = points.map((point) => owners(regions, point));
  if (each.some((ones) => ones.length === 0 || !ones.some(calibrated)))
    return pixels('Part of it lies outside the calibrated regions of the ultrasound image.');
  const common = each.reduce((all, ones) => all.filter((region) => ones.includes(region)));
  const [region] = common;
  if (!region) return pixels('It reaches from one ultrasound region into another.');
  if (common.some((other) => !sameScale(region, other)))
    return pixels('Ultrasound regions of different calibration overlap here.');
  const { x, y, form } = region;
  if (form === '2d' && x.unit === 'cm' && y.unit === 'cm') {
    if (x.perPixel === 0 || y.perPixel === 0) return pixels('The ultrasound region has no usable calibration.');
    const pixelMm = [Math.abs(x.perPixel) * 10, Math.abs(y.perPixel) * 10] as const;
    return { kind: 'mm', pixelMm, source: 'Ultrasound region calibration' };
  }
  return { kind: 'axes', x, y, reason: 'The ultrasound region is no two-dimensional image in centimetres.' };
};

/** `ultrasound`: what the image says of its regions, where it is an ultrasound image that has any. */
export const rulerOf = (
  calibration: Calibration,
  ultrasound: UltrasoundRegions | undefined,
  points: readonly Point[],
): Ruler => {
  if (ultrasound && ultrasound.reason !== '') return pixels(ultrasound.reason);
  if (ultrasound) return ultrasoundRuler(ultrasound.regions, points);
  if (calibration.kind === 'known') {
    const [down, across] = calibration.spacingMm;
    return { kind: 'mm', pixelMm: [across, down], source: calibration.source };
  }
  return pixels(calibration.reason, calibration.aspect ?? null);
};
