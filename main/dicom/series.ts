import type {
  BYTES_PER_PIXEL as Bytes,
  Frame,
  OverlayPlane,
  PixelFormat,
  SeriesImages,
  SupplementalPalette,
  VoiTable,
  Window,
} from '../../preload/contract/index.ts';
import { sameTable } from './display.ts';
import { realWorldOfStream } from './display-more.ts';
import type { FrameWords, ImageWords } from './image.ts';
import { partsOf, type SortedFrame } from './parts.ts';
import { commonFrameOfReference, DIFFERENT_RESCALE, distancesAlongNormal, volumeShape } from './volume-shape.ts';

/** As the contract has it; not imported, as the contract brings its checker along and workers start faster without. */
const BYTES_PER_PIXEL = {
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  float32: 4,
  rgb8: 3,
} as const satisfies Record<PixelFormat, number> & typeof Bytes;

export interface SeriesInstance {
  readonly instanceUid: string;
  readonly instanceNumber: number | null;
  readonly words: ImageWords;
}

/** One frame's place in the series: which instance, which frame of it. */
export interface FrameSource {
  /** Index into the instances given. */
  readonly instance: number;
  /** From 0. */
  readonly frame: number;
  /** Set where the stream holds modality values in place of stored ones: this slope and intercept are applied in decoding. */
  readonly rescale: { readonly slope: number; readonly intercept: number } | null;
}

/** What a frame says of its showing, where it says something. */
const displayOf = (
  image: ImageWords,
  words: FrameWords,
  { frame, rescale }: FrameSource,
): Pick<Frame, 'laterality' | 'padding' | 'lossy' | 'shutter' | 'overlayPlanes' | 'realWorld'> => {
  const planes = planesOf(image, frame);
  const { padding, lossy } = image;
  const realWorld = (words.realWorld ?? [])
    .map((value) => realWorldOfStream(value, rescale))
    .filter((value) => value !== null);
  // Where the stream holds modality values, its fill is scaled as they are.
  const fill = padding?.map((stored) => (rescale ? Math.fround(stored * rescale.slope + rescale.intercept) : stored));
  return {
    ...(fill ? { padding: [Math.min(...fill), Math.max(...fill)] as const } : {}),
    ...(lossy ? { lossy: { ratio: lossy.ratio } } : {}),
    ...(words.laterality ? { laterality: words.laterality } : {}),
    ...(words.shutter ? { shutter: words.shutter } : {}),
    ...(planes.length > 0 ? { overlayPlanes: planes } : {}),
    ...(realWorld.length > 0 ? { realWorld } : {}),
  };
};

/** Overlay planes that lie on a frame of an instance, as the decoder gives their bits. */
const planesOf = (image: ImageWords, frame: number): OverlayPlane[] =>
  (image.overlays ?? [])
    .filter((plane) => plane.from <= frame && frame < plane.to)
    .map(({ group, rows, columns, origin, label }) => ({ group, rows, columns, origin, label }));

interface Placed extends SortedFrame, Omit<FrameSource, 'rescale'> {
  readonly words: FrameWords;
  readonly image: ImageWords;
  readonly instanceUid: string;
}

/** Every frame of a series, in the order in which it counts its images. */
const placedFrames = (instances: readonly SeriesInstance[]): Placed[] => {
  const all = instances.flatMap(({ words: image, instanceUid, instanceNumber }, instance) =>
    Array.from({ length: image.layout.frames }, (_, frame) => {
      const words = image.frames[image.frames.length === 1 ? 0 : frame];
      const { layout, frameOfReferenceUid } = image;
      const sort = words?.sort ?? {};
      return words && { instance, frame, words, layout, frameOfReferenceUid, image, instanceUid, instanceNumber, sort };
    }),
  );
  return all
    .filter((frame) => frame !== undefined)
    .sort(
      (a, b) =>
        (a.instanceNumber ?? Number.MAX_SAFE_INTEGER) - (b.instanceNumber ?? Number.MAX_SAFE_INTEGER) ||
        (a.instanceUid < b.instanceUid ? -1 : a.instanceUid > b.instanceUid ? 1 : 0) ||
        a.frame - b.frame,
    )
    .map((frame, order) => ({ ...frame, order }));
};

/** The parts that a series is shown as: one with key '' where it is whole. */
export const seriesParts = (
  instances: readonly SeriesInstance[],
): { readonly key: string; readonly label: string; readonly frames: number }[] =>
  partsOf(placedFrames(instances)).map(({ key, label, frames }) => ({ key, label, frames: frames.length }));

