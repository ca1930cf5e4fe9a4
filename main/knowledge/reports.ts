/** The rows: reports as stored, their words and vectors. SQL of the knowledge tables lives here. */
import { createHash } from 'node:crypto';
import type { KnowledgeReport } from '../../preload/contract/index.ts';
import type { Reader, Writer } from '../store/index.ts';
import type { ParsedReport } from './parse.ts';

export interface KnowledgeRow {
  readonly row: number;
  readonly id: string;
  readonly patient_id: string;
  readonly birth_date: string | null;
  readonly date: string | null;
  readonly modality: string;
  readonly body_part: string;
  readonly indication: string;
  readonly findings: string;
  readonly impression: string;
  readonly study_id: string | null;
  readonly source: string;
}

export const toReport = (row: KnowledgeRow): KnowledgeReport => ({
  id: row.id,
  patientId: row.patient_id,
  birthDate: row.birth_date,
  date: row.date,
  modality: row.modality,
  bodyPart: row.body_part,
  indication: row.indication,
  findings: row.findings,
  impression: row.impression,
  studyId: row.study_id,
  source: row.source,
});

export const textOf = (report: Pick<KnowledgeReport, 'findings' | 'impression'>): string =>
  [report.findings, report.impression].filter(Boolean).join('\n');

const hashOf = (report: ParsedReport, studyId: string | null): string =>
  createHash('sha256')
    .update(
      JSON.stringify([
        studyId,
        report.patientId,
        report.birthDate,
        report.date,
        report.modality,
        report.bodyPart,
        report.indication,
        report.findings,
        report.impression,
      ]),
    )
    .digest('hex');

export interface NewReport extends ParsedReport {
  readonly studyId: string | null;
  readonly source: string;
}

/** Answers the row and id; added false where the same report is there already. */
export const insert = (
  writer: Writer,
  id: string,
  report: NewReport,
  now: string,
): { row: number; id: string; added: boolean } => {
  const hash = hashOf(report, report.studyId);
  const there = writer.get<{ row: number; id: string }>('SELECT row, id FROM knowledge WHERE content_hash = ?', hash);
  if (there) return { ...there, added: false };
  writer.run(
    `INSERT INTO knowledge (id, patient_id, birth_date, date, modality, body_part, indication, findings, impression, study_id, source, content_hash, added_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    report.patientId,
    report.birthDate,
    report.date,
    report.modality.toUpperCase(),
    report.bodyPart.toUpperCase(),
    report.indication,
    report.findings,
    report.impression,
    report.studyId,
    report.source,
    hash,
    now,
  );
  const row = writer.get<{ row: number }>('SELECT row FROM knowledge WHERE id = ?', id)?.row ?? 0;
  writer.run(
    'INSERT INTO knowledge_words (rowid, body) VALUES (?, ?)',
    row,
    [report.indication, textOf(report)].join('\n'),
  );
  return { row, id, added: true };
};

export const remove = (writer: Writer, row: number): void => {
  writer.run('DELETE FROM knowledge_words WHERE rowid = ?', row);
  writer.run('DELETE FROM knowledge_embedding WHERE row = ?', row);
  writer.run('DELETE FROM knowledge WHERE row = ?', row);
};

export interface Filters {
  readonly modality: string | null;
  readonly bodyPart: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** Neither this study's own report nor any of its patient's. */
  readonly excludeStudyId: string | null;
  readonly excludePatientId: string;
  readonly excludeBirthDate: string | null;
}

/** A WHERE clause and its values, for knowledge as k. */
const where = (filters: Filters): { sql: string; values: (string | null)[] } => {
  const parts = ['1'];
  const values: (string | null)[] = [];
  const add = (sql: string, value: string | null): void => {
    if (!value) return;
    parts.push(sql);
    values.push(value);
  };
  add('k.modality = ?', filters.modality?.toUpperCase() ?? null);
  add('k.body_part = ?', filters.bodyPart?.toUpperCase() ?? null);
  add('k.date >= ?', filters.from);
  add('k.date <= ?', filters.to);
  add('(k.study_id IS NULL OR k.study_id <> ?)', filters.excludeStudyId);
  add('k.patient_id <> ?', filters.excludePatientId || null);
  // Without an id only the birth date can tell a namesake from the patient: when in doubt, leave it out.
  if (filters.excludeBirthDate) {
    parts.push("NOT (k.patient_id = '' AND k.birth_date IS ?)");
    values.push(filters.excludeBirthDate);
  }
  return { sql: parts.join(' AND '), values };
};

export const isFiltered = (filters: Filters): boolean => where(filters).sql !== '1';

export const allowedRows = (reader: Reader, filters: Filters): Set<number> => {
  const { sql, values } = where(filters);
  return new Set(
    reader.all<{ row: number }>(`SELECT k.row FROM knowledge k WHERE ${sql}`, ...values).map((r) => r.row),
  );
};

/** Words only, quoted, so that nothing in the text is an operator of FTS5. */
const matchExpression = (text: string): string | null => {
  const words = [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [])].slice(0, 64);
  return words.length > 0 ? words.map((word) => `"${word}"`).join(' OR ') : null;
};

/** BM25 over the words, best first. */
export const byWords = (
  reader: Reader,
  text: string,
  filters: Filters,
  limit: number,
): { row: number; snippet: string }[] => {
  const match = matchExpression(text);
  if (!match) return [];
  const { sql, values } = where(filters);
  return reader.all<{ row: number; snippet: string }>(
    `SELECT k.row, snippet(knowledge_words, 0, '', '', ' … ', 24) AS snippet
     FROM knowledge_words JOIN knowledge k ON k.row = knowledge_words.rowid
     WHERE knowledge_words MATCH ? AND ${sql} ORDER BY bm25(knowledge_words) LIMIT ?`,
    match,
    ...values,
    limit,
  );
};

export const byRows = (reader: Reader, rows: readonly number[]): KnowledgeRow[] =>
  rows.flatMap((row) => reader.get<KnowledgeRow>('SELECT * FROM knowledge WHERE row = ?', row) ?? []);
