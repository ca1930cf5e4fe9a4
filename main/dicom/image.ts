import type {
  Calibration,
  Frame,
  PixelFormat,
  Shutter,
  SupplementalPalette,
  Vec3,
  VoiTable,
  Window,
} from '../../preload/contract/index.ts';
import { calibrationOf } from './calibration.ts';
import type { DataSet } from './data-set.ts';
import { type OverlayWords, overlayWords, paddingOf, shutterOf, windowsOf } from './display.ts';
import { type CineWords, cineOf, type RealWorldWords, realWorldOf, supplementalPaletteOf } from './display-more.ts';
import { lateralityOf } from './laterality.ts';
import { type Parsed, SYNTAX } from './parse.ts';
import { type SortWords, sortWords } from './parts.ts';
import { segmentationWords } from './segmentation.ts';
import { TAG } from './tags.ts';

/** How the pixels of one instance are stored. */
export interface Layout {
  readonly rows: number;
  readonly columns: number;
  readonly frames: number;
  readonly samples: 1 | 3;
  readonly photometric: string;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  /** 1: all of one colour, then the next. */
  readonly planar: 0 | 1;
  /** What the pixel stream of this instance holds. */
  readonly format: PixelFormat;
  readonly transferSyntax: string;
}

/** What each frame of an instance says of itself; frames that say the same share one. */
export interface FrameWords {
  readonly positionMm: Vec3 | null;
  readonly rowDirection: Vec3 | null;
  readonly columnDirection: Vec3 | null;
  readonly calibration: Calibration;
  readonly slope: number;
  readonly intercept: number;
  readonly unit: string;
  /** Their tables are counted in the instance's voiTables. */
  readonly windows: readonly Window[];
  readonly laterality?: Frame['laterality'];
  readonly shutter?: Shutter;
  readonly realWorld?: readonly RealWorldWords[];
  /** What may tell it from others of its series. */
  readonly sort?: SortWords;
}

