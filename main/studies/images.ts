import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, type SeriesImages } from '../../preload/contract/index.ts';
import { assembleSeries, type FrameSource, type ImageWords, type SeriesInstance } from '../dicom/index.ts';
import type { Base } from '../domains.ts';
import type { Writer } from '../store/index.ts';
import { recount } from './commit.ts';
import type { FileToDecode, Form } from './decode-messages.ts';
import type { InstanceRow, SeriesRow } from './rows.ts';

/** Raised when the same files would be decoded to other pixels than before: caches of older versions are left behind. */
const DECODER_VERSION = 2;

export interface SeriesPlan {
  readonly images: SeriesImages;
  readonly instances: readonly InstanceRow[];
  readonly sources: readonly FrameSource[];
  readonly form: Form;
  /** The series whose instances these are: itself, or the one it is a part of. */
  readonly baseId: string;
}

export interface Images {
  /** From the database alone. Throws Fault where the series has no image that can be shown. */
  plan(seriesId: string): SeriesPlan;
  /** The plan's tag of pixels, without making the plan. */
  tagOf(seriesId: string): string;
  /** Looks whether the files are still there and unchanged; tells the database. True where all are. */
  verify(plan: SeriesPlan): Promise<boolean>;
  pathOf(instance: InstanceRow): string;
  fileOf(plan: SeriesPlan, frameIndexes: readonly number[]): FileToDecode[];
  /** An image that turned out to be unreadable is no longer part of its series. */
  refuse(plan: SeriesPlan, frameIndex: number, reason: string): void;
}

export const seriesInstance = (row: InstanceRow): SeriesInstance => ({
  instanceUid: row.sop_instance_uid,
  instanceNumber: row.number,
  words: JSON.parse(row.image ?? 'null') as ImageWords,
});

/** With the instances that its frames lie in, and no others: those of other parts may be missing. */
const planOf = (
  series: SeriesRow,
  instances: readonly InstanceRow[],
  { sources, ...assembled }: ReturnType<typeof assembleSeries>,
  pixelTag: string,
): SeriesPlan => {
  const used = [...new Set(sources.map(({ instance }) => instance))].sort((a, b) => a - b);
  const places = new Map(used.map((instance, n) => [instance, n]));
  return {
    images: { seriesId: series.id, pixelTag, ...assembled },
    instances: used.flatMap((instance) => instances[instance] ?? []),
    sources: sources.map((source) => ({ ...source, instance: places.get(source.instance) ?? 0 })),
    form: series.form,
    baseId: series.base_id ?? series.id,
  };
};

/** Which files a series is made of, and where they lie. */
interface State {
  /** Of the database when it was read. */
  readonly asOf: number;
  readonly series: SeriesRow;
  readonly pixelTag: string;
  readonly places: string;
}
const MOST_STATES = 4096;

