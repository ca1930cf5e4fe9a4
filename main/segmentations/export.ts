import { sliceGapMm } from '../../models/kit/geometry.ts';
import { measureSlice } from '../../models/kit/labels/measure.ts';
import { Fault, type Overlay, type OverlayLabel, type SeriesImages } from '../../preload/contract/index.ts';
import { type SegmentationSource, segmentationFile, uidOf, type WrittenSegment } from '../dicom/write/index.ts';
import type { Settings, Studies } from '../domains.ts';
import type { Labels } from './labels.ts';
import { niftiLabels } from './nifti.ts';

export const FORMS = {
  binary: { type: 'BINARY', name: 'segmentation.dcm', media: 'application/dicom' },
  fractional: { type: 'FRACTIONAL', name: 'segmentation.dcm', media: 'application/dicom' },
  labelmap: { type: 'LABELMAP', name: 'segmentation.dcm', media: 'application/dicom' },
  nifti: { type: null, name: 'segmentation.nii.gz', media: 'application/gzip' },
} as const;
export type Form = keyof typeof FORMS;

type LabelMap = Extract<Overlay, { kind: 'labelmap' }>;

/** One label map and its labels by slice. */
interface Part {
  readonly overlay: LabelMap;
  readonly slices: readonly Uint8Array[];
  /** Labels of each slice. */
  readonly present: readonly ReadonlySet<number>[];
}

interface Segment {
  readonly part: Part;
  readonly label: OverlayLabel;
}

const SERIES_NUMBER = 9001;

const algorithmOf = (overlay: LabelMap): Pick<WrittenSegment, 'algorithm' | 'algorithmName'> => {
  if (overlay.maker.kind === 'model')
    return { algorithm: 'AUTOMATIC', algorithmName: `${overlay.maker.package} ${overlay.maker.version}` };
  if (overlay.maker.kind === 'reader' && overlay.edited?.source === null)
    return { algorithm: 'MANUAL', algorithmName: '' };
  return { algorithm: 'SEMIAUTOMATIC', algorithmName: 'Sightline' };
};

