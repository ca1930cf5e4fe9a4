import type { z } from 'zod';
import { Fault, type SeriesSummary, type StudySummary } from '../../preload/contract/index.ts';
import type { StudyQuery } from '../../preload/contract/services/studies.ts';
import type { Reader, SqlValue } from '../store/index.ts';
import { folded, type SeriesRow, type StudyRow, seriesSummary, studySummary } from './rows.ts';

/** Whether a draft waits for the reader, whatever the status: a drafted study is still unread. */
const HAS_DRAFT = 'EXISTS (SELECT 1 FROM draft WHERE draft.study_id = studies.id) AS has_draft';

const ORDERS = {
  newest: "coalesce(study_date, '') DESC, coalesce(study_time, '') DESC, id",
  name: 'name_order, study_date DESC, id',
  imported: 'imported_at DESC, id',
} as const;

const escaped = (word: string): string => word.replace(/[\\%_]/g, (c) => `\\${c}`);

const where = (query: Pick<z.output<typeof StudyQuery>, 'text' | 'modality' | 'status' | 'from' | 'to'>) => {
  const parts: string[] = ['1'];
  const values: SqlValue[] = [];
  for (const word of folded(query.text).split(' ')) {
    if (word === '') continue;
    parts.push("search LIKE ? ESCAPE '\\'");
    values.push(`%${escaped(word)}%`);
  }
  if (query.modality) {
    parts.push('EXISTS (SELECT 1 FROM json_each(modalities) WHERE value = ?)');
    values.push(query.modality.toUpperCase());
  }
  if (query.status) {
    parts.push('status = ?');
    values.push(query.status);
  }
  if (query.from) {
    parts.push('study_date >= ?');
    values.push(query.from);
  }
  if (query.to) {
    parts.push('study_date <= ?');
    values.push(query.to);
  }
  return { sql: parts.join(' AND '), values };
};

/** A page of the worklist. */
export const listStudies = (
  read: Reader,
  query: z.output<typeof StudyQuery>,
): { studies: StudySummary[]; total: number } => {
  const { sql, values } = where(query);
  const total = read.get<{ n: number }>(`SELECT count(*) AS n FROM studies WHERE ${sql}`, ...values)?.n ?? 0;
  const rows = read.all<StudyRow>(
    `SELECT *, ${HAS_DRAFT} FROM studies WHERE ${sql} ORDER BY ${ORDERS[query.order]} LIMIT ? OFFSET ?`,
    ...values,
    query.limit,
    query.offset,
  );
  return { studies: rows.map(studySummary), total };
};

export const getStudy = (read: Reader, studyId: string): { study: StudySummary; series: SeriesSummary[] } => {
  const row = read.get<StudyRow>(`SELECT *, ${HAS_DRAFT} FROM studies WHERE id = ?`, studyId);
  if (!row) throw new Fault('not-found', 'There is no such study.', { studyId });
  const series = read.all<SeriesRow>(
    `SELECT * FROM series WHERE study_id = ?
      ORDER BY kind <> 'image', number IS NULL, number, variant, description, id`,
    studyId,
  );
  return { study: studySummary(row), series: series.map(seriesSummary) };
};

/**
 * The other studies here of the same patient, newest first: id, issuer and birth date agree, all known, and the sex does
 * not contradict. Less than that is no ground to lay two people's images side by side.
 */
export const samePatient = (read: Reader, studyId: string): { study: StudySummary; series: SeriesSummary[] }[] => {
  const { patient } = getStudy(read, studyId).study;
  if (patient.id === '' || patient.birthDate === null) return [];
  const rows = read.all<{ id: string }>(
    `SELECT id FROM studies WHERE id <> ? AND patient_id = ? AND patient_issuer = ? AND birth_date = ?
        AND (sex IS NULL OR ?5 IS NULL OR sex = ?5)
      ORDER BY ${ORDERS.newest} LIMIT 50`,
    studyId,
    patient.id,
    patient.issuer,
    patient.birthDate,
    patient.sex,
  );
  return rows.map(({ id }) => getStudy(read, id));
};

export const getSeries = (read: Reader, seriesId: string): SeriesSummary => {
  const row = read.get<SeriesRow>('SELECT * FROM series WHERE id = ?', seriesId);
  if (!row) throw new Fault('not-found', 'There is no such series.', { seriesId });
  return seriesSummary(row);
};

/** The unread study after or before one, in the worklist's own order (newest first). From null: the first or last. */
export const unreadStudy = (read: Reader, from: string | null, direction: 'next' | 'previous'): string | null => {
  const key = "coalesce(study_date, '') || ' ' || coalesce(study_time, '')";
  const here = from
    ? read.get<{ at: string; id: string }>(`SELECT ${key} AS at, id FROM studies WHERE id = ?`, from)
    : undefined;
  // Newest first, then by id: 'next' is older, or as old with a greater id.
  const [compare, idCompare, order] =
    direction === 'next' ? (['<', '>', 'DESC, id ASC'] as const) : (['>', '<', 'ASC, id DESC'] as const);
  const row = here
    ? read.get<{ id: string }>(
        `SELECT id FROM studies WHERE status = 'unread' AND (${key} ${compare} ? OR (${key} = ? AND id ${idCompare} ?))
          ORDER BY ${key} ${order} LIMIT 1`,
        here.at,
        here.at,
        here.id,
      )
    : read.get<{ id: string }>(`SELECT id FROM studies WHERE status = 'unread' ORDER BY ${key} ${order} LIMIT 1`);
  return row?.id ?? null;
};
