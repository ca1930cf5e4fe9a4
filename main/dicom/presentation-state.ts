/** What a Grayscale Softcopy Presentation State says, as far as it can be shown; the rest is told in words. PS3.3 A.33.1 */
import type { GraphicShape, GraphicText, Presentation, PresentedImages } from '../../preload/contract/index.ts';
import type { DataSet } from './data-set.ts';
import { shutterOf, windowsOf } from './display.ts';
import { TAG } from './tags.ts';

export const GRAYSCALE_STATE = '1.2.840.10008.5.1.4.1.1.11.1';
/** Colour, pseudo-colour, blending, XA/XRF and the others: listed, not shown. */
export const OTHER_STATES = '1.2.840.10008.5.1.4.1.1.11.';

export interface PresentationWords {
  readonly presentation: Presentation;
  readonly remarks: readonly string[];
  /** 'YYYY-MM-DDTHH:MM:SS' by the writer's clock; null where it does not say. */
  readonly created: string | null;
}

/** Everything in the file together: more is nobody's drawing. */
const MOST_IMAGES = 20_000;
const MOST_NUMBERS = 400_000;
const MOST_PARTS = 20_000;

class Budget {
  private numbers = MOST_NUMBERS;
  private images = MOST_IMAGES * 4;
  private parts = MOST_PARTS;
  spend(kind: 'numbers' | 'images' | 'parts', count: number): void {
    this[kind] -= count;
    if (this[kind] < 0) throw new RangeError('the presentation state holds more than anyone draws');
  }
}

const imagesOf = (item: DataSet, tag: number, budget: Budget): PresentedImages => {
  const items = item.items(tag);
  budget.spend('images', items.length);
  return items.flatMap((image) => {
    const instanceUid = image.code(TAG.ReferencedSOPInstanceUID).slice(0, 128);
    if (instanceUid === '') return [];
    const frameNumbers = image.decimals(TAG.ReferencedFrameNumber).filter((n) => Number.isInteger(n) && n > 0);
    budget.spend('images', frameNumbers.length);
    return [{ instanceUid, frameNumbers }];
  });
};

const pairs = (numbers: readonly number[]): (readonly [number, number])[] =>
  Array.from({ length: Math.floor(numbers.length / 2) }, (_, n) => [numbers[2 * n] ?? 0, numbers[2 * n + 1] ?? 0]);

const UNITS = { PIXEL: 'image', DISPLAY: 'display' } as const;
const unitsOf = (code: string): 'image' | 'display' | null => UNITS[code as keyof typeof UNITS] ?? null;
const SHAPES = {
  POINT: 'point',
  POLYLINE: 'polyline',
  INTERPOLATED: 'curve',
  CIRCLE: 'circle',
  ELLIPSE: 'ellipse',
} as const;
const POINTS_NEEDED: Readonly<Record<GraphicShape['kind'], number>> = {
  point: 1,
  polyline: 2,
  curve: 2,
  circle: 2,
  ellipse: 4,
};

const shapeOf = (item: DataSet, budget: Budget): GraphicShape | null => {
  const kind = SHAPES[item.code(TAG.GraphicType).toUpperCase() as keyof typeof SHAPES];
  const units = unitsOf(item.code(TAG.GraphicAnnotationUnits).toUpperCase());
  const numbers = item.numbers(TAG.GraphicData, 'FL');
  budget.spend('numbers', numbers.length);
  const points = pairs(numbers);
  if (!kind || !units || points.length < POINTS_NEEDED[kind] || !numbers.every(Number.isFinite)) return null;
  return { units, kind, points, filled: item.code(TAG.GraphicFilled).toUpperCase() === 'Y' };
};

const pointOf = (item: DataSet, tag: number): readonly [number, number] | null => {
  const [x, y] = item.numbers(tag, 'FL');
  return x !== undefined && y !== undefined && Number.isFinite(x) && Number.isFinite(y) ? [x, y] : null;
};

