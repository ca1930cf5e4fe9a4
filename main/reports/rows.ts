/** Reports as they lie in the database. */
import { Fault, type ReportEdit, type Sentence } from '../../preload/contract/index.ts';
import type { Reader } from '../store/index.ts';

export interface ReportRow {
  readonly id: string;
  readonly study_id: string;
  readonly draft_id: string | null;
  readonly start: string;
  readonly state: 'draft' | 'preliminary' | 'final';
  readonly revision: number;
  readonly created_at: string;
  readonly updated_at: string;
  readonly replaced_at: string | null;
  readonly signed: string | null;
  readonly signed_by: string | null;
  readonly signed_at: string | null;
  readonly hash: string | null;
  readonly history_hash: string | null;
}
export interface EditRow {
  readonly position: number;
  readonly at: string;
  readonly edit: string;
}
export interface AddendumRow {
  readonly position: number;
  readonly id: string;
  readonly text: string;
  readonly signed_by: string;
  readonly signed_at: string;
  readonly hash: string;
  readonly previous_hash: string;
}

export const currentRow = (reader: Reader, studyId: string): ReportRow | undefined =>
  reader.get<ReportRow>('SELECT * FROM report WHERE study_id = ? AND replaced_at IS NULL', studyId);

export const rowOf = (reader: Reader, reportId: string): ReportRow => {
  const row = reader.get<ReportRow>('SELECT * FROM report WHERE id = ?', reportId);
  if (!row) throw new Fault('not-found', 'There is no such report.', { reportId });
  return row;
};

export const logOf = (reader: Reader, reportId: string): EditRow[] =>
  reader.all<EditRow>('SELECT position, at, edit FROM report_edit WHERE report_id = ? ORDER BY position', reportId);

export const addendaOf = (reader: Reader, reportId: string): AddendumRow[] =>
  reader.all<AddendumRow>('SELECT * FROM report_addendum WHERE report_id = ? ORDER BY position', reportId);

/** Whether it was ever signed, by the note that signing leaves besides the row. */
export const signedOnce = (reader: Reader, reportId: string): boolean =>
  reader.get("SELECT 1 FROM operation WHERE subject = ? AND kind = 'report.sign'", reportId) !== undefined;

/** What we wrote is trusted; what a hand made unreadable is said. */
const json = <T>(text: string, reportId: string): T => {
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Fault('refused', 'This report was changed outside of Sightline and cannot be read.', { reportId });
  }
};
export const startOf = (row: ReportRow): Sentence[] => json(row.start, row.id);
export const signedOf = (row: ReportRow): Sentence[] | null =>
  row.signed === null ? null : json<Sentence[]>(row.signed, row.id);
export const editsOf = (row: ReportRow, log: readonly EditRow[]): ReportEdit[] =>
  log.map((one) => json<ReportEdit>(one.edit, row.id));