/**
 * Frames of a series, or of one of its parts, in the order they are shown: along the normal where all have a place on
 * it, else by instance number; with their offsets in the pixel stream, and the volume they make, if they make one.
 */
export const assembleSeries = (
  instances: readonly SeriesInstance[],
  part = '',
): Omit<SeriesImages, 'seriesId' | 'pixelTag'> & { sources: FrameSource[] } => {
  const all = placedFrames(instances);
  const placed = part === '' ? all : [...(partsOf(all).find(({ key }) => key === part)?.frames ?? [])];
  const distances = distancesAlongNormal(placed);
  if (distances) {
    const at = new Map(placed.map((frame, i) => [frame, distances[i] ?? 0]));
    // Positions of the same slice written with other rounding must not decide the order: the number does.
    placed.sort((a, b) => {
      const apart = (at.get(a) ?? 0) - (at.get(b) ?? 0);
      return Math.abs(apart) > 1e-4 ? apart : a.order - b.order;
    });
  }
  // PET scales each slice by itself: stored values of two slices then mean different things, and no volume could be
  // made of them. Their modality values can, so that is what the stream holds.
  const shape = volumeShape(placed);
  const asModality = shape.kind === 'none' && shape.reason === DIFFERENT_RESCALE;
  const sources = placed.map(({ instance, frame, words: { slope, intercept } }): FrameSource => {
    return { instance, frame, rescale: asModality ? { slope, intercept } : null };
  });
  if (asModality)
    for (const [n, frame] of placed.entries())
      placed[n] = {
        ...frame,
        words: { ...frame.words, slope: 1, intercept: 0 },
        layout: { ...frame.layout, format: 'float32' },
      };
  const voiTables: VoiTable[] = [];
  /** Windows name tables of their instance; here those of the series, where the same one stands once. */
  const named = (window: Window, image: ImageWords): Window => {
    const table = window.table === undefined ? undefined : image.voiTables?.[window.table];
    if (table === undefined) return window;
    const known = voiTables.findIndex((other) => sameTable(other, table));
    return { ...window, table: known < 0 ? voiTables.push(table) - 1 : known };
  };
  const palettes: SupplementalPalette[] = [];
  const paletteOf = ({ palette }: ImageWords): Pick<Frame, 'palette'> => {
    // Modality values in the stream are not what the palette counts by.
    if (palette === undefined || asModality) return {};
    const known = palettes.findIndex((other) => other.first === palette.first && other.colors === palette.colors);
    return { palette: known < 0 ? palettes.push(palette) - 1 : known };
  };
  let offset = 0;
  const frames: Frame[] = placed.map(({ image, layout, words, ...one }, index) => {
    const source = sources[index];
    const { rows, columns, format } = layout;
    const byteLength = rows * columns * BYTES_PER_PIXEL[format];
    const frame: Frame = {
      index,
      instanceUid: one.instanceUid,
      frameNumber: one.frame + 1,
      rows,
      columns,
      format,
      byteOffset: offset,
      byteLength,
      positionMm: words.positionMm,
      rowDirection: words.rowDirection,
      columnDirection: words.columnDirection,
      calibration: words.calibration,
      slope: words.slope,
      intercept: words.intercept,
      unit: words.unit,
      windows: words.windows.map((window) => named(window, image)),
      range: null,
      inverted: image.inverted,
      ...(source ? displayOf(image, words, source) : {}),
      ...paletteOf(image),
    };
    offset += byteLength;
    return frame;
  });
  const images = [...new Set(placed.map((frame) => frame.image))];
  const lossy = images.find((image) => image.lossy)?.lossy ?? null;
  const cine = images.find((image) => image.cine)?.cine;
  return {
    frames,
    volume: asModality ? volumeShape(placed) : shape,
    frameOfReferenceUid: commonFrameOfReference(placed.map((frame) => frame.frameOfReferenceUid)) ?? null,
    lossy: lossy ? { ratio: lossy.ratio } : null,
    remark: images.find((image) => image.remark)?.remark ?? '',
    ...(voiTables.length > 0 ? { voiTables } : {}),
    ...(palettes.length > 0 ? { palettes } : {}),
    ...(cine && frames.length > 1 ? { cine } : {}),
    sources,
  };
};
