/** Measurements of a study as they stand in a DICOM SR: concepts and units of PS3.16, values computed anew from the pixels. */
import { createHash } from 'node:crypto';
import type { Point } from '../../models/kit/measure/flat.ts';
import { frameOfPlace, gridOf, voxelOf } from '../../models/kit/measure/grid.ts';
import type { MeasuredValue } from '../../models/kit/measure/terms.ts';
import { measured } from '../../models/kit/measure/values.ts';
import {
  type Code,
  type DrawnMeasurement,
  Fault,
  type MeasuringScales,
  type SeriesImages,
  type SeriesSummary,
} from '../../preload/contract/index.ts';
import {
  type Coordinates,
  type ImageReference,
  type MeasurementGroup,
  measurementReportFile,
  type WrittenValue,
} from '../dicom/write/index.ts';
import type { Settings, Studies } from '../domains.ts';
import { AREA, DERIVATIONS, LENGTH, own, procedureOf, quantityOf, SITES, sct, unitOf, WIDTH } from './codes.ts';
import { openFrames } from './frames.ts';

export interface LeftOut {
  readonly measurementId: string;
  readonly reason: string;
}

/** Where a measurement can be named: on an image, or in a frame of reference. Words where it can be named in neither. */
type Namer = (graphic: 'POINT' | 'POLYLINE' | 'ELLIPSE' | 'CLOSED', indices: readonly number[]) => Coordinates;

const namerOf = (
  { place }: DrawnMeasurement,
  images: SeriesImages,
  reference: (frameIndex: number) => ImageReference | null,
): Namer | string => {
  const onImage = (frameIndex: number, points: readonly Point[]): Namer | string => {
    const image = reference(frameIndex);
    if (!image) return 'Its image has no name in DICOM.';
    return (graphic, indices) => {
      const chosen = indices.map((index) => points[index]).filter((point) => point !== undefined);
      const closed = graphic === 'CLOSED' && chosen[0] ? [...chosen, chosen[0]] : chosen;
      return { kind: 'image', graphic: graphic === 'CLOSED' ? 'POLYLINE' : graphic, points: closed, image };
    };
  };
  if (place.kind === 'image') {
    const frame = frameOfPlace(images, place);
    return frame ? onImage(frame.index, place.points) : 'Its image is no longer in the series.';
  }
  const uid = images.frameOfReferenceUid;
  if (uid !== null)
    return (graphic, indices) => {
      const chosen = indices.map((index) => place.points[index]).filter((point) => point !== undefined);
      const closed = graphic === 'CLOSED' && chosen[0] ? [...chosen, chosen[0]] : chosen;
      const name = graphic === 'CLOSED' ? 'POLYGON' : graphic;
      return { kind: 'patient', graphic: name, points: closed, frameOfReferenceUid: uid };
    };
  // Without a frame of reference a place in the volume has no name; one that lies on an image still has that.
  const voxels = place.points.map((point) => voxelOf(images, point));
  const index = Math.floor(voxels[0]?.[2] ?? -1);
  const onOne = voxels.every((voxel) => voxel !== null && Math.abs(voxel[2] - index - 0.5) < 0.02);
  if (onOne) {
    const points = voxels.flatMap((voxel) => (voxel ? [[voxel[0], voxel[1]] as const] : []));
    return onImage(index, points);
  }
  return 'Its series has no frame of reference: a place across its images cannot be named.';
};

/** Between two points as they are named: pixels or millimetres. */
const apart = (name: Namer, p: number, q: number): number => {
  const [a, b] = name('POLYLINE', [p, q]).points;
  return Math.hypot(...[0, 1, 2].map((n) => (a?.[n] ?? 0) - (b?.[n] ?? 0)));
};

