import { readFile } from 'node:fs/promises';
import { dirname, sep } from 'node:path';
import { type Affine, invert, type Vec3, voxelToPatient } from '../../models/kit/geometry.ts';
import { labelColor } from '../../models/kit/labels/colors.ts';
import { Fault, type SeriesImages } from '../../preload/contract/index.ts';
import type { Base } from '../domains.ts';
import { recount } from './commit.ts';
import type { Images, SeriesPlan } from './images.ts';
import { measureLabels } from './labels.ts';
import type { Overlays } from './overlays.ts';
import type { Pixels } from './pixels.ts';
import { opaque } from './places.ts';
import type { InstanceRow, SeriesRow } from './rows.ts';
import { samplesOf } from './samples.ts';
import type { Marks } from './segments.ts';
import { segmentsOn } from './segments-on.ts';
import { askStructures, structuresOn } from './structures-on.ts';

/** Marks of files: a label map or DICOM SEG becomes an overlay of the images it was drawn on. */

/** In voxels: grids that agree better than this are the same. */
const GRID_TOLERANCE = 0.02;

/** How a voxel of the target is found in the labels, where the grids are the same up to turns and mirroring; else null. */
const sameGrid = (target: SeriesImages['volume'], labels: SeriesImages['volume']): ((v: Vec3) => Vec3) | null => {
  if (target.kind !== 'volume' || labels.kind !== 'volume') return null;
  const back: Affine = invert(labels.affineVoxelToPatient);
  const to = (v: Vec3): Vec3 => voxelToPatient(back, voxelToPatient(target.affineVoxelToPatient, v));
  const [a, b, c] = target.dims;
  if (a * b * c !== labels.dims[0] * labels.dims[1] * labels.dims[2]) return null;
  for (const corner of [
    [0, 0, 0],
    [a - 1, 0, 0],
    [0, b - 1, 0],
    [0, 0, c - 1],
    [a - 1, b - 1, c - 1],
  ] as const) {
    const at = to(corner);
    if (at.some((x, n) => Math.abs(x - Math.round(x)) > GRID_TOLERANCE || x < -0.5 || x > (labels.dims[n] ?? 0) - 0.5))
      return null;
  }
  return to;
};

const labelMarks = (target: SeriesPlan, labels: SeriesPlan, bytes: Buffer, to: (v: Vec3) => Vec3): Marks | null => {
  const { volume } = target.images;
  const shape = labels.images.volume;
  const first = labels.images.frames[0];
  if (volume.kind !== 'volume' || shape.kind !== 'volume' || !first) return null;
  const samples = samplesOf(bytes, first.format);
  const [columns, rows, slices] = volume.dims;
  const [labelColumns, labelRows] = shape.dims;
  const map = new Uint8Array(columns * rows * slices);
  const seen = new Set<number>();
  // The mapping is whole steps along axes: one step each, measured at the origin.
  const index = (v: Vec3): number => {
    const [x, y, z] = to(v).map(Math.round) as [number, number, number];
    return x + labelColumns * (y + labelRows * z);
  };
  const origin = index([0, 0, 0]);
  const steps = [index([1, 0, 0]) - origin, index([0, 1, 0]) - origin, index([0, 0, 1]) - origin] as const;
  for (let z = 0, at = 0; z < slices; z++)
    for (let y = 0; y < rows; y++)
      for (let x = 0; x < columns; x++, at++) {
        const value = samples[origin + steps[0] * x + steps[1] * y + steps[2] * z] ?? 0;
        if (value === 0) continue;
        if (value < 0 || value > 255 || !Number.isInteger(value)) return null;
        map[at] = value;
        seen.add(value);
      }
  const names = [...seen]
    .sort((a, b) => a - b)
    .map((value) => ({ value, name: `Label ${value}`, code: null, color: labelColor(value) }));
  return { map, names, title: 'Label map' };
};