/** `resplit`: an image has left the series, and so one of its parts. */
export const createImages = (
  base: Base,
  changed: (studyId: string) => void,
  resplit: (writer: Writer, baseId: string) => void,
): Images => {
  const { store, outside } = base;
  const filesFolder = join(outside.storeFolder, 'files');
  const plans = new Map<string, { plan: SeriesPlan; state: State }>();
  const states = new Map<string, State>();
  /** Another number where anything was committed since. */
  const version = (): number =>
    store.read.get<{ data_version: number }>('PRAGMA data_version')?.data_version ?? Number.NaN;
  const pathOf = (instance: InstanceRow): string =>
    instance.copied ? join(filesFolder, instance.path) : instance.path;

  /** Reads no words of images, which are most of what the rows hold. */
  const stateOf = (seriesId: string): State => {
    const asOf = version();
    const present = states.get(seriesId);
    if (present?.asOf === asOf) return present;
    const series = store.read.get<SeriesRow>('SELECT * FROM series WHERE id = ?', seriesId);
    if (!series) throw new Fault('not-found', 'There is no such series.', { seriesId });
    const files = store.read.all<Omit<InstanceRow, 'image'>>(
      `SELECT sop_instance_uid, bytes, modified_ms, fingerprint, path FROM instances
        WHERE series_id = ? AND image IS NOT NULL AND refused IS NULL ORDER BY id`,
      series.base_id ?? seriesId,
    );
    if (files.length === 0)
      throw new Fault('refused', series.refused ?? 'There is no image in this series.', { seriesId });
    const tag = createHash('sha256').update(`${DECODER_VERSION}\n${series.part}\n`);
    const places = createHash('sha256');
    for (const i of files) {
      tag.update(`${i.sop_instance_uid} ${i.bytes} ${i.modified_ms} ${i.fingerprint}\n`);
      places.update(`${i.path}\n`);
    }
    const state = {
      asOf,
      series,
      pixelTag: tag.digest('base64url').slice(0, 22),
      places: places.digest('base64url'),
    };
    states.delete(seriesId);
    states.set(seriesId, state);
    if (states.size > MOST_STATES) states.delete(states.keys().next().value ?? '');
    return state;
  };

  const plan = (seriesId: string): SeriesPlan => {
    const state = stateOf(seriesId);
    const { series, pixelTag } = state;
    const present = plans.get(seriesId);
    // A file found again elsewhere is the same file, but lies elsewhere.
    if (present?.state.pixelTag === pixelTag && present.state.places === state.places) return present.plan;
    const instances = store.read.all<InstanceRow>(
      'SELECT * FROM instances WHERE series_id = ? AND image IS NOT NULL AND refused IS NULL ORDER BY id',
      series.base_id ?? seriesId,
    );
    const assembled = assembleSeries(instances.map(seriesInstance), series.part);
    if (assembled.frames.length === 0)
      throw new Fault('refused', 'This part of the series has no image any more.', { seriesId });
    const made = planOf(series, instances, assembled, pixelTag);
    plans.set(seriesId, { plan: made, state });
    if (plans.size > 64) plans.delete(plans.keys().next().value ?? '');
    return made;
  };

  return {
    plan,
    tagOf: (seriesId) => stateOf(seriesId).pixelTag,
    pathOf,
    verify: async (plan) => {
      const states = await Promise.all(
        plan.instances.map(async (instance) => {
          try {
            const found = await stat(pathOf(instance));
            return found.size === instance.bytes && found.mtimeMs === instance.modified_ms;
          } catch {
            return false;
          }
        }),
      );
      const flagged = new Map(
        store.read
          .all<{ id: number; missing: number }>('SELECT id, missing FROM instances WHERE series_id = ?', plan.baseId)
          .map((row) => [row.id, row.missing]),
      );
      const wrong = plan.instances.filter((instance, i) => flagged.get(instance.id) !== (states[i] ? 0 : 1));
      if (wrong.length > 0) {
        const studyIds = store.transaction((writer) => {
          plan.instances.forEach((instance, i) => {
            writer.run('UPDATE instances SET missing = ? WHERE id = ?', states[i] ? 0 : 1, instance.id);
          });
          return recount(writer, [plan.images.seriesId]);
        });
        for (const studyId of studyIds) changed(studyId);
      }
      return states.every(Boolean);
    },
    fileOf: (plan, frameIndexes) => {
      const files = new Map<number, FileToDecode & { frames: FileToDecode['frames'][number][] }>();
      for (const index of frameIndexes) {
        const frame = plan.images.frames[index];
        const source = plan.sources[index];
        const instance = source ? plan.instances[source.instance] : undefined;
        if (!frame || !source || !instance) continue;
        let file = files.get(source.instance);
        if (!file) {
          file = {
            path: pathOf(instance),
            form: plan.form,
            bytes: instance.bytes,
            modifiedMs: instance.modified_ms,
            frames: [],
          };
          files.set(source.instance, file);
        }
        const { rows, columns, format, byteLength, byteOffset, padding = null } = frame;
        const { frame: inFile, rescale } = source;
        file.frames.push({
          index,
          frame: inFile,
          offset: byteOffset,
          byteLength,
          rows,
          columns,
          format,
          rescale,
          padding,
        });
      }
      return [...files.values()];
    },
    refuse: (plan, frameIndex, reason) => {
      const source = plan.sources[frameIndex];
      const instance = source ? plan.instances[source.instance] : undefined;
      if (!instance) return;
      const studyIds = store.transaction((writer) => {
        writer.run('UPDATE instances SET refused = ? WHERE id = ?', reason, instance.id);
        const studies = recount(writer, [plan.baseId]);
        resplit(writer, plan.baseId);
        return studies;
      });
      for (const studyId of studyIds) changed(studyId);
    },
  };
};
