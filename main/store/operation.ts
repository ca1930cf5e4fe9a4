import { Fault } from '../../preload/contract/index.ts';
import type { Reader, Writer } from './store.ts';

export interface Operation {
  readonly opId: string;
  /** 'report.edit', 'rating.draft': what it did. */
  readonly kind: string;
  /** Id of what it was done to. */
  readonly subject: string;
}

/** True where this very act was done before; a fault where its id belongs to another act. */
export const wasDone = (reader: Reader, operation: Operation): boolean => {
  const row = reader.get<{ kind: string; subject: string }>(
    'SELECT kind, subject FROM operation WHERE op_id = ?',
    operation.opId,
  );
  if (!row) return false;
  if (row.kind !== operation.kind || row.subject !== operation.subject)
    throw new Fault('invalid', 'This operation id was used for something else.', { opId: operation.opId });
  return true;
};

/** Notes the act inside the transaction that does it. */
export const noteDone = (writer: Writer, operation: Operation, studyId: string | null, at: string): void => {
  writer.run(
    'INSERT INTO operation (op_id, kind, subject, study_id, at) VALUES (?, ?, ?, ?, ?)',
    operation.opId,
    operation.kind,
    operation.subject,
    studyId,
    at,
  );
};
