/** What measuring needs beyond the images' words: read again from the files, in the process that reads untrusted bytes. */
import { Fault, type MeasuringScales, type UltrasoundRegions } from '../../preload/contract/index.ts';
import { openSource, type PetWords, parseHead, petWords, suvScale, ultrasoundRegions } from '../dicom/index.ts';
import type { Base } from '../domains.ts';
import { askApart } from './ask-apart.ts';
import type { Images, SeriesPlan } from './images.ts';
import { getSeries } from './query.ts';

export interface MeasuringRequest {
  readonly kind: 'measuring';
  readonly id: number;
  readonly paths: readonly string[];
}
interface FileScales {
  readonly ultrasound: UltrasoundRegions | null;
  readonly pet: PetWords;
}
export interface MeasuringAnswer {
  readonly kind: 'measuring';
  readonly id: number;
  /** JSON of FileScales by file; null where one could not be read. */
  readonly files: string | null;
}

const LIMIT_MS = 60_000;

/** Runs in the ingest process. */
export const readMeasuring = ({ id, paths }: MeasuringRequest): MeasuringAnswer => {
  try {
    const files = paths.map((path): FileScales => {
      const source = openSource(path);
      try {
        const { dataSet } = parseHead(source).parsed;
        return { ultrasound: ultrasoundRegions(dataSet), pet: petWords(dataSet) };
      } finally {
        source.close();
      }
    });
    return { kind: 'measuring', id, files: JSON.stringify(files) };
  } catch {
    return { kind: 'measuring', id, files: null };
  }
};

const UNREAD = 'The headers of the series could not be read again: what its pixels mean is not certain.';

/** Whether an image's calibration was taken from ultrasound regions, which hold for a part of it only. */
const isUltrasound = (plan: SeriesPlan): boolean =>
  plan.images.frames.some(({ calibration }) =>
    /ultrasound/i.test(calibration.kind === 'known' ? calibration.source : calibration.reason),
  );

export const createMeasuring = ({ store, outside }: Base, images: Images) => {
  const known = new Map<string, { readonly key: string; readonly scales: Promise<MeasuringScales> }>();

  const ask = async (paths: readonly string[]): Promise<FileScales[] | null> => {
    const request: MeasuringRequest = { kind: 'measuring', id: 0, paths };
    const { answers } = await askApart<MeasuringAnswer>(outside, [request], { heapMb: 512, limitMs: LIMIT_MS });
    const files = answers.get(0)?.files;
    return files ? (JSON.parse(files) as FileScales[]) : null;
  };

  const read = async (seriesId: string, plan: SeriesPlan): Promise<MeasuringScales> => {
    const none: MeasuringScales = { seriesId, ultrasound: {}, suv: null, trouble: '' };
    const pet = getSeries(store.read, seriesId).modality === 'PT';
    if (plan.form !== 'dicom' || !(pet || isUltrasound(plan))) return none;
    const files = await ask(plan.instances.map((instance) => images.pathOf(instance)));
    if (!files || files.length !== plan.instances.length) return { ...none, trouble: UNREAD };
    const ultrasound = Object.fromEntries(
      plan.instances.flatMap((instance, n) => {
        const regions = files[n]?.ultrasound;
        return regions ? [[instance.sop_instance_uid, regions] as const] : [];
      }),
    );
    return { ...none, ultrasound, suv: pet ? suvScale(files.map((file) => file.pet)) : null };
  };

  return {
    scales: (seriesId: string): Promise<MeasuringScales> => {
      const plan = images.plan(seriesId);
      const key = plan.images.pixelTag;
      const held = known.get(seriesId);
      if (held?.key === key) return held.scales;
      const scales = read(seriesId, plan);
      known.set(seriesId, { key, scales });
      if (known.size > 64) known.delete(known.keys().next().value ?? '');
      // What failed is tried again when it is asked for again.
      void scales.then(
        ({ trouble }) => trouble !== '' && known.delete(seriesId),
        () => known.delete(seriesId),
      );
      return scales;
    },
    /** SOP Class UIDs by SOP Instance UID; faults where the images are no DICOM. */
    classes: (seriesId: string): ReadonlyMap<string, string> => {
      if (images.plan(seriesId).form !== 'dicom')
        throw new Fault('refused', 'The images of this series were not read from DICOM.', { seriesId });
      const rows = store.read.all<{ sop_instance_uid: string; sop_class_uid: string }>(
        `SELECT sop_instance_uid, sop_class_uid FROM instances
          WHERE series_id = (SELECT coalesce(base_id, id) FROM series WHERE id = ?)`,
        seriesId,
      );
      return new Map(rows.map((row) => [row.sop_instance_uid, row.sop_class_uid]));
    },
  };
};