const textOf = (item: DataSet): GraphicText | null => {
  // A backslash is no divider in this text, and line breaks are kept.
  const text = item.texts(TAG.UnformattedTextValue).join('\\').slice(0, 4000);
  const [upper, lower] = [pointOf(item, TAG.BoundingBoxTLHC), pointOf(item, TAG.BoundingBoxBRHC)];
  const boxUnits = unitsOf(item.code(TAG.BoundingBoxAnnotationUnits).toUpperCase());
  const at = pointOf(item, TAG.AnchorPoint);
  const anchorUnits = unitsOf(item.code(TAG.AnchorPointAnnotationUnits).toUpperCase());
  const box = upper && lower && boxUnits ? ([upper, lower] as const) : null;
  const anchor =
    at && anchorUnits
      ? { at, units: anchorUnits, visible: item.code(TAG.AnchorPointVisibility).toUpperCase() === 'Y' }
      : null;
  if (text === '' || (!box && !anchor)) return null;
  return { text, units: boxUnits ?? anchorUnits ?? 'image', box, anchor };
};

const graphicsOf = (dataSet: DataSet, budget: Budget, remark: (words: string) => void): Presentation['graphics'] =>
  dataSet.items(TAG.GraphicAnnotationSequence).map((item) => {
    const shapes = item.items(TAG.GraphicObjectSequence);
    const texts = item.items(TAG.TextObjectSequence);
    budget.spend('parts', shapes.length + texts.length);
    const [drawn, written] = [
      shapes.flatMap((one) => shapeOf(one, budget) ?? []),
      texts.flatMap((one) => textOf(one) ?? []),
    ];
    const lost = shapes.length - drawn.length + (texts.length - written.length);
    if (lost > 0) remark('Some of its graphics are of a kind that is not drawn here.');
    if (item.items(TAG.CompoundGraphicSequence).length > 0)
      remark('Its compound graphics (arrows, rulers) are not drawn.');
    return {
      images: imagesOf(item, TAG.ReferencedImageSequence, budget),
      layer: item.code(TAG.GraphicLayer).slice(0, 64),
      shapes: drawn,
      texts: written,
    };
  });

const MODES = { 'SCALE TO FIT': 'fit', 'TRUE SIZE': 'true-size', MAGNIFY: 'magnify' } as const;

const areasOf = (dataSet: DataSet, budget: Budget): Presentation['areas'] =>
  dataSet.items(TAG.DisplayedAreaSelectionSequence).flatMap((item) => {
    const [a, b] = [
      item.numbers(TAG.DisplayedAreaTLHC, 'UL').map((n) => n | 0),
      item.numbers(TAG.DisplayedAreaBRHC, 'UL').map((n) => n | 0),
    ];
    const [ax, ay, bx, by] = [a[0], a[1], b[0], b[1]];
    if (ax === undefined || ay === undefined || bx === undefined || by === undefined) return [];
    const [vertical, horizontal] = item.decimals(TAG.PresentationPixelSpacing);
    const magnification = item.number(TAG.PresentationPixelMagnificationRatio, 'FL');
    const mode = MODES[item.code(TAG.PresentationSizeMode).toUpperCase() as keyof typeof MODES] ?? 'fit';
    return [
      {
        images: imagesOf(item, TAG.ReferencedImageSequence, budget),
        // Pixels are counted from 1; which of the corners is which follows from rotation and mirroring. PS3.3 C.10.4
        from: [Math.min(ax, bx) - 1, Math.min(ay, by) - 1] as const,
        to: [Math.max(ax, bx), Math.max(ay, by)] as const,
        mode,
        magnification: magnification !== undefined && magnification > 0 ? magnification : null,
        spacingMm:
          vertical !== undefined && horizontal !== undefined && vertical > 0 && horizontal > 0
            ? ([vertical, horizontal] as const)
            : null,
      },
    ];
  });

const windowsIn = (
  dataSet: DataSet,
  signed: boolean,
  budget: Budget,
  remark: (words: string) => void,
): Presentation['windows'] =>
  dataSet.items(TAG.SoftcopyVOILUTSequence).flatMap((item) => {
    const tables: Parameters<typeof windowsOf>[2] = [];
    // What the writer says of its own table; implicit files do not say.
    const vr = item.item(TAG.VOILUTSequence)?.elements.get(TAG.LUTDescriptor)?.vr ?? '';
    const [first, ...others] = windowsOf(item, vr === '' ? signed : vr === 'SS', tables);
    if (!first) return [];
    if (others.length > 0) remark('It offers several windows for the same images: the first is shown.');
    const { table, ...window } = first;
    return [
      {
        images: imagesOf(item, TAG.ReferencedImageSequence, budget),
        window,
        table: table === undefined ? null : (tables[table] ?? null),
      },
    ];
  });

