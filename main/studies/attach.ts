import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Affine, invert, type Vec3, voxelToPatient } from '../../models/kit/geometry.ts';
import { labelColor } from '../../models/kit/labels/colors.ts';
import { Fault, type Frame, type SeriesImages } from '../../preload/contract/index.ts';
import type { ImageWords, SegmentationWords } from '../dicom/index.ts';
import type { Base } from '../domains.ts';
import { recount } from './commit.ts';
import type { Images, SeriesPlan } from './images.ts';
import { type LabelName, measureLabels } from './labels.ts';
import type { Overlays } from './overlays.ts';
import type { Pixels } from './pixels.ts';
import { opaque } from './places.ts';
import type { SeriesRow } from './rows.ts';

/** Marks of files: a label map or DICOM SEG becomes an overlay of the images it was drawn on. */

interface Marks {
  /** On the target's grid, [columns, rows, frames]. */
  readonly map: Uint8Array;
  readonly names: readonly LabelName[];
  readonly title: string;
}

/** In voxels: grids that agree better than this are the same. */
const GRID_TOLERANCE = 0.02;
/** In mm: a segment's frame lies on an image where their corners are nearer than this. */
const PLACE_TOLERANCE_MM = 0.1;

const samplesOf = (bytes: Buffer, frame: Pick<Frame, 'format' | 'byteOffset' | 'byteLength'>): ArrayLike<number> => {
  const own = new Uint8Array(bytes.subarray(frame.byteOffset, frame.byteOffset + frame.byteLength)).buffer;
  switch (frame.format) {
    case 'int8':
      return new Int8Array(own);
    case 'int16':
      return new Int16Array(own);
    case 'uint16':
      return new Uint16Array(own);
    case 'int32':
      return new Int32Array(own);
    case 'uint32':
      return new Uint32Array(own);
    case 'float32':
      return new Float32Array(own);
    default:
      return new Uint8Array(own);
  }
};

/** How a voxel of the target is found in the labels, where the grids are the same up to turns and mirroring; else null. */
export const sameGrid = (
  target: SeriesImages['volume'],
  labels: SeriesImages['volume'],
): ((v: Vec3) => Vec3) | null => {
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
  const samples = samplesOf(bytes, { ...first, byteOffset: 0, byteLength: bytes.length });
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

/** Index of the target's frame that each frame of the segmentation lies on; null where one lies on none. */
const framesUnder = (target: SeriesImages, marks: SeriesImages): number[] | null => {
  const near = (a: Vec3 | null, b: Vec3 | null, tolerance: number): boolean =>
    a !== null && b !== null && Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]) <= tolerance;
  const found: number[] = [];
  for (const frame of marks.frames) {
    const index = target.frames.findIndex(
      (image) =>
        image.rows === frame.rows &&
        image.columns === frame.columns &&
        near(image.positionMm, frame.positionMm, PLACE_TOLERANCE_MM) &&
        near(image.rowDirection, frame.rowDirection, 1e-3) &&
        near(image.columnDirection, frame.columnDirection, 1e-3) &&
        image.calibration.kind === 'known' &&
        frame.calibration.kind === 'known' &&
        Math.abs(image.calibration.spacingMm[0] - frame.calibration.spacingMm[0]) < 1e-3 &&
        Math.abs(image.calibration.spacingMm[1] - frame.calibration.spacingMm[1]) < 1e-3,
    );
    if (index < 0) return null;
    found.push(index);
  }
  return found;
};

