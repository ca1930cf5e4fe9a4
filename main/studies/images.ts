import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, type SeriesImages } from '../../preload/contract/index.ts';
import { assembleSeries, type FrameSource, type ImageWords } from '../dicom/index.ts';
import type { Base } from '../domains.ts';
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
}

export interface Images {
  /** From the database alone. Throws Fault where the series has no image that can be shown. */
  plan(seriesId: string): SeriesPlan;
  /** Looks whether the files are still there and unchanged; tells the database. True where all are. */
  verify(plan: SeriesPlan): Promise<boolean>;
  pathOf(instance: InstanceRow): string;
  fileOf(plan: SeriesPlan, frameIndexes: readonly number[]): FileToDecode[];
  /** An image that turned out to be unreadable is no longer part of its series. */
  refuse(plan: SeriesPlan, frameIndex: number, reason: string): void;
}

export const createImages = (base: Base, changed: (studyId: string) => void): Images => {
  const { store, outside } = base;
  const filesFolder = join(outside.storeFolder, 'files');
  const plans = new Map<string, { plan: SeriesPlan; places: string }>();
  const pathOf = (instance: InstanceRow): string =>
    instance.copied ? join(filesFolder, instance.path) : instance.path;

  const plan = (seriesId: string): SeriesPlan => {
    const series = store.read.get<SeriesRow>('SELECT * FROM series WHERE id = ?', seriesId);
    if (!series) throw new Fault('not-found', 'There is no such series.', { seriesId });
    const instances = store.read.all<InstanceRow>(
      'SELECT * FROM instances WHERE series_id = ? AND image IS NOT NULL AND refused IS NULL ORDER BY id',
      seriesId,
    );
    if (instances.length === 0)
      throw new Fault('refused', series.refused ?? 'There is no image in this series.', { seriesId });
    const tag = createHash('sha256').update(`${DECODER_VERSION}\n`);
    for (const i of instances) tag.update(`${i.sop_instance_uid} ${i.bytes} ${i.modified_ms} ${i.fingerprint}\n`);
    const pixelTag = tag.digest('base64url').slice(0, 22);
    // A file found again elsewhere is the same file, but lies elsewhere.
    const places = instances.map((instance) => instance.path).join('\n');
    const known = plans.get(seriesId);
    if (known?.plan.images.pixelTag === pixelTag && known.places === places) return known.plan;
    const { sources, ...assembled } = assembleSeries(
      instances.map((instance) => ({
        instanceUid: instance.sop_instance_uid,
        instanceNumber: instance.number,
        words: JSON.parse(instance.image ?? 'null') as ImageWords,
      })),
    );
    const made = { images: { seriesId, pixelTag, ...assembled }, instances, sources, form: series.form };
    plans.set(seriesId, { plan: made, places });
    if (plans.size > 64) plans.delete(plans.keys().next().value ?? '');
    return made;
  };

  return {
    plan,
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
          .all<{ id: number; missing: number }>(
            'SELECT id, missing FROM instances WHERE series_id = ?',
            plan.images.seriesId,
          )
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
        return recount(writer, [plan.images.seriesId]);
      });
      plans.delete(plan.images.seriesId);
      for (const studyId of studyIds) changed(studyId);
    },
  };
};
