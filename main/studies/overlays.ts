import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault, Overlay } from '../../preload/contract/index.ts';
import type { Base } from '../domains.ts';
import { diskFault } from './faults.ts';
import type { Images } from './images.ts';

interface OverlayRow {
  readonly id: string;
  readonly overlay: string;
  readonly file: string | null;
  readonly sha256: string | null;
}

export interface Overlays {
  ofStudy(studyId: string): Overlay[];
  put(overlay: Overlay, bytes: Uint8Array | null): Promise<void>;
  /** Marks read from this series of files, but for those named. */
  forgetOthers(fileSeriesId: string, keep: readonly string[]): Promise<void>;
  remove(studyId: string, packageName: string, seriesId: string | null): Promise<void>;
  get(overlayId: string): Overlay | null;
  /** Bytes of a labelmap or heat map, checked against the hash they came with. */
  bytes(overlayId: string, kind: 'labelmap' | 'heatmap'): Promise<Uint8Array>;
  /** As bytes, of whichever kind it is. */
  anyBytes(overlayId: string): Promise<Uint8Array>;
  /** Files of a study's overlays, absolute. */
  filesOf(studyId: string): string[];
}

export const createOverlays = (base: Base, images: Images, changed: (studyId: string) => void): Overlays => {
  const { store } = base;
  const folder = join(base.outside.storeFolder, 'overlays');
  mkdirSync(folder, { recursive: true, mode: 0o700 });

  const studyOf = (seriesId: string): string => {
    const row = store.read.get<{ study_id: string }>('SELECT study_id FROM series WHERE id = ?', seriesId);
    if (!row) throw new Fault('not-found', 'There is no such series.', { seriesId });
    return row.study_id;
  };

  /** Marks of another size than their series would lie at wrong places. */
  const check = (overlay: Overlay, bytes: Uint8Array | null): void => {
    const plan = images.plan(overlay.seriesId);
    const fault = (message: string): Fault => new Fault('invalid', message, { overlayId: overlay.id });
    if (overlay.kind === 'boxes') {
      if (bytes) throw fault('Boxes carry no bytes.');
      for (const { frameIndex, box } of overlay.boxes) {
        const frame = plan.images.frames[frameIndex];
        if (!frame) throw fault('A box lies on a frame that is not there.');
        const [x0, y0, x1, y1] = box;
        if (!(x0 < x1 && y0 < y1)) throw fault('A box is empty.');
        if (x1 <= 0 || y1 <= 0 || x0 >= frame.columns || y0 >= frame.rows) throw fault('A box lies outside its frame.');
      }
      return;
    }
    if (!bytes) throw fault('The marks have no bytes.');
    if (overlay.kind === 'heatmap') {
      if (!plan.images.frames[overlay.frameIndex]) throw fault('The heat map lies on a frame that is not there.');
      if (bytes.length !== overlay.columns * overlay.rows) throw fault('The heat map has another size than it says.');
      return;
    }
    const [i, j, k] = overlay.dims;
    if (bytes.length !== i * j * k) throw fault('The labelmap has another size than it says.');
    const first = plan.images.frames[0];
    const matches = plan.images.frames.every((frame) => frame.columns === i && frame.rows === j);
    if (!first || !matches || plan.images.frames.length !== k)
      throw fault('The labelmap does not fit the grid of its series.');
  };

  const bytesOf = async (overlayId: string, kinds: readonly Overlay['kind'][]): Promise<Uint8Array> => {
    const row = store.read.get<OverlayRow>('SELECT * FROM overlays WHERE id = ?', overlayId);
    if (!row?.file || !kinds.includes((JSON.parse(row.overlay) as Overlay).kind))
      throw new Fault('not-found', 'There are no such marks.', { overlayId });
    const bytes = await readFile(join(folder, row.file)).catch(() => {
      throw new Fault('refused', 'The file of these marks is missing from the store.', { overlayId });
    });
    if (createHash('sha256').update(bytes).digest('hex') !== row.sha256)
      throw new Fault('refused', 'The file of these marks was changed.', { overlayId });
    return bytes;
  };

  return {
    get: (overlayId) => {
      const row = store.read.get<OverlayRow>('SELECT * FROM overlays WHERE id = ?', overlayId);
      return row ? (JSON.parse(row.overlay) as Overlay) : null;
    },
    anyBytes: (overlayId) => bytesOf(overlayId, ['labelmap', 'heatmap']),
    ofStudy: (studyId) =>
      store.read
        // Those of one answer in its order.
        .all<OverlayRow>('SELECT * FROM overlays WHERE study_id = ? ORDER BY created_at, rowid', studyId)
        .map((row) => JSON.parse(row.overlay) as Overlay),
    put: async (given, bytes) => {
      const overlay = Overlay.parse(given);
      const studyId = studyOf(overlay.seriesId);
      check(overlay, bytes);
      let file: string | null = null;
      if (bytes) {
        file = base.newId();
        const temporary = join(folder, `${file}.part`);
        try {
          const handle = await open(temporary, 'wx', 0o600);
          try {
            await handle.writeFile(bytes);
            await handle.sync();
          } finally {
            await handle.close();
          }
          await rename(temporary, join(folder, file));
        } catch (error) {
          await rm(temporary, { force: true }).catch(() => {});
          throw diskFault(error);
        }
      }
      const old = store.transaction((writer) => {
        const before = writer.get<OverlayRow>('SELECT * FROM overlays WHERE id = ?', overlay.id);
        writer.run(
          `INSERT OR REPLACE INTO overlays (id, series_id, study_id, package, created_at, overlay, file, sha256)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          overlay.id,
          overlay.seriesId,
          studyId,
          overlay.maker.kind === 'model' ? overlay.maker.package : null,
          overlay.createdAt,
          JSON.stringify(overlay),
          file,
          bytes ? createHash('sha256').update(bytes).digest('hex') : null,
        );
        return before;
      });
      if (old?.file) await rm(join(folder, old.file), { force: true });
      changed(studyId);
    },
    forgetOthers: async (fileSeriesId, keep) => {
      const rows = store.transaction((writer) => {
        const found = writer
          .all<OverlayRow>(
            "SELECT * FROM overlays WHERE json_extract(overlay, '$.maker.seriesId') = ? AND package IS NULL",
            fileSeriesId,
          )
          .filter(({ id }) => !keep.includes(id));
        for (const { id } of found) writer.run('DELETE FROM overlays WHERE id = ?', id);
        return found;
      });
      for (const { file } of rows) if (file) await rm(join(folder, file), { force: true });
    },
    remove: async (studyId, packageName, seriesId) => {
      const which = 'study_id = ?1 AND package = ?2 AND (?3 IS NULL OR series_id = ?3)';
      const values = [studyId, packageName, seriesId] as const;
      const rows = store.transaction((writer) => {
        const found = writer.all<OverlayRow>(`SELECT * FROM overlays WHERE ${which}`, ...values);
        writer.run(`DELETE FROM overlays WHERE ${which}`, ...values);
        return found;
      });
      for (const { file } of rows) if (file) await rm(join(folder, file), { force: true });
      if (rows.length > 0) changed(studyId);
    },
    bytes: (overlayId, kind) => bytesOf(overlayId, [kind]),
    filesOf: (studyId) =>
      store.read
        .all<{ file: string }>('SELECT file FROM overlays WHERE study_id = ? AND file IS NOT NULL', studyId)
        .map((row) => join(folder, row.file)),
  };
};
