import { Fault, type Report, type ReportEdit, type Sentence, type Signature } from '../../preload/contract/index.ts';
import type { Base, Drafting, Knowledge, Reports, Settings, Studies } from '../domains.ts';
import { createChanges } from '../process/changes.ts';
import { noteDone, type Reader, type Writer, wasDone } from '../store/index.ts';
import { sha256 } from './canonical.ts';
import { type Folded, fold, fromDraft, stateOf } from './document.ts';
import { createKnowing, noteForKnowledge } from './knowing.ts';
import { createReportMedia } from './media.ts';
import { checkRegions } from './regions.ts';
import {
  addendaOf,
  currentRow,
  type EditRow,
  editsOf,
  logOf,
  type ReportRow,
  rowOf,
  signedOf,
  signedOnce,
  startOf,
} from './rows.ts';
import { addendumForm, historyHash, isAltered, type Subject, signedForm } from './signing.ts';
import { plainText } from './text.ts';

/** Working and signed reports: an append-only log of edits, signatures over what was signed, addenda chained to them. */
export const createReports = (
  base: Base,
  studies: Studies,
  knowledge: Pick<Knowledge, 'add'>,
  drafting: Pick<Drafting, 'draft'>,
  settings: Pick<Settings, 'reader'>,
): Reports => {
  const { store, outside, newId } = base;
  const changes = createChanges<Report>();
  const now = (): string => outside.now().toISOString();

  const subjectOf = (studyId: string): Subject => {
    const { study } = studies.study(studyId);
    return { studyUid: study.uid, patientId: study.patient.id };
  };
  const folded = (row: ReportRow, log: readonly EditRow[]): Folded => fold(startOf(row), editsOf(row, log));

  const shown = (reader: Reader, row: ReportRow): Report => {
    const log = logOf(reader, row.id);
    const addenda = addendaOf(reader, row.id);
    const altered = isAltered(subjectOf(row.study_id), row, log, addenda, signedOnce(reader, row.id));
    let sentences: readonly Sentence[] | null = null;
    let working: Folded | null = null;
    try {
      sentences = signedOf(row);
    } catch (error) {
      if (!altered) throw error;
    }
    if (!sentences) {
      working = folded(row, log);
      sentences = working.sentences;
    }
    const signature: Signature | null =
      row.hash === null || row.signed_by === null || row.signed_at === null
        ? null
        : { signedBy: row.signed_by, signedAt: row.signed_at, algorithm: 'sha256', hash: row.hash, previousHash: null };
    const closed = signature !== null || altered;
    return {
      id: row.id,
      studyId: row.study_id,
      draftId: row.draft_id,
      revision: row.revision,
      sentences: [...sentences],
      state: row.state,
      signature,
      addenda: addenda.map((one) => ({
        id: one.id,
        text: one.text,
        signature: {
          signedBy: one.signed_by,
          signedAt: one.signed_at,
          algorithm: 'sha256',
          hash: one.hash,
          previousHash: one.previous_hash,
        },
      })),
      altered,
      canUndo: !closed && (working?.canUndo ?? false),
      canRedo: !closed && (working?.canRedo ?? false),
      updatedAt: row.updated_at,
    };
  };
  const byId = (reportId: string): Report => shown(store.read, rowOf(store.read, reportId));

  const tellChanged = (report: Report): Report => {
    changes.tell(report);
    studies.changed(report.studyId);
    return report;
  };

  const startRow = (writer: Writer, studyId: string, draftId: string | null, sentences: readonly Sentence[]): void => {
    const at = now();
    writer.run(
      `INSERT INTO report (id, study_id, draft_id, start, state, revision, created_at, updated_at)
       VALUES (?, ?, ?, ?, 'draft', 0, ?, ?)`,
      newId(),
      studyId,
      draftId,
      JSON.stringify(sentences),
      at,
      at,
    );
    studies.setStatus(writer, studyId, 'draft');
  };

  const begin = (studyId: string, draftId: string | null, replace: boolean): Report => {
    studies.study(studyId);
    const draft = draftId === null ? null : drafting.draft(draftId);
    if (draftId !== null && !draft) throw new Fault('not-found', 'There is no such draft.', { draftId });
    if (draft && draft.studyId !== studyId)
      throw new Fault('invalid', 'This draft was written for another study.', { draftId, studyId });
    const begun = store.transaction((writer) => {
      const present = currentRow(writer, studyId);
      if (present) {
        if (!replace) return false;
        if (present.state === 'final' || signedOnce(writer, present.id))
          throw new Fault('refused', 'The report is signed: write an addendum.', { reportId: present.id });
        // Asked again after a lost answer: what is there is what was asked for.
        if (present.draft_id === draftId && present.revision === 0) return false;
        writer.run('UPDATE report SET replaced_at = ? WHERE id = ?', now(), present.id);
      }
      startRow(writer, studyId, draftId, draft ? fromDraft(draft) : []);
      return true;
    });
    const row = currentRow(store.read, studyId);
    if (!row) throw new Error('the report was just begun');
    const report = shown(store.read, row);
    return begun ? tellChanged(report) : report;
  };

  /** The row to be changed, of the revision that the reader saw. */
  const openRow = (writer: Writer, reportId: string, revision: number): ReportRow => {
    const row = rowOf(writer, reportId);
    if (row.replaced_at !== null) throw new Fault('conflict', 'Another report was begun in its place.', { reportId });
    if (row.state === 'final' || signedOnce(writer, reportId))
      throw new Fault('refused', 'The report is signed: write an addendum.', { reportId });
    if (row.revision !== revision)
      throw new Fault('conflict', 'The report was changed meanwhile.', { reportId, revision: row.revision });
    return row;
  };
  const append = (writer: Writer, row: ReportRow, log: readonly EditRow[], edit: ReportEdit): EditRow[] => {
    const next: EditRow = { position: (log.at(-1)?.position ?? 0) + 1, at: now(), edit: JSON.stringify(edit) };
    writer.run(
      'INSERT INTO report_edit (report_id, position, at, edit) VALUES (?, ?, ?, ?)',
      row.id,
      next.position,
      next.at,
      next.edit,
    );
    return [...log, next];
  };

  const edit = async (reportId: string, opId: string, revision: number, change: ReportEdit): Promise<Report> => {
    const operation = { opId, kind: 'report.edit', subject: reportId };
    if (wasDone(store.read, operation)) return byId(reportId);
    const seen = rowOf(store.read, reportId);
    await checkRegions(studies, seen.study_id, change, byId(reportId).sentences);
    const changed = store.transaction((writer) => {
      if (wasDone(writer, operation)) return false;
      const row = openRow(writer, reportId, revision);
      const log = append(writer, row, logOf(writer, reportId), change);
      const state = stateOf(folded(row, log));
      writer.run(
        'UPDATE report SET revision = revision + 1, state = ?, updated_at = ? WHERE id = ?',
        state,
        now(),
        reportId,
      );
      if (state !== row.state) studies.setStatus(writer, row.study_id, state);
      noteDone(writer, operation, row.study_id, now());
      return true;
    });
    return changed ? tellChanged(byId(reportId)) : byId(reportId);
  };

  const signer = (): string => {
    const { name } = settings.reader();
    if (!name.trim()) throw new Fault('refused', 'Set your name first: it stands under the signature.');
    return name;
  };

  /** Faults 'refused' where the report cannot stand under a name. */
  const checkSignable = (sentences: readonly Sentence[]): void => {
    const kept = sentences.filter((one) => one.decision !== 'deleted');
    if (kept.length === 0) throw new Fault('refused', 'The report has no sentence to sign.');
    const undecided = kept.filter((one) => one.decision === 'undecided').length;
    if (undecided > 0)
      throw new Fault('refused', `${undecided} sentences are undecided: accept, change or delete them.`, { undecided });
    const empty = kept.find((one) => !one.text.trim());
    if (empty) throw new Fault('refused', 'A sentence is empty: write or delete it.', { sentenceId: empty.id });
  };

  const sign = (reportId: string, opId: string, revision: number, acceptAll: boolean): Report => {
    const operation = { opId, kind: 'report.sign', subject: reportId };
    const signedBy = signer();
    const signed = store.transaction((writer) => {
      if (wasDone(writer, operation)) return false;
      const row = openRow(writer, reportId, revision);
      let log = logOf(writer, reportId);
      let document = folded(row, log);
      let next = row.revision;
      if (acceptAll && document.sentences.some((one) => one.decision === 'undecided')) {
        log = append(writer, row, log, { kind: 'accept-all' });
        document = folded(row, log);
        next += 1;
      }
      checkSignable(document.sentences);
      const signedAt = now();
      const text = JSON.stringify(document.sentences);
      const history = historyHash(row, text, log);
      const form = signedForm(subjectOf(row.study_id), document.sentences, { signedBy, signedAt }, history);
      writer.run(
        `UPDATE report SET state = 'final', revision = ?, updated_at = ?, signed = ?, signed_by = ?, signed_at = ?,
           hash = ?, history_hash = ? WHERE id = ?`,
        next + 1,
        signedAt,
        text,
        signedBy,
        signedAt,
        sha256(form),
        history,
        reportId,
      );
      studies.setStatus(writer, row.study_id, 'final');
      noteForKnowledge(writer, reportId, next + 1);
      noteDone(writer, operation, row.study_id, signedAt);
      return true;
    });
    const report = byId(reportId);
    if (!signed) return report;
    void knowing.tell();
    return tellChanged(report);
  };

  const addendum = (reportId: string, opId: string, written: string): Report => {
    const operation = { opId, kind: 'report.addendum', subject: reportId };
    const signedBy = signer();
    const text = written.trim();
    if (!text) throw new Fault('invalid', 'The addendum is empty.');
    const added = store.transaction((writer) => {
      if (wasDone(writer, operation)) return false;
      const row = rowOf(writer, reportId);
      if (row.hash === null) throw new Fault('refused', 'Only a signed report takes an addendum.', { reportId });
      if (shown(writer, row).altered)
        throw new Fault('refused', 'The report was changed after it was signed: nothing can be chained to it.', {
          reportId,
        });
      const addenda = addendaOf(writer, reportId);
      const previousHash = addenda.at(-1)?.hash ?? row.hash;
      const one = { id: newId(), text, signedBy, signedAt: now(), previousHash };
      writer.run(
        `INSERT INTO report_addendum (report_id, position, id, text, signed_by, signed_at, hash, previous_hash)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        reportId,
        (addenda.at(-1)?.position ?? 0) + 1,
        one.id,
        text,
        signedBy,
        one.signedAt,
        sha256(addendumForm(subjectOf(row.study_id), one)),
        previousHash,
      );
      writer.run('UPDATE report SET revision = revision + 1, updated_at = ? WHERE id = ?', one.signedAt, reportId);
      noteForKnowledge(writer, reportId, row.revision + 1);
      noteDone(writer, operation, row.study_id, one.signedAt);
      return true;
    });
    const report = byId(reportId);
    if (!added) return report;
    void knowing.tell();
    return tellChanged(report);
  };

  /** What the first signature's hash was taken over, for the JSON form: anyone can check it with sha256. */
  const signedText = (report: Report): string | null => {
    const row = rowOf(store.read, report.id);
    if (!report.signature || report.altered || !row.history_hash) return null;
    const { signedBy, signedAt } = report.signature;
    return signedForm(subjectOf(report.studyId), report.sentences, { signedBy, signedAt }, row.history_hash);
  };

  studies.onRemove((writer, studyId) => {
    writer.run('DELETE FROM report WHERE study_id = ?', studyId);
    writer.run('DELETE FROM operation WHERE study_id = ?', studyId);
    return [];
  });

  const knowing = createKnowing(base, studies, knowledge, byId);
  // After the other domains are built: knowledge may need them.
  setImmediate(() => void knowing.tell());

  const current = (studyId: string): Report | null => {
    const row = currentRow(store.read, studyId);
    return row ? shown(store.read, row) : null;
  };
  const text = (reportId: string): string => {
    const report = byId(reportId);
    return plainText(report, studies.study(report.studyId).study);
  };

  return {
    report: current,
    plainText: text,
    readers: () => {
      const signers = store.read.all<{ name: string }>(
        'SELECT signed_by AS name FROM report WHERE signed_by IS NOT NULL UNION SELECT signed_by FROM report_addendum',
      );
      return [settings.reader().name, ...signers.map((row) => row.name)].filter(Boolean);
    },
    media: createReportMedia({ report: byId, study: (studyId) => studies.study(studyId).study, signedText }),
    handlers: {
      reports: {
        get: ({ studyId }) => ({ report: current(studyId) }),
        begin: ({ studyId, draftId, replace }) => begin(studyId, draftId, replace),
        edit: ({ reportId, opId, revision, edit: change }) => edit(reportId, opId, revision, change),
        sign: ({ reportId, opId, revision, acceptAll }) => sign(reportId, opId, revision, acceptAll),
        addendum: ({ reportId, opId, text: written }) => addendum(reportId, opId, written),
        plainText: ({ reportId }) => ({ text: text(reportId) }),
        changed: ({ studyId }, emit, signal) =>
          changes.listen((report) => {
            if (report.studyId === studyId) emit({ reportId: report.id, revision: report.revision });
          }, signal),
      },
    },
  };
};
