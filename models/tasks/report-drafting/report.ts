/** What the drafting network says of one film: sentences, each with its finding, its place and its box. */
import type { Frame, Measurement, PixelBox, Side } from '../../../preload/contract/terms/index.ts';
import type { PipelineOf } from '../../kit/manifest.ts';
import { boxToImage, type PreparedImage } from '../../kit/steps/image.ts';
import { sentenceOf, type Vocabulary } from '../../kit/text/tokens.ts';
import { type Outputs, roundTo } from '../answer.ts';
import { sideOnRight } from '../detection/index.ts';
import { type NextToken, type SeenRegion, writeReport } from './write.ts';

type Pipeline = PipelineOf<'report-drafting'>;

/** A finding as its sentence tells it and as the film's own measures have it. */
export interface ReportedFinding {
  readonly key: string;
  readonly name: string;
  /** Null where the file does not say how the film lies, or the finding has none. */
  readonly side: Side;
  readonly place: string;
  readonly severity: '' | 'small' | 'moderate' | 'large';
  readonly measurements: readonly Measurement[];
  readonly box: PixelBox | null;
  /** Probability that the network's eye gives the region, 0 to 1. */
  readonly probability: number;
}
export interface ReportedSentence {
  readonly text: string;
  /** Mean probability of its words. */
  readonly score: number;
  /** Null for what is normal. */
  readonly finding: ReportedFinding | null;
}

const SEVERITIES = { small: 'small', mild: 'small', moderate: 'moderate', large: 'large', marked: 'large' } as const;

const severityIn = (text: string): ReportedFinding['severity'] => {
  const word = /\b(small|mild|moderate|large|marked)\b/i.exec(text)?.[1]?.toLowerCase();
  return word ? SEVERITIES[word as keyof typeof SEVERITIES] : '';
};

const PLEURAL = new Set(['effusion', 'pneumothorax']);

/** From where it lies, not from what is written: the sentence is held to it. */
const placeOf = (key: string, side: 'left' | 'right' | null, depth: number, zones: Pipeline['zones']): string => {
  if (key === 'cardiomegaly') return 'heart';
  if (side === null) return '';
  if (PLEURAL.has(key)) return `${side} hemithorax`;
  if (key === 'atelectasis') return `${side} base`;
  if (Math.min(Math.abs(depth - zones.upper), Math.abs(depth - zones.lower)) < zones.doubt) return `${side} lung`;
  return `${side} ${depth < zones.upper ? 'upper' : depth < zones.lower ? 'middle' : 'lower'} zone`;
};

/** Rows turned about, so that the patient's left lies on image right. */
const mirroredRows = (stored: ArrayLike<number>, columns: number, rows: number): Float32Array => {
  const out = new Float32Array(columns * rows);
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) out[y * columns + x] = stored[y * columns + columns - 1 - x] ?? 0;
  return out;
};

/** The film as the network wants it to lie; mirrored where its file says that the patient's right is on image right. */
export const uprightFilm = (
  stored: ArrayLike<number>,
  frame: Pick<Frame, 'columns' | 'rows' | 'rowDirection'>,
): { readonly stored: ArrayLike<number>; readonly mirrored: boolean } => {
  const mirrored = sideOnRight(frame) === 'right';
  return { stored: mirrored ? mirroredRows(stored, frame.columns, frame.rows) : stored, mirrored };
};

interface Film {
  readonly frame: Pick<Frame, 'columns' | 'rows' | 'rowDirection' | 'calibration'>;
  readonly image: PreparedImage;
  readonly mirrored: boolean;
}

const rowOf = (seen: Outputs, region: number): readonly number[] => {
  const { data, dims } = seen.places ?? { data: new Float32Array(), dims: [] };
  const width = dims[2] ?? 0;
  if (width !== 6 || region >= (dims[1] ?? 0)) throw new RangeError(`the network tells no place ${region}`);
  return [...data.subarray(region * width, (region + 1) * width)];
};

