/** Lengths, angles and areas: from points, and from what makes their unit certain. */
import type { DrawnMeasurement, MeasurementPlace } from '../../../preload/contract/terms/index.ts';
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
import { frameOfPlace } from './grid.ts';
import { type Ruler, rulerOf } from './ruler.ts';
import { type Found, type MeasuredValue, type Measuring, nothing } from './terms.ts';

/** The points with both axes in one unit. */
export interface Flat {
  readonly points: readonly Point[];
  readonly ruler: Ruler;
}

export const flatOf = (place: MeasurementPlace, { images, scales }: Measuring): Flat | null => {
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
export const geometry = (kind: DrawnMeasurement['kind'], { points, ruler }: Flat): Found => {
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