const valuesOf = (
  { kind }: DrawnMeasurement,
  found: readonly MeasuredValue[],
  name: Namer,
  modality: string,
): WrittenValue[] => {
  const written = (
    key: MeasuredValue['key'],
    concept: Code,
    from: readonly Coordinates[] = [],
    more: Partial<Pick<WrittenValue, 'derivation' | 'site'>> = {},
  ): WrittenValue[] => {
    const value = found.find((one) => one.key === key);
    if (!value) return [];
    return [{ derivation: null, site: null, ...more, concept, value: value.value, unit: unitOf(value.unit), from }];
  };
  const line = (...indices: number[]): Coordinates => name('POLYLINE', indices);
  const quantity = (key: MeasuredValue['key']): Code =>
    quantityOf(found.find((one) => one.key === key)?.unit ?? '1', modality);
  switch (kind) {
    case 'length':
      return written('length', LENGTH, [line(0, 1)]);
    case 'bidirectional': {
      // The longer one is the long axis, whichever was drawn first.
      const [long, short] =
        apart(name, 0, 1) >= apart(name, 2, 3) ? [line(0, 1), line(2, 3)] : [line(2, 3), line(0, 1)];
      return [
        ...written('long-axis', sct('103339001', 'Long axis'), [long]),
        ...written('short-axis', sct('103340004', 'Short axis'), [short]),
      ];
    }
    case 'angle':
      return written('angle', sct('1483009', 'Angle'), [line(0, 1, 2)]);
    case 'cobb':
      return written('cobb', sct('285285000', 'Cobb angle'), [line(0, 1), line(2, 3)]);
    case 'cardiothoracic':
      return [
        ...written('ratio', own('ctr', 'Cardiothoracic ratio'), [line(0, 1), line(2, 3)]),
        ...written('heart', WIDTH, [line(0, 1)], { site: SITES.heart }),
        ...written('thorax', WIDTH, [line(2, 3)], { site: SITES.thorax }),
      ];
    case 'probe':
      return written('value', quantity('value'), [name('POINT', [0])]);
    case 'ellipse':
    case 'rectangle':
    case 'freehand':
      return [
        ...written('area', AREA),
        ...(['mean', 'deviation', 'minimum', 'maximum'] as const).flatMap((key) =>
          written(key, quantity(key), [], { derivation: DERIVATIONS[key] }),
        ),
        ...written('voxels', own('voxels', 'Number of voxels')),
      ];
    case 'arrow':
    case 'text':
      return [];
  }
};

/** The region of a plane; null for kinds that have none. The longer axis of an ellipse comes first. PS3.3 C.18.6.1.2 */
const regionOf = ({ kind, place }: DrawnMeasurement, name: Namer): Coordinates | null => {
  if (kind === 'rectangle' || kind === 'freehand')
    return name(
      'CLOSED',
      place.points.map((_, index) => index),
    );
  if (kind !== 'ellipse') return null;
  return name('ELLIPSE', apart(name, 0, 1) >= apart(name, 2, 3) ? [0, 1, 2, 3] : [2, 3, 0, 1]);
};

interface Series {
  readonly summary: SeriesSummary;
  readonly images: SeriesImages;
  readonly scales: MeasuringScales;
  readonly classes: ReadonlyMap<string, string>;
}

export interface ReportParts {
  readonly studies: Pick<Studies, 'study' | 'seriesOf' | 'images' | 'scales' | 'classes' | 'decoded'>;
  readonly settings: Pick<Settings, 'reader' | 'handlers'>;
}

const NEEDS_PIXELS = new Set<DrawnMeasurement['kind']>(['ellipse', 'rectangle', 'freehand', 'probe']);