const boxOf = (row: readonly number[], { frame, image, mirrored }: Film): PixelBox | null => {
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = row;
  const box = boxToImage(image, frame, [x0, y0, x1, y1]);
  if (!box) return null;
  return mirrored ? [frame.columns - box[2], box[1], frame.columns - box[0], box[3]] : box;
};

const diameterOf = (box: PixelBox | null, { calibration }: Film['frame'], share: number): Measurement[] => {
  if (!box || calibration.kind !== 'known') return [];
  const [rowMm, columnMm] = calibration.spacingMm;
  const mm = share * Math.max((box[2] - box[0]) * columnMm, (box[3] - box[1]) * rowMm);
  return [{ name: 'largest diameter', value: roundTo(mm, 1), unit: 'mm' }];
};

const findingOf = (text: string, region: number, seen: Outputs, film: Film, pipeline: Pipeline): ReportedFinding => {
  const slot = pipeline.regions[region];
  if (!slot) throw new RangeError(`the manifest has no region ${region}`);
  const row = rowOf(seen, region);
  const side = sideOnRight(film.frame) === null ? null : slot.side;
  const box = boxOf(row, film);
  const ratio = seen.chest?.data[1] ?? Number.NaN;
  return {
    key: slot.key,
    name: slot.name,
    side,
    place: placeOf(slot.key, side, row[5] ?? 0, pipeline.zones),
    severity: severityIn(text),
    measurements:
      slot.key === 'lung-nodule'
        ? diameterOf(box, film.frame, pipeline.diameterOfBox ?? 1)
        : slot.key === 'cardiomegaly' && Number.isFinite(ratio)
          ? [{ name: 'cardiothoracic ratio', value: roundTo(ratio, 2), unit: '1' }]
          : [],
    box,
    probability: Math.min(1, Math.max(0, row[4] ?? 0)),
  };
};

const LARGEST_NODULE_MM = 30;

/** What is measured put into its places; empty where a sentence wants a number that is not known. */
const measuredText = (text: string, finding: ReportedFinding | null, { mm, ratio }: Pipeline['marks']): string => {
  const value = (name: string): number | undefined => finding?.measurements.find((one) => one.name === name)?.value;
  const [size, share] = [value('largest diameter'), value('cardiothoracic ratio')];
  if ((text.includes(mm) && size === undefined) || (text.includes(ratio) && share === undefined)) return '';
  // what is called a mass follows from its size as it is told, where that is known
  const named =
    size === undefined
      ? text
      : text.replace(/\b(?:nodule|mass)\b/, Math.round(size) > LARGEST_NODULE_MM ? 'mass' : 'nodule');
  return named
    .replaceAll(mm, `${Math.round(size ?? 0)} mm`)
    .replaceAll(ratio, (share ?? 0).toFixed(2))
    .replace(/\ba (?=(?:8|8\d|11|18) )/gi, (article) => `${article.trimEnd()}n `);
};

/** Sentences of a film from what the network saw of it, in the network's order. */
export const reportOf = async (
  seen: Outputs,
  film: Film,
  pipeline: Pipeline,
  vocabulary: Vocabulary,
  next: NextToken,
): Promise<ReportedSentence[]> => {
  const seenAt = (region: number): SeenRegion => {
    const { place, probability } = findingOf('', region, seen, film, pipeline);
    const own = pipeline.regions[region];
    const isSecond = pipeline.regions.some(
      ({ key }, n) => n !== region && key === own?.key && (rowOf(seen, n)[4] ?? 0) > probability,
    );
    const least = isSecond ? (own?.leastBeside ?? own?.least) : own?.least;
    return { place: place || null, told: least === undefined ? null : probability >= least };
  };
  const lines = await writeReport(pipeline, vocabulary, film.frame.calibration.kind === 'known', seenAt, next);
  return lines.flatMap(({ region, ids, score }) => {
    const raw = sentenceOf(vocabulary, ids);
    const finding = region === null ? null : findingOf(raw, region, seen, film, pipeline);
    const text = measuredText(raw, finding, pipeline.marks);
    return text === '' ? [] : [{ text, score, finding }];
  });
};