export interface CodeWords {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** What a DICOM SEG says of its segments. PS3.3 C.8.20 */
export interface SegmentationWords {
  readonly type: 'BINARY' | 'FRACTIONAL' | 'LABELMAP';
  readonly maximumFractional: number;
  readonly referencedSeriesUids: readonly string[];
  readonly segments: readonly {
    readonly number: number;
    readonly label: string;
    readonly code: CodeWords | null;
    /** 0 to 255. */
    readonly color: readonly [number, number, number] | null;
    readonly category?: CodeWords | null;
    readonly tracking?: { readonly id: string; readonly uid: string } | null;
  }[];
  /** Segment number of each frame; empty for LABELMAP. */
  readonly ofFrames: readonly number[];
  /** Instances that frames say they were made from. Absent in what was imported before it was read. */
  readonly instanceUids?: readonly string[];
  /** For each frame the one image under it: index into instanceUids, and its frame from 1; null where none or several are named. */
  readonly sources?: readonly (readonly [instance: number, frame: number] | null)[];
}

export interface ImageWords {
  readonly segmentation?: SegmentationWords;
  readonly layout: Layout;
  readonly inverted: boolean;
  readonly lossy: { readonly ratio: number | null } | null;
  readonly remark: string;
  readonly frameOfReferenceUid: string | null;
  readonly voiTables?: readonly VoiTable[];
  /** Stored values that are fill. */
  readonly padding?: readonly [number, number];
  readonly overlays?: readonly OverlayWords[];
  readonly palette?: SupplementalPalette;
  readonly cine?: CineWords;
  /** One for all frames, or one for each. */
  readonly frames: readonly FrameWords[];
}

/** An image that is not shown, with the reason for the reader. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}

const LOSSY_SYNTAXES = new Set([
  '1.2.840.10008.1.2.4.50',
  '1.2.840.10008.1.2.4.51',
  '1.2.840.10008.1.2.4.81',
  '1.2.840.10008.1.2.4.91',
  '1.2.840.10008.1.2.4.203',
]);
const MOST_PIXELS = 2 ** 29;
const MOST_FRAMES = 100_000;

const vec3 = (values: readonly number[], at = 0): Vec3 | null => {
  const [x, y, z] = values.slice(at, at + 3);
  if (x === undefined || y === undefined || z === undefined) return null;
  return Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z) ? [x, y, z] : null;
};
/** Unit vector; null where the file's is far from one: its direction would be a guess. */
const unit = (v: Vec3 | null): Vec3 | null => {
  if (!v) return null;
  const length = Math.hypot(...v);
  return Math.abs(length - 1) < 0.01 ? [v[0] / length, v[1] / length, v[2] / length] : null;
};

const rescale = (
  dataSet: DataSet,
  transformation: DataSet | undefined,
  modality: string,
): Pick<FrameWords, 'slope' | 'intercept' | 'unit'> => {
  const from = transformation ?? dataSet;
  const slope = from.decimal(TAG.RescaleSlope);
  const intercept = from.decimal(TAG.RescaleIntercept);
  if (modality === 'RTDOSE') {
    const scaling = dataSet.decimal(TAG.DoseGridScaling);
    const gray = dataSet.code(TAG.DoseUnits).toUpperCase() === 'GY';
    if (scaling !== undefined && scaling > 0) return { slope: scaling, intercept: 0, unit: gray ? 'Gy' : '' };
  }
  if (slope === undefined || intercept === undefined || slope === 0) return { slope: 1, intercept: 0, unit: '' };
  const type = from.text(TAG.RescaleType).toUpperCase();
  let word = '';
  if (modality === 'CT' && (type === 'HU' || type === '')) word = 'HU';
  else if (modality === 'PT') {
    const units = dataSet.code(TAG.Units).toUpperCase();
    word = units === 'BQML' ? 'Bq/ml' : units === 'GML' ? 'g/ml' : units === 'CNTS' ? 'counts' : '';
  } else if (type !== 'US' && type !== 'UNSPECIFIED') word = from.text(TAG.RescaleType).slice(0, 16);
  return { slope, intercept, unit: word };
};

const layoutOf = (parsed: Parsed): Layout => {
  const { dataSet, pixels } = parsed;
  if (!pixels) throw new Refusal('The file holds no pixel data.');
  const rows = dataSet.number(TAG.Rows) ?? 0;
  const columns = dataSet.number(TAG.Columns) ?? 0;
  if (rows < 1 || columns < 1) throw new Refusal('Rows or Columns are missing.');
  if (rows * columns > MOST_PIXELS) throw new Refusal(`An image of ${columns} x ${rows} pixels is too large.`);
  const frameValue = dataSet.codes(TAG.NumberOfFrames)[0] ?? '';
  const frames = frameValue === '' || frameValue === '0' ? 1 : (dataSet.decimal(TAG.NumberOfFrames) ?? Number.NaN);
  if (!Number.isInteger(frames) || frames < 1) throw new Refusal('Number of Frames is no whole number.');
  if (frames > MOST_FRAMES) throw new Refusal(`${frames} frames are too many.`);
  const samples = dataSet.number(TAG.SamplesPerPixel) ?? 1;
  if (samples !== 1 && samples !== 3) throw new Refusal(`${samples} samples per pixel cannot be shown.`);
  // The pixels of a label map are labels, whatever colours it gives them. PS3.3 C.8.20.2.3.4
  const said = dataSet.has(TAG.SegmentSequence) ? 'MONOCHROME2' : dataSet.code(TAG.PhotometricInterpretation);
  const photometric = said.toUpperCase().replace(/_+$/, '');
  const signed = dataSet.number(TAG.PixelRepresentation) === 1;
  const planar = samples === 3 && dataSet.number(TAG.PlanarConfiguration) === 1 ? 1 : 0;
  const common = {
    rows,
    columns,
    frames,
    samples,
    photometric,
    planar,
    transferSyntax: parsed.transferSyntax,
  } as const;
  if (pixels.tag !== TAG.PixelData) {
    if (samples !== 1) throw new Refusal('Floating-point pixels in colour cannot be shown.');
    const bits = pixels.tag === TAG.FloatPixelData ? 32 : 64;
    const format = 'float32';
    return { ...common, bitsAllocated: bits, bitsStored: bits, highBit: bits - 1, signed: true, format };
  }
  const bitsAllocated = dataSet.number(TAG.BitsAllocated) ?? 0;
  const bitsStored = dataSet.number(TAG.BitsStored) ?? bitsAllocated;
  const highBit = dataSet.number(TAG.HighBit) ?? bitsStored - 1;
  if (![1, 8, 16, 32].includes(bitsAllocated))
    throw new Refusal(`Pixels of ${bitsAllocated} allocated bits cannot be read.`);
  if (bitsStored < 1 || bitsStored > bitsAllocated || highBit >= bitsAllocated || highBit < bitsStored - 1)
    throw new Refusal(`Bits Stored ${bitsStored} and High Bit ${highBit} do not fit ${bitsAllocated} allocated bits.`);
  const bits = { bitsAllocated, bitsStored, highBit, signed };
  if (samples === 3) {
    if (
      !['RGB', 'YBR_FULL', 'YBR_FULL_422', 'YBR_PARTIAL_420', 'YBR_PARTIAL_422', 'YBR_ICT', 'YBR_RCT'].includes(
        photometric,
      )
    )
      throw new Refusal(`Colour images of the kind ${photometric.slice(0, 16) || '(none)'} cannot be shown.`);
    if (bitsAllocated < 8) throw new Refusal(`Colour of ${bitsAllocated} bits cannot be shown.`);
    if (signed) throw new Refusal('Colour with signed samples cannot be shown.');
    return { ...common, ...bits, format: 'rgb8' };
  }
  if (photometric === 'PALETTE COLOR') {
    if (bitsAllocated !== 8 && bitsAllocated !== 16)
      throw new Refusal(`Palette images of ${bitsAllocated} bits cannot be shown.`);
    return { ...common, ...bits, format: 'rgb8' };
  }
  if (!['MONOCHROME1', 'MONOCHROME2'].includes(photometric))
    throw new Refusal(
      `Photometric interpretation ${photometric.slice(0, 16) || '(none)'} does not fit one sample per pixel.`,
    );
  if (hasModalityTable(dataSet)) return { ...common, ...bits, format: 'uint16' };
  if (bitsAllocated === 1) return { ...common, ...bits, format: 'uint8' };
  const format = `${signed ? 'int' : 'uint'}${bitsAllocated}` as PixelFormat;
  return { ...common, ...bits, format };
};

export const hasModalityTable = (dataSet: DataSet): boolean => dataSet.item(TAG.ModalityLUTSequence) !== undefined;

/** Bytes of one frame as stored uncompressed; may be a fraction for one-bit frames. */
export const storedFrameBytes = (layout: Layout): number => {
  // PS3.3 C.7.6.3.1.2: YBR_FULL_422 uncompressed has two luminances to one pair of colours.
  const samples = layout.photometric === 'YBR_FULL_422' && !isEncapsulated(layout.transferSyntax) ? 2 : layout.samples;
  return (layout.rows * layout.columns * samples * layout.bitsAllocated) / 8;
};

export const isEncapsulated = (transferSyntax: string): boolean =>
  !(Object.values(SYNTAX) as string[]).includes(transferSyntax) && transferSyntax !== PRIVATE_GE_BIG;
/** GE's private big endian syntax: little endian data set, big endian pixels; refused by name below. */
const PRIVATE_GE_BIG = '1.2.840.113619.5.2';

const REMARKS: readonly (readonly [RegExp, string])[] = [[/phantom, not a patient/i, 'Phantom, not a patient']];

/** Letters of Patient Orientation as directions, LPS. */
const LETTERS: Readonly<Record<string, Vec3>> = {
  L: [1, 0, 0],
  R: [-1, 0, 0],
  P: [0, 1, 0],
  A: [0, -1, 0],
  H: [0, 0, 1],
  F: [0, 0, -1],
};

/**
 * Directions of a projection from Patient Orientation: to the right along a row, down a column; each the anatomical
 * direction with the strongest letter first. Null where it is missing, not of a biped, or the two are not across.
 * PS3.3 C.7.6.1.1.1
 */
export const projectionDirections = (dataSet: Pick<DataSet, 'codes'>): { row: Vec3; column: Vec3 } | null => {
  const direction = (letters: string | undefined): Vec3 | null => {
    let sum: Vec3 = [0, 0, 0];
    let weight = 1;
    for (const letter of letters ?? '') {
      const own = LETTERS[letter];
      if (!own) return null;
      sum = [sum[0] + weight * own[0], sum[1] + weight * own[1], sum[2] + weight * own[2]];
      weight /= 2;
    }
    const length = Math.hypot(...sum);
    return length > 0 ? [sum[0] / length, sum[1] / length, sum[2] / length] : null;
  };
  const [first, second] = dataSet.codes(TAG.PatientOrientation);
  const row = direction(first);
  const column = direction(second);
  if (!row || !column) return null;
  return Math.abs(row[0] * column[0] + row[1] * column[1] + row[2] * column[2]) < 0.7 ? { row, column } : null;
};

/** What an instance with pixel data says of its images. Throws Refusal where they must not be shown. */
export const imageWords = (parsed: Parsed): ImageWords => {
  const { dataSet } = parsed;
  if (parsed.transferSyntax === PRIVATE_GE_BIG) throw new Refusal("GE's private big endian syntax is not read.");
  const layout = layoutOf(parsed);
  const modality = dataSet.code(TAG.Modality).toUpperCase();
  const table = dataSet.item(TAG.ModalityLUTSequence);
  const shared = dataSet.item(TAG.SharedFunctionalGroupsSequence);
  const perFrame = dataSet.items(TAG.PerFrameFunctionalGroupsSequence);
  const voiTables: VoiTable[] = [];
  const offsets = modality === 'RTDOSE' ? dataSet.decimals(TAG.GridFrameOffsetVector) : [];

  const wordsOf = (frame: number): FrameWords => {
    const own = perFrame[frame];
    const group = (tag: number): DataSet | undefined => own?.item(tag) ?? shared?.item(tag);
    const measures = group(TAG.PixelMeasuresSequence);
    const position = vec3((group(TAG.PlanePositionSequence) ?? dataSet).decimals(TAG.ImagePositionPatient));
    const orientation = (group(TAG.PlaneOrientationSequence) ?? dataSet).decimals(TAG.ImageOrientationPatient);
    const projected = orientation.length === 0 && !position ? projectionDirections(dataSet) : null;
    const rowDirection = unit(vec3(orientation)) ?? projected?.row ?? null;
    const columnDirection = unit(vec3(orientation, 3)) ?? projected?.column ?? null;
    const oriented = rowDirection !== null && columnDirection !== null;
    const transformation = group(TAG.PixelValueTransformationSequence);
    const scaling = table
      ? { slope: 1, intercept: 0, unit: tableUnit(table) }
      : rescale(dataSet, transformation, modality);
    // Where modality values go below 0, the first value of a VOI table is signed too. PS3.3 C.11.2.1.1
    const signed = !table && (layout.signed || scaling.intercept < 0 || scaling.slope < 0);
    const laterality = lateralityOf(dataSet, group(TAG.FrameAnatomySequence));
    const shutter = shutterOf(group(TAG.FrameDisplayShutterSequence) ?? dataSet);
    const sort = sortWords(dataSet, group);
    const realWorld = layout.format === 'rgb8' || table ? [] : realWorldOf(own, shared, dataSet, layout.signed);
    return {
      positionMm: multiFramePosition(position, frame),
      rowDirection: oriented ? rowDirection : null,
      columnDirection: oriented ? columnDirection : null,
      calibration: calibrationOf(dataSet, measures),
      ...scaling,
      windows: windowsOf(group(TAG.FrameVOILUTSequence) ?? dataSet, signed, voiTables),
      ...(laterality ? { laterality } : {}),
      ...(shutter ? { shutter } : {}),
      ...(realWorld.length > 0 ? { realWorld } : {}),
      ...(sort ? { sort } : {}),
    };
    /** One position for many frames locates none of them, but for a dose grid, which says its offsets. PS3.3 C.8.8.3.2 */
    function multiFramePosition(at: Vec3 | null, index: number): Vec3 | null {
      if (layout.frames === 1 || own || !at) return at;
      const offset = offsets[index];
      if (offset === undefined || offsets[0] !== 0 || !rowDirection || !columnDirection) return null;
      const [a, b, c] = rowDirection;
      const [d, e, f] = columnDirection;
      return [at[0] + (b * f - c * e) * offset, at[1] + (c * d - a * f) * offset, at[2] + (a * e - b * d) * offset];
    }
  };

  const each = layout.frames > 1 && (perFrame.length > 0 || offsets.length > 0);
  if (each && perFrame.length > 0 && perFrame.length < layout.frames)
    throw new Refusal(`${layout.frames} frames, but functional groups for ${perFrame.length}.`);
  const frames = each ? Array.from({ length: layout.frames }, (_, i) => wordsOf(i)) : [wordsOf(0)];
  const shape = dataSet.code(TAG.PresentationLUTShape).toUpperCase();
  const ratio = dataSet.decimals(TAG.LossyImageCompressionRatio).at(-1);
  const lossy = dataSet.code(TAG.LossyImageCompression) === '01' || LOSSY_SYNTAXES.has(parsed.transferSyntax);
  const overlays = overlayWords(dataSet, layout, isEncapsulated(parsed.transferSyntax));
  // A table's output is the stream then, and no longer tells which values were fill.
  const padding = table ? undefined : paddingOf(dataSet, layout);
  const palette = table ? undefined : supplementalPaletteOf(dataSet, layout);
  const cine = cineOf(dataSet);
  const comments = `${dataSet.text(TAG.ImageComments)} ${dataSet.text(TAG.DerivationDescription)}`;
  return {
    layout,
    // Monochrome 1 shows low values bright; its Presentation LUT Shape INVERSE says the same once more, not the contrary.
    inverted: layout.photometric === 'MONOCHROME1' || (layout.photometric === 'MONOCHROME2' && shape === 'INVERSE'),
    lossy: lossy ? { ratio: ratio !== undefined && ratio > 0 ? ratio : null } : null,
    remark: REMARKS.find(([pattern]) => pattern.test(comments))?.[1] ?? '',
    frameOfReferenceUid: dataSet.code(TAG.FrameOfReferenceUID) || null,
    ...(voiTables.length > 0 ? { voiTables } : {}),
    ...(padding ? { padding } : {}),
    ...(overlays.length > 0 ? { overlays } : {}),
    ...(palette ? { palette } : {}),
    ...(cine ? { cine } : {}),
    frames,
    ...(dataSet.has(TAG.SegmentSequence) ? { segmentation: segmentationWords(dataSet, layout.frames) } : {}),
  };
};

const tableUnit = (table: DataSet): string => {
  const type = table.text(TAG.ModalityLUTType).toUpperCase();
  return type === 'HU' || type === 'OD' ? type : '';
};