export const createAttachment = (base: Base, parts: { images: Images; pixels: Pixels; overlays: Overlays }) => {
  const { store, outside } = base;
  const { images, pixels, overlays } = parts;

  const folderOf = (plan: SeriesPlan): string => {
    const [instance] = plan.instances;
    return instance ? dirname(images.pathOf(instance)) : '';
  };
  const tryPlan = (seriesId: string): SeriesPlan | null => {
    try {
      return images.plan(seriesId);
    } catch {
      return null;
    }
  };

  const seriesUids = (candidates: readonly SeriesPlan[]): Map<string, string> =>
    new Map(
      candidates.flatMap(({ images: { seriesId } }) => {
        const row = store.read.get<{ uid: string }>('SELECT uid FROM series WHERE id = ?', seriesId);
        return row ? [[seriesId, row.uid] as const] : [];
      }),
    );

  /** What a series of marks marks, and on which series; empty where that is not here. */
  const marksOn = async (
    row: SeriesRow,
    plan: SeriesPlan,
    candidates: readonly SeriesPlan[],
    signal: AbortSignal,
  ): Promise<{ target: SeriesPlan; marks: Marks[] }[]> => {
    if (row.form === 'dicom') {
      const title = row.description || 'Segmentation';
      return segmentsOn(pixels, plan, candidates, seriesUids(candidates), title, signal);
    }
    const fitting = candidates.flatMap((target) => {
      const to = sameGrid(target.images.volume, plan.images.volume);
      return to ? [{ target, to }] : [];
    });
    const beside = fitting.filter(({ target }) => folderOf(target) === folderOf(plan));
    const [one] = beside.length > 0 ? beside : fitting;
    if (!one || (beside.length > 0 ? beside : fitting).length > 1) return [];
    const decoded = await pixels.decoded(plan, signal);
    const bytes = await readFile(decoded.path).finally(() => decoded.release());
    const marks = labelMarks(one.target, plan, bytes, one.to);
    if (!marks) return [];
    const [only] = marks.names;
    // One label to a file: the file's name says which.
    const names = only && marks.names.length === 1 ? [{ ...only, name: row.description }] : marks.names;
    return [{ target: one.target, marks: names.length > 0 ? [{ ...marks, names, title: row.description }] : [] }];
  };

  const attachOne = async (row: SeriesRow, seriesIds: readonly string[], signal: AbortSignal): Promise<boolean> => {
    const plan = tryPlan(row.id);
    if (!plan) return false;
    try {
      const candidates = seriesIds.flatMap((id) => (id === row.id ? [] : (tryPlan(id) ?? [])));
      const found = await marksOn(row, plan, candidates, signal);
      if (found.length > 0) await keep(row, found);
      return found.length > 0;
    } catch (error) {
      // A Fault is an outcome that the series itself says already: an image of it cannot be decoded, its file is gone.
      if (!(error instanceof Fault))
        outside.log.error('marks of a file could not be read', error, { seriesId: row.id });
      return false;
    }
  };

  const attach = async (importId: string, signal: AbortSignal): Promise<void> => {
    const touched = `SELECT DISTINCT study_id FROM import_files WHERE import_id = ? AND study_id IS NOT NULL AND outcome = 'imported'`;
    const marks = store.read.all<SeriesRow>(
      `SELECT * FROM series WHERE kind = 'segmentation' AND study_id IN (${touched})`,
      importId,
    );
    // Asked once, before any label map that stands alone becomes an image series itself.
    const images = store.read.all<{ id: string; study_id: string }>(
      `SELECT id, study_id FROM series WHERE kind = 'image' AND label_map = 0 AND study_id IN (${touched})
        ORDER BY variant, id`,
      importId,
    );
    for (const row of marks) {
      if (signal.aborted) return;
      // A SEG lies in the study of its images; a label map of NIfTI knows none, and those of its folder may be here already.
      const own = images.filter(({ study_id }) => row.form !== 'dicom' || study_id === row.study_id);
      const near = row.form === 'dicom' ? [] : imagesNear(row);
      const ids = new Set([...own.map(({ id }) => id), ...near]);
      if (!(await attachOne(row, [...ids], signal)) && row.form !== 'dicom') alone(row);
    }
    await attachStructures(touched, importId, images, signal);
    await attachEarlier(new Set(images.map(({ id }) => id)), signal);
  };

  /** Contours of structure sets become segments of the images they were drawn on. */
  const attachStructures = async (
    touched: string,
    importId: string,
    shown: readonly { readonly id: string; readonly study_id: string }[],
    signal: AbortSignal,
  ): Promise<void> => {
    const rows = store.read.all<SeriesRow>(
      `SELECT * FROM series WHERE kind = 'structures' AND study_id IN (${touched})`,
      importId,
    );
    for (const row of rows) {
      const candidates = shown.flatMap(({ id, study_id }) => (study_id === row.study_id ? (tryPlan(id) ?? []) : []));
      if (candidates.length === 0 || signal.aborted) continue;
      const files = store.read.all<InstanceRow>('SELECT * FROM instances WHERE series_id = ? ORDER BY id', row.id);
      const read = await askStructures(outside, files.map(images.pathOf), signal);
      const uids = seriesUids(candidates);
      const found = read.flatMap((words) =>
        words === null ? [] : (structuresOn(words, candidates, uids, row.description) ?? []),
      );
      if (found.length > 0) await keep(row, found);
    }
  };

  /** Label maps that came before their images, where those have come now. */
  const attachEarlier = async (come: ReadonlySet<string>, signal: AbortSignal): Promise<void> => {
    if (come.size === 0) return;
    for (const row of store.read.all<SeriesRow>("SELECT * FROM series WHERE kind = 'image' AND label_map = 1")) {
      if (signal.aborted) return;
      const near = imagesNear(row).filter((id) => come.has(id));
      // What has been read as a study of its own stays one.
      const isRead = store.read.get(
        'SELECT 1 FROM report WHERE study_id = ?1 UNION ALL SELECT 1 FROM draft WHERE study_id = ?1',
        row.study_id,
      );
      if (near.length === 0 || isRead || !(await attachOne(row, near, signal))) continue;
      store.transaction((writer) => writer.run("UPDATE series SET kind = 'segmentation' WHERE id = ?", row.id));
    }
  };

  /**
   * Image series in the label map's folder, the one above it, or one below it. Only files that lie where the reader has
   * them say so: in a store's own folder everything lies beside everything, and a grid alone (an atlas's) is no kinship.
   */
  const imagesNear = (row: SeriesRow): string[] => {
    const label = store.read.get<{ path: string }>(
      'SELECT path FROM instances WHERE series_id = ? AND copied = 0 LIMIT 1',
      row.id,
    );
    if (!label) return [];
    const folder = dirname(label.path);
    const above = dirname(folder);
    const rows = store.read.all<{ series_id: string; path: string }>(
      `SELECT i.series_id, min(i.path) AS path FROM instances i JOIN series s ON s.id = i.series_id
        WHERE i.path > ?1 AND i.path < ?2 AND i.copied = 0 AND s.kind = 'image' AND s.label_map = 0
        GROUP BY i.series_id`,
      above + sep,
      above + String.fromCharCode(sep.charCodeAt(0) + 1),
    );
    return rows.flatMap(({ series_id, path }) => {
      const other = dirname(path);
      return other === folder || other === above || dirname(other) === folder ? [series_id] : [];
    });
  };

  /** Shown as images of its own: nothing here has its grid yet. */
  const alone = (row: SeriesRow): void => {
    store.transaction((writer) => {
      writer.run("UPDATE series SET kind = 'image', label_map = 1 WHERE id = ?", row.id);
      recount(writer, [row.id]);
    });
  };

  const keep = async (
    row: SeriesRow,
    found: readonly { readonly target: SeriesPlan; readonly marks: readonly Marks[] }[],
  ): Promise<void> => {
    const ids: string[] = [];
    for (const [file, { target, marks }] of found.entries()) {
      const { seriesId, frames } = target.images;
      const [first] = frames;
      if (!first) continue;
      const dims: Vec3 = [first.columns, first.rows, frames.length];
      for (const [n, { map, names, title }] of marks.entries()) {
        const id = opaque(file === 0 ? `marks/${row.id}/${n}` : `marks/${row.id}/${file}/${n}`);
        ids.push(id);
        await overlays.put(
          {
            kind: 'labelmap',
            id,
            seriesId,
            maker: { kind: 'file', seriesId: row.id },
            createdAt: outside.now().toISOString(),
            title,
            dims,
            labels: measureLabels(map, dims, names, target.images),
            ...(marks.length > 1 ? { family: opaque(`family/${row.id}/${file}`) } : {}),
          },
          map,
        );
      }
    }
    const [one] = found;
    if (!one) return;
    const owner = studyOf(one.target.images.seriesId);
    // Fewer than before, where a part is no longer needed or its file has gone.
    await overlays.forgetOthers(row.id, ids);
    if (owner && owner !== row.study_id) moveTo(row, owner);
  };

  const studyOf = (seriesId: string): string | undefined =>
    store.read.get<{ study_id: string }>('SELECT study_id FROM series WHERE id = ?', seriesId)?.study_id;

  /** A label map that knew no study joins that of its images. */
  const moveTo = (row: SeriesRow, owner: string): void => {
    store.transaction((writer) => {
      writer.run('UPDATE series SET study_id = ? WHERE id = ?', owner, row.id);
      writer.run('UPDATE import_files SET study_id = ? WHERE study_id = ?', owner, row.study_id);
      recount(writer, [row.id]);
      writer.run(
        'DELETE FROM studies WHERE id = ? AND NOT EXISTS (SELECT 1 FROM series WHERE study_id = ?)',
        row.study_id,
        row.study_id,
      );
    });
  };

  return { attach };
};