/** What a report of these measurements would hold, and what not and why. */
export const assembleReport = async (
  { studies }: ReportParts,
  list: readonly DrawnMeasurement[],
  signal: AbortSignal,
): Promise<{ groups: MeasurementGroup[]; leftOut: LeftOut[]; evidence: ImageReference[]; modalities: string[] }> => {
  const groups: MeasurementGroup[] = [];
  const leftOut: LeftOut[] = [];
  const evidence: ImageReference[] = [];
  const modalities = new Set<string>();
  for (const [seriesId, ofSeries] of Map.groupBy(list, (one) => one.seriesId)) {
    const leave = (ones: readonly DrawnMeasurement[], reason: string): void => {
      for (const { id } of ones) leftOut.push({ measurementId: id, reason });
    };
    let series: Series;
    try {
      series = {
        summary: studies.seriesOf(seriesId),
        images: await studies.images(seriesId),
        scales: await studies.scales(seriesId),
        classes: studies.classes(seriesId),
      };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      leave(ofSeries, error.message);
      continue;
    }
    const { images, scales, summary } = series;
    const frames = ofSeries.some(({ kind }) => NEEDS_PIXELS.has(kind))
      ? openFrames(await studies.decoded(seriesId, signal))
      : null;
    const perInstance = Map.groupBy(images.frames, (frame) => frame.instanceUid);
    const reference = (frameIndex: number): ImageReference | null => {
      const frame = images.frames[frameIndex];
      const sopClassUid = frame && series.classes.get(frame.instanceUid);
      if (!frame || !sopClassUid) return null;
      const several = (perInstance.get(frame.instanceUid)?.length ?? 0) > 1;
      return {
        sopClassUid,
        sopInstanceUid: frame.instanceUid,
        seriesUid: summary.uid,
        frameNumber: several ? frame.frameNumber : null,
      };
    };
    try {
      for (const one of ofSeries) {
        if (one.kind === 'arrow' || one.kind === 'text') {
          leave([one], 'Arrows and texts are no measurements.');
          continue;
        }
        const name = namerOf(one, images, reference);
        if (typeof name === 'string') {
          leave([one], name);
          continue;
        }
        const found = measured(one, {
          images,
          scales,
          suv: 'bodyWeight',
          frame: (index) => frames?.read(index) ?? null,
        });
        const written = valuesOf(one, found.values, name, summary.modality);
        if (written.length === 0) {
          leave([one], found.remarks.join(' ') || 'It has no value.');
          continue;
        }
        const { place } = one;
        const resampled = place.kind === 'patient' && place.resampled !== '' ? ` (${place.resampled})` : '';
        modalities.add(summary.modality);
        groups.push({
          trackingId: `${one.name}${resampled}`,
          trackingUid: one.trackingUid,
          region: regionOf(one, name),
          values: written,
        });
        const nearest = gridOf(images, place)?.frame.index;
        const image = nearest === undefined ? null : reference(nearest);
        if (image) evidence.push(image);
      }
    } finally {
      frames?.close();
    }
  }
  return { groups, leftOut, evidence, modalities: [...modalities] };
};

/** The file. Faults 'refused' where there is nothing that could stand in it. The same measurements give the same file. */
export const writeReport = async (
  parts: ReportParts,
  studyId: string,
  list: readonly DrawnMeasurement[],
  signal: AbortSignal,
): Promise<{ bytes: Uint8Array; sopInstanceUid: string }> => {
  const { study } = parts.studies.study(studyId);
  const { groups, leftOut, evidence, modalities } = await assembleReport(parts, list, signal);
  if (groups.length === 0)
    throw new Fault('refused', leftOut[0]?.reason ?? 'There is no measurement to write.', { studyId });
  const { name } = parts.settings.reader();
  const { version: software } = await parts.settings.handlers.settings.workstation({}, { signal });
  const edition = createHash('sha256')
    .update(JSON.stringify([groups, name, software]))
    .digest('hex');
  return measurementReportFile({
    study,
    key: `measurements/${study.uid}/${studyId}`,
    edition,
    software,
    seriesNumber: 9001,
    at: new Date(
      list
        .map((one) => one.updatedAt)
        .toSorted()
        .at(-1) ?? 0,
    ),
    observer: name,
    procedure: procedureOf(modalities),
    groups,
    evidence,
  });
};