/** One drawn as a bitmap lies in the state's own overlay planes, which are not read. */
const shutterIn = (dataSet: DataSet): Presentation['shutter'] => {
  const shutter = shutterOf(dataSet);
  const shapes = shutter?.shapes.filter(({ kind }) => kind !== 'bitmap') ?? [];
  return shutter && shapes.length > 0 ? { ...shutter, shapes } : null;
};

const dayAndTime = (dataSet: DataSet): string | null => {
  const [, y, m, d] = /^(\d{4})(\d{2})(\d{2})/.exec(dataSet.code(TAG.PresentationCreationDate)) ?? [];
  if (!y) return null;
  const [, h = '00', min = '00', s = '00'] =
    /^(\d{2})(\d{2})?(\d{2})?/.exec(dataSet.code(TAG.PresentationCreationTime)) ?? [];
  return `${y}-${m}-${d}T${h}:${min}:${s}`;
};

/** Throws RangeError where the file holds more than anyone draws, or is of a kind that is not read. */
export const presentationWords = (dataSet: DataSet): PresentationWords => {
  const sopClass = dataSet.code(TAG.SOPClassUID);
  if (sopClass !== GRAYSCALE_STATE)
    throw new RangeError(
      'only grayscale presentation states are read: this one is for colour, blending or another kind',
    );
  const remarks = new Set<string>();
  const remark = (words: string): void => void remarks.add(words);
  const budget = new Budget();
  const images = dataSet
    .items(TAG.ReferencedSeriesSequence)
    .flatMap((series) => imagesOf(series, TAG.ReferencedImageSequence, budget));
  const slope = dataSet.decimal(TAG.RescaleSlope) ?? 1;
  const intercept = dataSet.decimal(TAG.RescaleIntercept) ?? 0;
  if (dataSet.items(TAG.ModalityLUTSequence).length > 0)
    remark('It has a modality table of its own, which is not applied: its windows may not fit.');
  if (dataSet.items(TAG.PresentationLUTSequence).length > 0) remark('Its presentation table is not applied.');
  if (dataSet.items(TAG.MaskSubtractionSequence).length > 0)
    remark('It subtracts a mask, which is not done here: vessels are seen as they were taken.');
  if (dataSet.codes(TAG.ShutterShape).includes('BITMAP')) remark('Its shutter drawn as a bitmap is not applied.');
  for (let plane = 0; plane < 16; plane++)
    if (dataSet.has(TAG.OverlayRows + plane * 0x20000) || dataSet.has(TAG.OverlayActivationLayer + plane * 0x20000))
      remark('What it says of overlay planes is not applied: those of the images are shown as the images say.');
  const turns = (((dataSet.number(TAG.ImageRotation) ?? 0) / 90) | 0) & 3;
  const flipped = dataSet.code(TAG.ImageHorizontalFlip).toUpperCase() === 'Y';
  // PS3.3 C.10.6 turns before it mirrors; here the mirroring comes first.
  const quarterTurns = ((flipped ? 4 - turns : turns) % 4) as Presentation['quarterTurns'];
  const areas = areasOf(dataSet, budget);
  if (areas.some(({ mode }) => mode === 'true-size'))
    remark('It asks for true size: how large this screen is is not known, so the area is fitted.');
  return {
    presentation: {
      label: dataSet.text(TAG.ContentLabel).slice(0, 200),
      description: dataSet.text(TAG.ContentDescription).slice(0, 1000),
      images,
      rescale: { slope: slope === 0 ? 1 : slope, intercept, type: dataSet.text(TAG.RescaleType).slice(0, 64) },
      windows: windowsIn(dataSet, intercept < 0, budget, remark),
      inverted: dataSet.code(TAG.PresentationLUTShape).toUpperCase() === 'INVERSE',
      quarterTurns,
      flipped,
      areas,
      shutter: shutterIn(dataSet),
      graphics: graphicsOf(dataSet, budget, remark),
    },
    remarks: [...remarks],
    created: dayAndTime(dataSet),
  };
};
