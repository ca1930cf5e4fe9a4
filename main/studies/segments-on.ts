import { open } from 'node:fs/promises';
import type { Frame } from '../../preload/contract/index.ts';
import type { ImageWords, SegmentationWords } from '../dicom/index.ts';
import type { SeriesPlan } from './images.ts';
import type { Pixels } from './pixels.ts';
import { placesOn } from './place.ts';
import { samplesOf } from './samples.ts';
import { type Marks, type PlacedSegmentFrame, segmentMarks } from './segments.ts';

interface Written {
  readonly words: SegmentationWords;
  readonly frameOfReferenceUid: string | null;
  readonly frames: readonly Frame[];
}

interface OnSeries {
  readonly target: SeriesPlan;
  /** By frame of the segmentation; null where it lies on no image of the series. */
  readonly places: readonly (PlacedSegmentFrame['place'] | null)[];
  readonly placed: number;
  /** Images of the series that the segmentation names. */
  readonly named: number;
}

/** The files of a segmentation series, each with its own segments. */
const writtenIn = (plan: SeriesPlan): Written[] =>
  plan.instances.flatMap((instance) => {
    const image = JSON.parse(instance.image ?? 'null') as ImageWords | null;
    const frames = plan.images.frames.filter(({ instanceUid }) => instanceUid === instance.sop_instance_uid);
    if (!image?.segmentation || frames.length === 0) return [];
    return [{ words: image.segmentation, frameOfReferenceUid: image.frameOfReferenceUid, frames }];
  });

const onSeries = ({ words, frameOfReferenceUid, frames }: Written, target: SeriesPlan): OnSeries => {
  const { images } = target;
  const uids = new Map<string, number>();
  for (const { instanceUid, frameNumber, index } of images.frames) {
    uids.set(`${instanceUid} ${frameNumber}`, index);
    if (frameNumber === 1) uids.set(instanceUid, index);
  }
  const known = (words.instanceUids ?? []).filter((uid) => uids.has(uid)).length;
  const same =
    images.frameOfReferenceUid === null || frameOfReferenceUid === null
      ? null
      : images.frameOfReferenceUid === frameOfReferenceUid;
  const find = placesOn(images, same);
  const places = frames.map((frame) => {
    const source = words.sources?.[frame.frameNumber - 1];
    const uid = source ? words.instanceUids?.[source[0]] : undefined;
    return find(frame, uid === undefined ? null : (uids.get(`${uid} ${source?.[1] ?? 1}`) ?? null));
  });
  return { target, places, placed: places.filter((place) => place !== null).length, named: known };
};

/**
 * The series that a segmentation was drawn on: the one whose images it names; where none of those is here, one of the same
 * frame of reference on whose images all of its frames lie. Null where there is none, or there are several.
 */
const seriesUnder = (written: Written, candidates: readonly SeriesPlan[], seriesUids: ReadonlyMap<string, string>) => {
  const all = candidates.map((target) => onSeries(written, target)).filter(({ placed }) => placed > 0);
  const { words, frameOfReferenceUid, frames } = written;
  const isNamed = ({ target, named }: OnSeries): boolean =>
    named > 0 || words.referencedSeriesUids.includes(seriesUids.get(target.images.seriesId) ?? '');
  const named = all.filter(isNamed).sort((a, b) => b.placed - a.placed || b.named - a.named);
  const [first, ...others] = named;
  if (first) {
    const equal = others.filter(({ placed, named: n }) => placed === first.placed && n === first.named);
    // The same images with other content lie at the same places: those that came first are meant. Other series are a riddle.
    const uidOf = ({ target }: OnSeries): string => seriesUids.get(target.images.seriesId) ?? '';
    return equal.every((one) => uidOf(one) === uidOf(first)) ? first : null;
  }
  const whole = all.filter(
    ({ target, placed }) =>
      placed === frames.length &&
      // A segmentation that names images names others than these: only a common frame of reference speaks for these.
      ((words.instanceUids?.length ?? 0) + words.referencedSeriesUids.length === 0 ||
        (frameOfReferenceUid !== null && target.images.frameOfReferenceUid === frameOfReferenceUid)),
  );
  return whole.length === 1 ? (whole[0] ?? null) : null;
};

/** What a series of DICOM SEG marks, and on which series: one entry a file. Files whose images are not here are not in it. */
export const segmentsOn = async (
  pixels: Pixels,
  plan: SeriesPlan,
  candidates: readonly SeriesPlan[],
  seriesUids: ReadonlyMap<string, string>,
  title: string,
  signal: AbortSignal,
): Promise<{ target: SeriesPlan; marks: Marks[] }[]> => {
  const found = writtenIn(plan).flatMap((written) => {
    const under = seriesUnder(written, candidates, seriesUids);
    return under ? [{ written, under }] : [];
  });
  if (found.length === 0) return [];
  const decoded = await pixels.decoded(plan, signal);
  const file = await open(decoded.path, 'r');
  try {
    const made: { target: SeriesPlan; marks: Marks[] }[] = [];
    for (const { written, under } of found) {
      const { words, frames } = written;
      const read = (frame: Frame) => async (): Promise<ArrayLike<number>> => {
        const bytes = Buffer.alloc(frame.byteLength);
        await file.read(bytes, 0, frame.byteLength, frame.byteOffset);
        return samplesOf(bytes, frame.format);
      };
      const placed = frames.flatMap((frame, n): PlacedSegmentFrame[] => {
        const place = under.places[n];
        const segment = words.type === 'LABELMAP' ? 0 : (words.ofFrames[frame.frameNumber - 1] ?? 0);
        return place ? [{ segment, place, columns: frame.columns, rows: frame.rows, read: read(frame) }] : [];
      });
      const lost = frames.length - placed.length;
      const missing = lost === 0 ? '' : ` (${lost} of ${frames.length} frames lie on no image here)`;
      made.push({
        target: under.target,
        marks: await segmentMarks(under.target.images, words, placed, `${title}${missing}`),
      });
    }
    return made;
  } finally {
    await file.close();
    decoded.release();
  }
};
