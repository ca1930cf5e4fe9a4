import type { SeriesWords, StudyWords } from '../dicom/index.ts';
import type { Writer } from '../store/index.ts';
import type { ReadFile } from './ingest-messages.ts';
import { folded } from './rows.ts';

export type ReadInstance = Extract<ReadFile, { kind: 'instance' }>;

export interface FileToCommit {
  readonly read: ReadInstance;
  /** Absolute, or below the store's files folder where copied. */
  readonly path: string;
  readonly copied: boolean;
  /** From 0; higher where the UID is here with other content. */
  readonly variant: number;
}

/** Where an instance with this UID lies already. */
export interface Known {
  readonly id: number;
  readonly path: string;
  readonly copied: number;
  readonly bytes: number;
  readonly modified_ms: number;
  readonly fingerprint: string;
  readonly variant: number;
  readonly study_id: string;
  readonly missing: number;
}

const studyKey = (study: StudyWords): string => {
  const { uid, patient } = study;
  return [uid, patient.issuer, patient.id, folded(patient.name), patient.birthDate ?? ''].join('\n');
};

const studyIdOf = (writer: Writer, read: ReadInstance, newId: () => string, now: string): string => {
  const study = JSON.parse(read.study) as StudyWords;
  const key = studyKey(study);
  const found = writer.get<{ id: string }>('SELECT id FROM studies WHERE key = ?', key);
  if (found) return found.id;
  const id = newId();
  writer.run(
    `INSERT INTO studies (id, key, uid, patient_name, patient_id, patient_issuer, birth_date, sex, study_date, study_time,
      accession, description, imported_at, search, name_order) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    key,
    study.uid,
    study.patient.name,
    study.patient.id,
    study.patient.issuer,
    study.patient.birthDate,
    study.patient.sex,
    study.date,
    study.time,
    study.accession,
    study.description,
    now,
    folded([study.patient.name, study.patient.id, study.accession, study.description].join(' ')),
    folded(study.patient.name),
  );
  return id;
};

const seriesIdOf = (writer: Writer, studyId: string, file: FileToCommit, newId: () => string): string => {
  const series = JSON.parse(file.read.series) as SeriesWords;
  const found = writer.get<{ id: string }>(
    'SELECT id FROM series WHERE study_id = ? AND uid = ? AND variant = ?',
    studyId,
    series.uid,
    file.variant,
  );
  if (found) return found.id;
  const id = newId();
  writer.run(
    `INSERT INTO series (id, study_id, uid, variant, number, modality, description, body_part, kind, form)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    studyId,
    series.uid,
    file.variant,
    series.number,
    series.modality,
    series.description,
    series.bodyPart,
    series.kind,
    file.read.form,
  );
  return id;
};

/** Counts and reasons of series with all their parts, and of their studies, from what they hold now. */
export const recount = (writer: Writer, seriesIds: Iterable<string>): Set<string> => {
  const studyIds = new Set<string>();
  for (const seriesId of seriesIds) {
    const row = writer.get<{ study_id: string; base: string }>(
      'SELECT study_id, coalesce(base_id, id) AS base FROM series WHERE id = ?',
      seriesId,
    );
    if (!row) continue;
    studyIds.add(row.study_id);
    // How many frames lie in a part is known to who split the series.
    writer.run(
      `UPDATE series SET (frame_count, missing_count, refused) = (
        SELECT CASE WHEN series.part <> '' THEN series.frame_count
            ELSE coalesce(sum(CASE WHEN refused IS NULL THEN frames ELSE 0 END), 0) END,
          coalesce(sum(missing), 0),
          CASE WHEN sum(CASE WHEN image IS NOT NULL AND refused IS NULL THEN 1 ELSE 0 END) > 0 THEN NULL
            ELSE coalesce(max(refused), 'There is no image in it.') END
        FROM instances WHERE series_id = ?1) WHERE id = ?1 OR base_id = ?1`,
      row.base,
    );
  }
  for (const studyId of studyIds)
    writer.run(
      `UPDATE studies SET
        (series_count, image_count, missing_count) = (SELECT count(*), coalesce(sum(frame_count), 0),
          coalesce(sum(missing_count), 0) FROM series WHERE study_id = ?1),
        modalities = (SELECT json_group_array(modality) FROM
          (SELECT DISTINCT modality FROM series WHERE study_id = ?1 AND modality <> '' ORDER BY modality)),
        body_parts = (SELECT json_group_array(body_part) FROM
          (SELECT DISTINCT body_part FROM series WHERE study_id = ?1 AND body_part <> '' ORDER BY body_part))
        WHERE id = ?1`,
      studyId,
    );
  return studyIds;
};

/** Takes read files into the database. Answers their studies and the series touched. */
export const commitFiles = (
  writer: Writer,
  files: readonly FileToCommit[],
  tools: { newId: () => string; now: string },
): { studyIds: string[]; seriesIds: Set<string> } => {
  const studyIds: string[] = [];
  const seriesIds = new Set<string>();
  const places = new Map<string, { studyId: string; seriesId: string }>();
  const placeOf = (file: FileToCommit): { studyId: string; seriesId: string } => {
    const key = `${file.read.study}\n${file.read.series}\n${file.variant}`;
    const known = places.get(key);
    if (known) return known;
    const studyId = studyIdOf(writer, file.read, tools.newId, tools.now);
    const place = { studyId, seriesId: seriesIdOf(writer, studyId, file, tools.newId) };
    places.set(key, place);
    return place;
  };
  let before: FileToCommit | null = null;
  let place = { studyId: '', seriesId: '' };
  for (const file of files) {
    const { read } = file;
    // Mostly a file of the same series as the one before: nothing to look for.
    const alike =
      before?.read.study === read.study && before.read.series === read.series && before.variant === file.variant;
    if (!alike) place = placeOf(file);
    before = file;
    studyIds.push(place.studyId);
    seriesIds.add(place.seriesId);
    writer.run(
      `INSERT INTO instances (series_id, sop_instance_uid, sop_class_uid, number, path, copied, bytes, modified_ms,
        fingerprint, frames, image, refused) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      place.seriesId,
      read.words.sopInstanceUid,
      read.words.sopClassUid,
      read.words.instanceNumber,
      file.path,
      file.copied ? 1 : 0,
      read.bytes,
      read.modifiedMs,
      read.fingerprint,
      read.frames,
      read.image,
      read.words.refused,
    );
  }
  return { studyIds, seriesIds };
};
