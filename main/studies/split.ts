import { seriesParts } from '../dicom/index.ts';
import type { Base } from '../domains.ts';
import type { Reader, Writer } from '../store/index.ts';
import { recount } from './commit.ts';
import { seriesInstance } from './images.ts';
import { type InstanceRow, PART_VARIANTS, type SeriesRow } from './rows.ts';

/** Series that hold several volumes (echoes, times, planes) are shown as these, each a series row of its own. */

type Parts = ReturnType<typeof seriesParts>;

const GONE = 'The images of this part are shown with others now.';

/** Work was done on the series as it stood: what is drawn on it counts its images, and so they stay. */
const isWorkedOn = (writer: Writer, base: SeriesRow): boolean =>
  writer.get(
    `SELECT 1 FROM overlays WHERE series_id = ?1 UNION ALL SELECT 1 FROM measurement WHERE series_id = ?1
      UNION ALL SELECT 1 FROM key_image WHERE series_id = ?1 UNION ALL SELECT 1 FROM presentation WHERE series_id = ?1
      UNION ALL SELECT 1 FROM segmentation WHERE series_id = ?1
      UNION ALL SELECT 1 FROM draft WHERE study_id = ?2 UNION ALL SELECT 1 FROM report WHERE study_id = ?2`,
    base.id,
    base.study_id,
  ) !== undefined;

const partsNow = (reader: Reader, baseId: string): Parts => {
  const instances = reader.all<InstanceRow>(
    'SELECT * FROM instances WHERE series_id = ? AND image IS NOT NULL AND refused IS NULL ORDER BY id',
    baseId,
  );
  return seriesParts(instances.map(seriesInstance)).filter(({ key }) => key !== '');
};
const rowsOf = (reader: Reader, baseId: string): SeriesRow[] =>
  reader.all<SeriesRow>('SELECT * FROM series WHERE base_id = ? ORDER BY variant', baseId);

/**
 * Makes the rows of a series what its images are now. A part once made keeps its row as long as it has images; a row is
 * never deleted, as something may be drawn on it. False where the series is whole.
 */
export const splitSeries = (
  writer: Writer,
  baseId: string,
  newId: () => string,
  parts = partsNow(writer, baseId),
): boolean => {
  const base = writer.get<SeriesRow>(
    "SELECT * FROM series WHERE id = ? AND base_id IS NULL AND kind = 'image'",
    baseId,
  );
  const rows = rowsOf(writer, baseId);
  if (!base || (parts.length === 0 && rows.length === 0)) return false;
  const set = (row: SeriesRow, part: Parts[number]): void => {
    writer.run(
      'UPDATE series SET part = ?, part_label = ?, frame_count = ?, refused = NULL WHERE id = ?',
      part.key,
      part.label,
      part.frames,
      row.id,
    );
  };
  const left = new Map(parts.map((part) => [part.key, part]));
  const take = (row: SeriesRow): boolean => {
    const part = left.get(row.part);
    if (!part) return false;
    left.delete(row.part);
    set(row, part);
    return true;
  };
  const kept = rows.filter((row) => !take(row));
  if (!take(base)) {
    // A series that was whole shows its first part from now on, unless that would take images from under somebody's work.
    const [first] = left.values();
    const whole = first === undefined || (base.part === '' && (rows.length > 0 || isWorkedOn(writer, base)));
    if (!whole) left.delete(first.key);
    set(base, whole ? { key: '', label: '', frames: 0 } : first);
  }
  let variant = Math.max(base.variant, ...rows.map((row) => row.variant));
  for (const part of left.values()) {
    variant += PART_VARIANTS;
    writer.run(
      `INSERT INTO series (id, study_id, uid, variant, number, modality, description, body_part, kind, form, base_id,
        part, part_label, frame_count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      newId(),
      base.study_id,
      base.uid,
      variant,
      base.number,
      base.modality,
      base.description,
      base.body_part,
      base.kind,
      base.form,
      baseId,
      part.key,
      part.label,
      part.frames,
    );
  }
  recount(writer, [baseId]);
  // After the count, which knows of the instances only.
  for (const row of kept) writer.run('UPDATE series SET frame_count = 0, refused = ? WHERE id = ?', GONE, row.id);
  return true;
};

export const createSplit = (base: Base, changed: (studyId: string) => void) => {
  const { store, newId } = base;
  /** The series of the studies that an import has added to. */
  const split = async (importId: string, signal: AbortSignal): Promise<void> => {
    const series = store.read.all<{ id: string; study_id: string }>(
      `SELECT id, study_id FROM series WHERE kind = 'image' AND base_id IS NULL AND frame_count > 3 AND study_id IN (
        SELECT DISTINCT study_id FROM import_files
          WHERE import_id = ? AND study_id IS NOT NULL AND outcome = 'imported')`,
      importId,
    );
    for (const { id, study_id } of series) {
      if (signal.aborted) return;
      const parts = partsNow(store.read, id);
      if (parts.length > 0 || rowsOf(store.read, id).length > 0) {
        store.transaction((writer) => splitSeries(writer, id, newId, parts));
        changed(study_id);
      }
      // Others are answered in between.
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { split };
};
