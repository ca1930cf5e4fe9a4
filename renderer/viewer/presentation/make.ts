/** How a stack is looked at, as a presentation: windows, place, shutter, and what was measured on its images. */
import type { Measured } from '../../../models/kit/measure/terms.ts';
import type { DrawnMeasurement, Frame, GraphicShape, Presentation } from '../../../preload/contract/index.ts';
import { linesOf } from '../measure/words.ts';
import { toImage } from '../view/camera.ts';
import type { ShownWindow } from '../view/presets.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';

type Point = readonly [number, number];

const polyline = (...points: readonly (Point | undefined)[]): GraphicShape => ({
  units: 'image',
  kind: 'polyline',
  points: points.filter((point) => point !== undefined),
  filled: false,
});

/** The head of an arrow, as long as a tenth of it, at least 4 pixels. */
const arrow = (tip: Point, tail: Point): GraphicShape[] => {
  const length = Math.hypot(tail[0] - tip[0], tail[1] - tip[1]);
  if (length === 0) return [polyline(tip, tail)];
  const size = Math.min(length, Math.max(4, length / 10));
  const [ux, uy] = [(tail[0] - tip[0]) / length, (tail[1] - tip[1]) / length];
  const side = (sign: number): Point => [
    tip[0] + (ux - sign * uy * 0.5) * size,
    tip[1] + (uy + sign * ux * 0.5) * size,
  ];
  return [polyline(tip, tail), polyline(side(1), tip, side(-1))];
};

/** Lines of a measurement as others draw them. */
export const shapesOf = (kind: DrawnMeasurement['kind'], points: readonly Point[]): GraphicShape[] => {
  const [a, b, c, d] = points;
  switch (kind) {
    case 'length':
    case 'angle':
      return [polyline(...points)];
    case 'bidirectional':
    case 'cobb':
    case 'cardiothoracic':
      return [polyline(a, b), polyline(c, d)];
    case 'ellipse':
      return [{ units: 'image', kind: 'ellipse', points: [...points], filled: false }];
    case 'rectangle':
    case 'freehand':
      return [polyline(...points, a)];
    case 'probe':
      return [{ units: 'image', kind: 'point', points: [...points], filled: false }];
    case 'arrow':
      return a && b ? arrow(a, b) : [];
    case 'text':
      return [];
  }
};

const graphicsOf = (
  list: readonly DrawnMeasurement[],
  measured: (one: DrawnMeasurement) => Measured,
  frames: readonly Frame[],
): Presentation['graphics'] =>
  list.flatMap((one) => {
    const { place } = one;
    if (place.kind !== 'image' || !one.visible) return [];
    const frame = frames.find((own) => own.instanceUid === place.instanceUid && own.frameNumber === place.frameNumber);
    if (!frame) return [];
    const text = linesOf(one, measured(one)).join('\n');
    const at = place.labelAt ?? place.points[0];
    const several = frames.some((own) => own.instanceUid === frame.instanceUid && own !== frame);
    return [
      {
        images: [{ instanceUid: frame.instanceUid, frameNumbers: several ? [frame.frameNumber] : [] }],
        layer: 'MEASUREMENTS',
        shapes: shapesOf(one.kind, place.points),
        texts:
          text === '' || !at
            ? []
            : [{ text, units: 'image' as const, box: null, anchor: { at, units: 'image' as const, visible: false } }],
      },
    ];
  });

const tableText = (values: Uint16Array): string => {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  values.forEach((value, n) => {
    view.setUint16(n * 2, value, true);
  });
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
};

const imagesOf = (frames: readonly Frame[], all: readonly Frame[]): Presentation['images'] =>
  [...Map.groupBy(frames, (frame) => frame.instanceUid)].map(([instanceUid, own]) => {
    const whole = own.length === all.filter((frame) => frame.instanceUid === instanceUid).length;
    return { instanceUid, frameNumbers: whole ? [] : own.map((frame) => frame.frameNumber) };
  });

export interface Wish {
  readonly label: string;
  readonly wholeSeries: boolean;
  readonly measurements: boolean;
}

/** Throws an Error with words where the view cannot be kept so. */
export const presentationOf = (
  viewer: ViewerState,
  wish: Wish,
  list: readonly DrawnMeasurement[],
  measured: (one: DrawnMeasurement) => Measured,
): Presentation => {
  const all = viewer.pixels?.images.frames ?? [];
  const { frame: shown, placement, image, width, height } = viewer.stack;
  if (!shown || !placement || !image) throw new Error('There is no image to keep.');
  if (shown.format === 'rgb8') throw new Error('Presentation states of grey images hold no colour images.');
  const frames = wish.wholeSeries
    ? all.filter((frame) => frame.slope === shown.slope && frame.intercept === shown.intercept)
    : [shown];
  const windows = Map.groupBy(frames, (frame) => JSON.stringify(viewer.windowFor(frame)));
  const corners = [toImage(placement, 0, 0), toImage(placement, width, height)] as const;
  const within = (value: number, most: number): number => Math.min(most, Math.max(0, value));
  const side = (axis: 0 | 1, most: number): readonly [number, number] => {
    const ends = corners.map((corner) => within(corner[axis], most));
    return [Math.floor(Math.min(...ends)), Math.ceil(Math.max(...ends))];
  };
  const [x, y] = [side(0, image.columns), side(1, image.rows)];
  const shutter = viewer.applied?.shutterOn(shown) ?? shown.shutter ?? null;
  const partOf = (window: ShownWindow): Pick<Presentation['windows'][number], 'window' | 'table'> => {
    const { curve, ...rest } = window;
    return {
      window: rest,
      table: curve === undefined ? null : { first: curve.first, bits: curve.bits, values: tableText(curve.values) },
    };
  };
  return {
    label: wish.label,
    description: wish.label,
    images: imagesOf(frames, all),
    rescale: { slope: shown.slope, intercept: shown.intercept, type: shown.unit === 'HU' ? 'HU' : 'US' },
    windows: [...windows.values()].flatMap((group) => {
      const window = group[0] ? viewer.windowFor(group[0]) : null;
      if (window === null) return [];
      return [{ images: windows.size === 1 ? [] : imagesOf(group, all), ...partOf(window) }];
    }),
    inverted: viewer.inverted !== shown.inverted,
    quarterTurns: viewer.stack.presentation.quarterTurns,
    flipped: viewer.stack.presentation.flipped,
    areas: [
      {
        images: [],
        from: [x[0], y[0]],
        to: [x[1], y[1]],
        mode: 'fit',
        magnification: null,
        spacingMm: shown.calibration.kind === 'known' ? shown.calibration.spacingMm : null,
      },
    ],
    shutter,
    graphics: wish.measurements ? graphicsOf(list, measured, frames) : [],
  };
};
