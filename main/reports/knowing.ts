/** Signed reports become knowledge: noted with the signature, told until knowledge has taken them in. */
import type { Report, Section, StudySummary } from '../../preload/contract/index.ts';
import type { Base, Knowledge, Studies } from '../domains.ts';
import type { Writer } from '../store/index.ts';

/** Kinds of series that are no examination by themselves. */
const DERIVED = new Set(['SEG', 'SR', 'PR', 'KO', 'RTSTRUCT', 'RTPLAN', 'RTDOSE', 'REG', 'DOC', 'OT']);

const mainModality = (study: StudySummary): string =>
  study.modalities.find((one) => !DERIVED.has(one)) ?? study.modalities[0] ?? '';

export const sectionText = (report: Report, section: Section): string =>
  report.sentences
    .filter((one) => one.section === section && one.decision !== 'deleted')
    .map((one) => one.text.trim())
    .filter(Boolean)
    .join(' ');

export const noteForKnowledge = (writer: Writer, reportId: string, revision: number): void => {
  writer.run(
    `INSERT INTO report_outbox (report_id, revision) VALUES (?, ?)
     ON CONFLICT (report_id) DO UPDATE SET revision = excluded.revision`,
    reportId,
    revision,
  );
};

/**
 * Tells knowledge what it was not told yet; one run at a time. knowledge.add replaces what it has of the same study, so
 * that telling again after a crash makes nothing twice.
 */
export const createKnowing = (
  base: Base,
  studies: Studies,
  knowledge: Pick<Knowledge, 'add'>,
  report: (reportId: string) => Report,
): { tell: () => Promise<void> } => {
  const { store, outside } = base;
  let running: Promise<void> = Promise.resolve();

  const tellOne = async (reportId: string, revision: number): Promise<void> => {
    const signed = report(reportId);
    // What no longer agrees with its signature must not teach later drafts; the row stays until it is looked at.
    if (signed.altered || !signed.signature) return;
    const { study } = studies.study(signed.studyId);
    const addenda = signed.addenda.map((one) => `Addendum: ${one.text.trim()}`);
    await knowledge.add({
      patientId: study.patient.id,
      patientName: study.patient.name,
      birthDate: study.patient.birthDate,
      date: study.date,
      modality: mainModality(study),
      bodyPart: study.bodyParts[0] ?? '',
      indication: sectionText(signed, 'indication'),
      findings: sectionText(signed, 'findings'),
      impression: [sectionText(signed, 'impression'), ...addenda].filter(Boolean).join(' '),
      studyId: study.id,
      source: 'signed here',
    });
    store.transaction((writer) =>
      writer.run('DELETE FROM report_outbox WHERE report_id = ? AND revision = ?', reportId, revision),
    );
  };

  const tellAll = async (): Promise<void> => {
    const waiting = store.read.all<{ report_id: string; revision: number }>('SELECT * FROM report_outbox');
    for (const one of waiting)
      try {
        await tellOne(one.report_id, one.revision);
      } catch (error) {
        outside.log.warn('a signed report waits to become knowledge', {
          reportId: one.report_id,
          reason: error instanceof Error ? error.message : String(error),
        });
      }
  };

  return {
    tell: () => {
      running = running.then(tellAll).catch((error: unknown) => {
        // The store may close while this waits: the row is still there at the next start.
        outside.log.warn('signed reports wait to become knowledge', {
          reason: error instanceof Error ? error.message : String(error),
        });
      });
      return running;
    },
  };
};
