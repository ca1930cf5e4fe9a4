/** Real world values, supplemental colours and playback that an instance asks for. PS3.3 C.7.6.16.2.11, C.7.6.23, C.7.6.5 */
import type { RealWorldValue, SupplementalPalette } from '../../preload/contract/index.ts';
import type { DataSet } from './data-set.ts';
import type { Layout } from './image.ts';
import { paletteOf } from './pixels/color.ts';
import { TAG } from './tags.ts';

/** Of stored values. */
export type RealWorldWords = RealWorldValue;

const MOST_ENTRIES = 65_536;

const realWorldValue = (item: DataSet, signed: boolean): RealWorldValue | null => {
  const vr = signed ? 'SS' : 'US';
  const first =
    item.number(TAG.RealWorldValueFirstValueMapped, vr) ??
    item.number(TAG.DoubleFloatRealWorldValueFirstValueMapped, 'FD');
  const last =
    item.number(TAG.RealWorldValueLastValueMapped, vr) ??
    item.number(TAG.DoubleFloatRealWorldValueLastValueMapped, 'FD');
  if (first === undefined || last === undefined || !(last >= first)) return null;
  const slope = item.number(TAG.RealWorldValueSlope, 'FD');
  const intercept = item.number(TAG.RealWorldValueIntercept, 'FD');
  const units = item.item(TAG.MeasurementUnitsCodeSequence);
  const ucum = units?.code(TAG.CodingSchemeDesignator).toUpperCase() === 'UCUM';
  const unit = (units ? (ucum ? units.text(TAG.CodeValue) : units.text(TAG.CodeMeaning)) : '').slice(0, 32);
  const label = item.text(TAG.LUTLabel) || item.text(TAG.LUTExplanation);
  const words = { name: label.slice(0, 32), unit: ucum && unit === '1' ? '' : unit, first, last };
  // A value with neither name nor unit says nothing that the stored one does not.
  if (words.name === '' && words.unit === '') return null;
  if (slope !== undefined && intercept !== undefined && Number.isFinite(slope) && Number.isFinite(intercept))
    return { ...words, slope, intercept };
  const table = item.numbers(TAG.RealWorldValueLUTData, 'FD');
  const wanted = last - first + 1;
  if (!Number.isInteger(wanted) || wanted > MOST_ENTRIES || table.length < wanted) return null;
  return { ...words, slope: 1, intercept: 0, table: table.slice(0, wanted) };
};

/** What the frame says, else what all of them share, else what the instance says. */
export const realWorldOf = (
  own: DataSet | undefined,
  shared: DataSet | undefined,
  dataSet: DataSet,
  signed: boolean,
): RealWorldWords[] => {
  for (const from of [own, shared, dataSet]) {
    const items = from?.items(TAG.RealWorldValueMappingSequence) ?? [];
    if (items.length === 0) continue;
    return items.map((item) => realWorldValue(item, signed)).filter((value) => value !== null);
  }
  return [];
};

/** The same of the pixel stream, where that holds modality values in place of stored ones. */
export const realWorldOfStream = (
  value: RealWorldWords,
  rescale: { readonly slope: number; readonly intercept: number } | null,
): RealWorldValue | null => {
  if (rescale === null) return value;
  if (value.table !== undefined || rescale.slope === 0) return null;
  const ends = [value.first, value.last].map((stored) => Math.fround(stored * rescale.slope + rescale.intercept));
  return {
    ...value,
    first: Math.min(...ends),
    last: Math.max(...ends),
    slope: value.slope / rescale.slope,
    intercept: value.intercept - (value.slope * rescale.intercept) / rescale.slope,
  };
};

/** Colours over greys: only where the file says that it means to be seen in colour. */
export const supplementalPaletteOf = (dataSet: DataSet, layout: Layout): SupplementalPalette | undefined => {
  if (layout.photometric !== 'MONOCHROME2' || layout.samples !== 1 || layout.format === 'float32') return undefined;
  if (!['COLOR', 'MIXED'].includes(dataSet.code(TAG.PixelPresentation).toUpperCase())) return undefined;
  if (!dataSet.has(TAG.RedPaletteDescriptor)) return undefined;
  try {
    const { first, red, green, blue } = paletteOf(dataSet, layout.signed);
    const colors = Buffer.alloc(red.length * 3);
    for (let n = 0; n < red.length; n++) colors.set([red[n] ?? 0, green[n] ?? 0, blue[n] ?? 0], n * 3);
    return { first, colors: colors.toString('base64') };
  } catch {
    // A palette that cannot be read leaves the greys, which are the image itself.
    return undefined;
  }
};

export interface CineWords {
  readonly framesPerSecond: number;
  readonly sweep: boolean;
}

const RATES = [0.2, 240] as const;

/** The speed that the file recommends, else that at which it was taken; and whether it is to be played back and forth. */
export const cineOf = (dataSet: DataSet): CineWords | undefined => {
  const vector = dataSet.decimals(TAG.FrameTimeVector).filter((ms) => ms > 0);
  const meanMs = vector.length > 0 ? vector.reduce((sum, ms) => sum + ms, 0) / vector.length : undefined;
  const frameMs = dataSet.decimal(TAG.FrameTime) ?? meanMs;
  const rates = [
    dataSet.decimal(TAG.RecommendedDisplayFrameRate),
    dataSet.decimal(TAG.CineRate),
    frameMs === undefined ? undefined : 1000 / frameMs,
  ];
  const rate = rates.find((one) => one !== undefined && one >= RATES[0] && one <= RATES[1]);
  if (rate === undefined) return undefined;
  return {
    framesPerSecond: Math.round(rate * 10) / 10,
    sweep: dataSet.number(TAG.PreferredPlaybackSequencing) === 1,
  };
};
