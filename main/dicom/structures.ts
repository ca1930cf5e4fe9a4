import type { DataSet } from './data-set.ts';
import type { CodeWords } from './image.ts';
import { codeOf } from './segmentation.ts';
import { TAG } from './tags.ts';

export interface Contour {
  /** Corners in the patient, mm: x0, y0, z0, x1, ... */
  readonly points: readonly number[];
  /** The image that it was drawn on; '' where it names none, or several. */
  readonly instanceUid: string;
}

export interface Structure {
  readonly number: number;
  readonly name: string;
  /** 0 to 255. */
  readonly color: readonly [number, number, number] | null;
  readonly code: CodeWords | null;
  /** Closed ones only: they hold an area. */
  readonly contours: readonly Contour[];
  /** Points and open lines, which hold none. */
  readonly lines: number;
}

/** What an RT Structure Set says. PS3.3 C.8.8.5, C.8.8.6 */
export interface StructureWords {
  readonly label: string;
  readonly frameOfReferenceUids: readonly string[];
  readonly referencedSeriesUids: readonly string[];
  readonly structures: readonly Structure[];
}

const MOST_NUMBERS = 12_000_000;

const CLOSED = new Set(['CLOSED_PLANAR', 'CLOSEDPLANAR_XOR']);

const seriesUidsOf = (frame: DataSet): string[] =>
  frame
    .items(TAG.RTReferencedStudySequence)
    .flatMap((study) => study.items(TAG.RTReferencedSeriesSequence))
    .map((series) => series.code(TAG.SeriesInstanceUID))
    .filter((uid) => uid !== '');

/** Throws RangeError where the contours hold more corners than anyone draws. */
export const structureWords = (dataSet: DataSet): StructureWords => {
  let numbers = 0;
  const contourOf = (item: DataSet): Contour | null => {
    const points = item.decimals(TAG.ContourData);
    numbers += points.length;
    if (numbers > MOST_NUMBERS) throw new RangeError('the contours hold too many corners');
    if (points.length < 9 || points.length % 3 !== 0 || !points.every(Number.isFinite)) return null;
    const images = item.items(TAG.ContourImageSequence);
    const uid = images.length === 1 ? images[0]?.code(TAG.ReferencedSOPInstanceUID) : '';
    return { points, instanceUid: uid ?? '' };
  };
  const drawn = new Map<number, DataSet>();
  for (const item of dataSet.items(TAG.ROIContourSequence)) {
    const number = item.decimal(TAG.ReferencedROINumber);
    if (number !== undefined) drawn.set(number, item);
  }
  const observed = new Map<number, DataSet>();
  for (const item of dataSet.items(TAG.RTROIObservationsSequence)) {
    const number = item.decimal(TAG.ReferencedROINumber);
    if (number !== undefined) observed.set(number, item);
  }
  const frames = dataSet.items(TAG.ReferencedFrameOfReferenceSequence);
  const rois = dataSet.items(TAG.StructureSetROISequence);
  return {
    label: dataSet.text(TAG.StructureSetLabel),
    frameOfReferenceUids: [
      ...new Set([
        ...frames.map((frame) => frame.code(TAG.FrameOfReferenceUID)),
        ...rois.map((roi) => roi.code(TAG.ReferencedFrameOfReferenceUID)),
      ]),
    ].filter((uid) => uid !== ''),
    referencedSeriesUids: [...new Set(frames.flatMap(seriesUidsOf))],
    structures: rois.map((roi, n): Structure => {
      const number = roi.decimal(TAG.ROINumber) ?? n + 1;
      const item = drawn.get(number);
      const items = item?.items(TAG.ContourSequence) ?? [];
      const closed = items.filter((one) => CLOSED.has(one.code(TAG.ContourGeometricType).toUpperCase()));
      const [r, g, b] = item?.decimals(TAG.ROIDisplayColor) ?? [];
      const isColor = [r, g, b].every((part) => part !== undefined && part >= 0 && part <= 255);
      return {
        number,
        name: roi.text(TAG.ROIName).slice(0, 64),
        color: isColor ? [r ?? 0, g ?? 0, b ?? 0] : null,
        code: codeOf(observed.get(number)?.item(TAG.RTROIIdentificationCodeSequence)),
        contours: closed.flatMap((one) => contourOf(one) ?? []),
        lines: items.length - closed.length,
      };
    }),
  };
};