/** Label maps of a DICOM SEG: one, or several where segments overlap, as a voxel of a label map holds one label. */
const segmentMarks = (
  target: SeriesPlan,
  marks: SeriesPlan,
  words: SegmentationWords,
  bytes: Buffer,
): Marks[] | null => {
  const under = framesUnder(target.images, marks.images);
  const first = target.images.frames[0];
  if (!under || !first || words.segments.some((s) => s.number < 1 || s.number > 255)) return null;
  const size = first.rows * first.columns;
  const names = words.segments.map(({ number, label, code, color }) => ({
    value: number,
    name: label || code?.meaning || `Segment ${number}`,
    code,
    color: color ?? labelColor(number),
  }));
  const layers: { map: Uint8Array; numbers: Set<number> }[] = [];
  const least = words.type === 'FRACTIONAL' ? words.maximumFractional / 2 : 1;
  const layerFor = (number: number): Uint8Array => {
    const known = layers.find((layer) => layer.numbers.has(number));
    if (known) return known.map;
    const free = layers.find((layer) => !overlaps(layer.map, number));
    const layer = free ?? { map: new Uint8Array(size * target.images.frames.length), numbers: new Set<number>() };
    if (!free) layers.push(layer);
    layer.numbers.add(number);
    return layer.map;
  };
  const framesOf = (number: number): number[] =>
    marks.images.frames.flatMap((frame, n) => (words.ofFrames[frame.frameNumber - 1] === number ? [n] : []));
  const overlaps = (map: Uint8Array, number: number): boolean =>
    framesOf(number).some((n) => {
      const frame = marks.images.frames[n];
      if (!frame) return false;
      const samples = samplesOf(bytes, frame);
      const base = (under[n] ?? 0) * size;
      for (let i = 0; i < size; i++) if ((samples[i] ?? 0) >= least && map[base + i] !== 0) return true;
      return false;
    });
  if (words.type === 'LABELMAP') {
    const map = new Uint8Array(size * target.images.frames.length);
    for (const [n, frame] of marks.images.frames.entries()) {
      const samples = samplesOf(bytes, frame);
      for (let i = 0; i < size; i++) {
        const value = samples[i] ?? 0;
        if (value > 255) return null;
        map[(under[n] ?? 0) * size + i] = value;
      }
    }
    return [{ map, names, title: 'Segmentation' }];
  }
  for (const { number } of words.segments) {
    const map = layerFor(number);
    for (const n of framesOf(number)) {
      const frame = marks.images.frames[n];
      if (!frame) continue;
      const samples = samplesOf(bytes, frame);
      const base = (under[n] ?? 0) * size;
      for (let i = 0; i < size; i++) if ((samples[i] ?? 0) >= least) map[base + i] = number;
    }
  }
  const title = words.type === 'FRACTIONAL' ? 'Segmentation (fractional, from 50 %)' : 'Segmentation';
  return layers.map(({ map, numbers }, n) => ({
    map,
    names: names.filter((name) => numbers.has(name.value)),
    title: layers.length > 1 ? `${title}, part ${n + 1} of ${layers.length}` : title,
  }));
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

  const marksOn = async (row: SeriesRow, plan: SeriesPlan, candidates: readonly SeriesPlan[], signal: AbortSignal) => {
    const words = (JSON.parse(plan.instances[0]?.image ?? 'null') as ImageWords | null)?.segmentation;
    const read = async (): Promise<Buffer> => {
      const decoded = await pixels.decoded(plan, signal);
      try {
        return await readFile(decoded.path);
      } finally {
        decoded.release();
      }
    };
    if (row.form === 'dicom') {
      if (!words || plan.instances.length !== 1) return null;
      const named = candidates.filter((target) => {
        const series = store.read.get<{ uid: string }>('SELECT uid FROM series WHERE id = ?', target.images.seriesId);
        return series !== undefined && words.referencedSeriesUids.includes(series.uid);
      });
      const pool = words.referencedSeriesUids.length > 0 ? named : candidates;
      const fitting = pool.filter((target) => framesUnder(target.images, plan.images) !== null);
      const [target] = fitting;
      if (!target || fitting.length > 1) return null;
      const marks = segmentMarks(target, plan, words, await read());
      return marks ? { target, marks } : null;
    }
    const fitting = candidates.flatMap((target) => {
      const to = sameGrid(target.images.volume, plan.images.volume);
      return to ? [{ target, to }] : [];
    });
    const beside = fitting.filter(({ target }) => folderOf(target) === folderOf(plan));
    const [one] = beside.length > 0 ? beside : fitting;
    if (!one || (beside.length > 0 ? beside : fitting).length > 1) return null;
    const marks = labelMarks(one.target, plan, await read(), one.to);
    if (!marks) return null;
    const [only] = marks.names;
    // One label to a file: the file's name says which.
    const names = only && marks.names.length === 1 ? [{ ...only, name: row.description }] : marks.names;
    return { target: one.target, marks: names.length > 0 ? [{ ...marks, names, title: row.description }] : [] };
  };

  const attach = async (importId: string, signal: AbortSignal): Promise<void> => {
    const touched = `SELECT DISTINCT study_id FROM import_files WHERE import_id = ? AND study_id IS NOT NULL AND outcome = 'imported'`;
    const marks = store.read.all<SeriesRow>(
      `SELECT * FROM series WHERE kind = 'segmentation' AND study_id IN (${touched})`,
      importId,
    );
    if (marks.length === 0) return;
    // Asked once, before any label map that stands alone becomes an image series itself.
    const images = store.read.all<{ id: string; study_id: string }>(
      `SELECT id, study_id FROM series WHERE kind = 'image' AND study_id IN (${touched})`,
      importId,
    );
    for (const row of marks) {
      if (signal.aborted) return;
      const plan = tryPlan(row.id);
      if (!plan) continue;
      // A SEG lies in the study of its images; a label map of NIfTI knows none.
      const targets = images.filter(({ study_id }) => row.form !== 'dicom' || study_id === row.study_id);
      const candidates = targets.flatMap(({ id }) => tryPlan(id) ?? []);
      try {
        const found = await marksOn(row, plan, candidates, signal);
        if (found) await keep(row, found.target, found.marks);
        else if (row.form !== 'dicom') alone(row);
      } catch (error) {
        // A Fault is an outcome that the series itself says already: an image of it cannot be decoded, its file is gone.
        if (!(error instanceof Fault))
          outside.log.error('marks of a file could not be read', error, { seriesId: row.id });
        if (row.form !== 'dicom') alone(row);
      }
    }
  };

  /** Shown as images of its own: nothing here has its grid. */
  const alone = (row: SeriesRow): void => {
    store.transaction((writer) => {
      writer.run("UPDATE series SET kind = 'image' WHERE id = ?", row.id);
      recount(writer, [row.id]);
    });
  };

  const keep = async (row: SeriesRow, target: SeriesPlan, marks: readonly Marks[]): Promise<void> => {
    const { seriesId, frames } = target.images;
    const [first] = frames;
    if (!first) return;
    const dims: Vec3 = [first.columns, first.rows, frames.length];
    for (const [n, { map, names, title }] of marks.entries()) {
      await overlays.put(
        {
          kind: 'labelmap',
          id: opaque(`marks/${row.id}/${n}`),
          seriesId,
          maker: { kind: 'file', seriesId: row.id },
          createdAt: outside.now().toISOString(),
          title,
          dims,
          labels: measureLabels(map, dims, names, target.images),
        },
        map,
      );
    }
    const owner = store.read.get<{ study_id: string }>('SELECT study_id FROM series WHERE id = ?', seriesId)?.study_id;
    if (!owner || owner === row.study_id) return;
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