export const createExport = (
  studies: Pick<Studies, 'study' | 'seriesOf' | 'images' | 'classes' | 'overlays' | 'overlayBytes'>,
  settings: Pick<Settings, 'handlers' | 'reader'>,
  labels: Labels,
) => {
  const partOf = async (overlay: LabelMap): Promise<Part> => {
    const [columns, rows, count] = overlay.dims;
    const size = columns * rows;
    let slices: Uint8Array[];
    if (overlay.edited)
      slices = await labels.withLabels(overlay.id, async (open) => {
        const all: Uint8Array[] = [];
        for (let k = 0; k < count; k++) all.push(await open.slice(k));
        return all;
      });
    else {
      const bytes = await studies.overlayBytes(overlay.id);
      slices = Array.from({ length: count }, (_, k) => bytes.subarray(k * size, (k + 1) * size));
    }
    return { overlay, slices, present: slices.map((slice) => new Set(measureSlice(slice, columns).keys())) };
  };

  const fits = (images: SeriesImages, overlay: LabelMap): boolean => {
    const [columns, rows, count] = overlay.dims;
    return (
      images.frames.length === count && images.frames.every((frame) => frame.columns === columns && frame.rows === rows)
    );
  };

  const sourceOf = (images: SeriesImages): SegmentationSource => {
    const series = studies.seriesOf(images.seriesId);
    const { study } = studies.study(series.studyId);
    const classes = studies.classes(images.seriesId);
    const [first] = images.frames;
    if (!first) throw new Fault('refused', 'There is no image in this series.', { seriesId: images.seriesId });
    const several = new Set(images.frames.filter(({ frameNumber }) => frameNumber > 1).map((one) => one.instanceUid));
    const { volume } = images;
    return {
      study,
      series: { uid: series.uid, bodyPart: series.bodyPart },
      frameOfReferenceUid: images.frameOfReferenceUid,
      rows: first.rows,
      columns: first.columns,
      sliceMm: volume.kind === 'volume' ? sliceGapMm(volume.affineVoxelToPatient) : null,
      frames: images.frames.map((frame) => ({
        sopClassUid: classes.get(frame.instanceUid) ?? '',
        sopInstanceUid: frame.instanceUid,
        frameNumber: several.has(frame.instanceUid) ? frame.frameNumber : null,
        positionMm: frame.positionMm,
        rowDirection: frame.rowDirection,
        columnDirection: frame.columnDirection,
        spacingMm: frame.calibration.kind === 'known' ? frame.calibration.spacingMm : null,
      })),
    };
  };

  /** Whether two segments of different parts share a voxel: those of one part cannot. */
  const overlap = (parts: readonly Part[]): boolean => {
    const [first, ...others] = parts;
    if (!first || others.length === 0) return false;
    return first.slices.some((slice, k) => {
      const taken = slice.slice();
      return others.some(({ slices }) =>
        slices[k]?.some((label, at) => {
          if (label === 0) return false;
          if (taken[at] !== 0) return true;
          taken[at] = label;
          return false;
        }),
      );
    });
  };

  const dicom = async (overlay: LabelMap, images: SeriesImages, form: Exclude<Form, 'nifti'>): Promise<Uint8Array> => {
    const { type } = FORMS[form];
    const family = studies
      .overlays(studies.seriesOf(overlay.seriesId).studyId)
      .filter(
        (one): one is LabelMap =>
          one.kind === 'labelmap' &&
          one.seriesId === overlay.seriesId &&
          (one.id === overlay.id || (overlay.family !== undefined && one.family === overlay.family)),
      );
    const parts: Part[] = [];
    for (const one of family) parts.push(await partOf(one));
    const overlapping = overlap(parts);
    if (type === 'LABELMAP' && overlapping)
      throw new Fault(
        'refused',
        'Segments overlap, and a label map holds one a voxel: save it as a binary segmentation.',
      );
    const segments: Segment[] = parts.flatMap((part) => part.overlay.labels.map((label) => ({ part, label })));
    if (segments.length === 0) throw new Fault('refused', 'There is no segment to write.');
    const numberOf = (segment: Segment, n: number): number =>
      type === 'LABELMAP' && parts.length === 1 ? segment.label.value : n + 1;
    const numbered = new Map(segments.map((segment, n) => [numberOf(segment, n), segment]));
    if (type === 'LABELMAP' && numbered.size > 255)
      throw new Fault('refused', 'A label map holds at most 255 segments: save it as a binary segmentation.');
    const source = sourceOf(images);
    const size = source.rows * source.columns;
    const signal = new AbortController().signal;
    const { version } = await settings.handlers.settings.workstation({}, { signal });
    const state = family.map((one) => `${one.id}@${one.edited?.current ?? one.createdAt}`).join(' ');
    const masked = ({ part, label }: Segment, k: number): Uint8Array | null => {
      const slice = part.slices[k];
      if (slice === undefined || part.present[k]?.has(label.value) !== true) return null;
      const marked = type === 'FRACTIONAL' ? 255 : 1;
      const mask = new Uint8Array(size);
      for (let at = 0; at < size; at++) if (slice[at] === label.value) mask[at] = marked;
      return mask;
    };
    const { bytes } = await segmentationFile({
      type,
      source,
      segments: [...numbered].map(([number, { part, label }]) => ({
        number,
        label: label.name,
        category: label.category ?? null,
        type: label.code,
        color: label.color,
        ...algorithmOf(part.overlay),
        tracking: label.tracking ?? { id: label.name, uid: uidOf(`segment/${part.overlay.id}/${label.value}`) },
      })),
      plane: (number, k) => {
        if (number !== 0) {
          const segment = numbered.get(number);
          return segment ? masked(segment, k) : null;
        }
        const plane = new Uint8Array(size);
        for (const [value, { part, label }] of numbered) {
          const slice = part.present[k]?.has(label.value) ? part.slices[k] : undefined;
          if (slice !== undefined) for (let at = 0; at < size; at++) if (slice[at] === label.value) plane[at] = value;
        }
        return plane;
      },
      everyFrame: false,
      overlap: overlapping ? 'YES' : 'NO',
      about: {
        // The same state of the same segmentation is the same instance, however often it is written.
        key: `segmentation/${state}`,
        seriesNumber: SERIES_NUMBER,
        description: overlay.title,
        creator: settings.reader().name,
        at: new Date(overlay.createdAt),
        version: version,
      },
    });
    return bytes;
  };

  /** The bytes of a file that holds the segmentation. Throws Fault where the form cannot hold it. */
  return async (overlay: LabelMap, form: Form): Promise<Uint8Array> => {
    const images = await studies.images(overlay.seriesId);
    if (!fits(images, overlay))
      throw new Fault('refused', 'The series has changed since: these labels no longer fit its images.');
    if (form !== 'nifti') return dicom(overlay, images, form);
    const { volume } = images;
    if (volume.kind === 'none')
      throw new Fault('refused', `NIfTI holds volumes, and this series is none: ${volume.reason}.`);
    return niftiLabels(overlay.dims, volume.affineVoxelToPatient, (await partOf(overlay)).slices);
  };
};
