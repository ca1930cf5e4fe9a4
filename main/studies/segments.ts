import { labelColor } from '../../models/kit/labels/colors.ts';
import type { SeriesImages } from '../../preload/contract/index.ts';
import type { SegmentationWords } from '../dicom/index.ts';
import type { LabelName } from './labels.ts';
import type { FramePlace } from './place.ts';

/** Marks on the grid of the images that they were drawn on. */
export interface Marks {
  /** [columns, rows, frames] of the images. */
  readonly map: Uint8Array;
  readonly names: readonly LabelName[];
  readonly title: string;
}

/** A frame of a segmentation and where it lies. */
export interface PlacedSegmentFrame {
  /** 0: of all segments. */
  readonly segment: number;
  readonly place: FramePlace;
  readonly columns: number;
  readonly rows: number;
  readonly read: () => Promise<ArrayLike<number>>;
}

const MOST_LABELS = 255;

/** Label of each segment number: the number itself where all fit a labelmap, else counted through. */
const valuesOf = (numbers: readonly number[]): Map<number, number> => {
  const fit = numbers.every((number) => number >= 1 && number <= MOST_LABELS);
  return new Map(numbers.map((number, n) => [number, fit ? number : (n % MOST_LABELS) + 1]));
};

type Segment = SegmentationWords['segments'][number];
const nameOf = ({ number, label, code, color, category, tracking }: Segment, value: number): LabelName => ({
  value,
  name: label || code?.meaning || `Segment ${number}`,
  code,
  color: color ?? labelColor(number),
  ...(category ? { category } : {}),
  ...(tracking ? { tracking } : {}),
});

interface Layer {
  readonly map: Uint8Array;
  readonly names: LabelName[];
}

/** Every pixel of a frame that is marked: where it lies in its image, and what it holds. */
const eachMarked = (
  { place, columns, rows }: PlacedSegmentFrame,
  samples: ArrayLike<number>,
  least: number,
  use: (at: number, sample: number) => void,
): void => {
  for (let y = 0, from = 0; y < rows; y++)
    for (let x = 0; x < columns; x++, from++) {
      const sample = samples[from] ?? 0;
      if (sample >= least) use(place.origin + x * place.stepX + y * place.stepY, sample);
    }
};

const labelMap = async (
  words: SegmentationWords,
  frames: readonly PlacedSegmentFrame[],
  size: number,
  count: number,
): Promise<Layer[]> => {
  const parts: Segment[][] = [];
  for (let n = 0; n < words.segments.length; n += MOST_LABELS) parts.push(words.segments.slice(n, n + MOST_LABELS));
  const layers: Layer[] = [];
  for (const segments of parts) {
    const values = valuesOf(segments.map(({ number }) => number));
    const map = new Uint8Array(size * count);
    for (const frame of frames)
      eachMarked(frame, await frame.read(), 0, (at, sample) => {
        const value = values.get(sample);
        if (value !== undefined) map[frame.place.frame * size + at] = value;
      });
    layers.push({ map, names: segments.map((segment) => nameOf(segment, values.get(segment.number) ?? 1)) });
  }
  return layers;
};

const separate = async (
  words: SegmentationWords,
  frames: readonly PlacedSegmentFrame[],
  size: number,
  count: number,
): Promise<Layer[]> => {
  const least = words.type === 'FRACTIONAL' ? Math.max(1, words.maximumFractional / 2) : 1;
  const values = valuesOf(words.segments.map(({ number }) => number));
  const layers: Layer[] = [];
  for (const segment of words.segments) {
    const value = values.get(segment.number) ?? 1;
    const own = frames.filter((frame) => frame.segment === segment.number);
    const isFree = async (layer: Layer): Promise<boolean> => {
      if (layer.names.some((name) => name.value === value)) return false;
      for (const frame of own) {
        let taken = false;
        const base = frame.place.frame * size;
        eachMarked(frame, await frame.read(), least, (at) => {
          taken ||= layer.map[base + at] !== 0;
        });
        if (taken) return false;
      }
      return true;
    };
    let layer: Layer | null = null;
    for (const one of layers) if (layer === null && (await isFree(one))) layer = one;
    if (layer === null) {
      layer = { map: new Uint8Array(size * count), names: [] };
      layers.push(layer);
    }
    const { map } = layer;
    layer.names.push(nameOf(segment, value));
    for (const frame of own)
      eachMarked(frame, await frame.read(), least, (at) => {
        map[frame.place.frame * size + at] = value;
      });
  }
  return layers;
};

/** Label maps of a DICOM SEG: one, or several where segments overlap, as a voxel of a label map holds one label. */
export const segmentMarks = async (
  target: SeriesImages,
  words: SegmentationWords,
  frames: readonly PlacedSegmentFrame[],
  title: string,
): Promise<Marks[]> => {
  const [first] = target.frames;
  if (!first || words.segments.length === 0) return [];
  const size = first.rows * first.columns;
  const make = words.type === 'LABELMAP' ? labelMap : separate;
  const layers = await make(words, frames, size, target.frames.length);
  const kind = words.type === 'FRACTIONAL' ? `${title} (fractional, from 50 %)` : title;
  return layers.map(({ map, names }, n) => ({
    map,
    names,
    title: layers.length > 1 ? `${kind}, part ${n + 1} of ${layers.length}` : kind,
  }));
};
