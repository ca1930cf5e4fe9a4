/** A prior is the same patient's earlier report: id and birth date agree; where only one does, the reader says. */
import type { PriorCandidate, StudySummary } from '../../preload/contract/index.ts';
import type { Reader } from '../store/index.ts';
import { type KnowledgeRow, toReport } from './reports.ts';

const matchOf = (study: StudySummary, row: KnowledgeRow): PriorCandidate['match'] | null => {
  const sameId = study.patient.id !== '' && row.patient_id === study.patient.id;
  const birthKnown = study.patient.birthDate !== null && row.birth_date !== null;
  const sameBirth = birthKnown && row.birth_date === study.patient.birthDate;
  if (sameId && sameBirth) return 'certain';
  if (sameId) return 'id-only';
  // Another id on both sides is another patient, whatever the birthday.
  if (sameBirth && (row.patient_id === '' || study.patient.id === '')) return 'birth-date-only';
  return null;
};

/** Newest first; only what was written before the study, and never the study's own report. */
export const priorsOf = (reader: Reader, study: StudySummary, most = 50): PriorCandidate[] => {
  const rows = reader.all<KnowledgeRow>(
    `SELECT * FROM knowledge WHERE (study_id IS NULL OR study_id <> ?)
       AND ((patient_id <> '' AND patient_id = ?) OR (birth_date IS NOT NULL AND birth_date IS ?))
     ORDER BY date DESC LIMIT 500`,
    study.id,
    study.patient.id,
    study.patient.birthDate,
  );
  const said = new Map(
    reader
      .all<{ knowledge_id: string; same: number }>(
        'SELECT knowledge_id, same FROM prior_confirmation WHERE study_id = ?',
        study.id,
      )
      .map((row) => [row.knowledge_id, row.same === 1]),
  );
  return rows
    .flatMap((row): PriorCandidate[] => {
      const match = matchOf(study, row);
      // "Earlier" must be known: an undated report, or an undated study, is no prior.
      if (!match || row.date === null || study.date === null || row.date >= study.date) return [];
      return [{ report: toReport(row), match, confirmed: said.get(row.id) ?? null }];
    })
    .slice(0, most);
};

/** Those that a draft may speak of. */
export const usable = (priors: readonly PriorCandidate[]): PriorCandidate[] =>
  priors.filter((prior) => (prior.match === 'certain' ? prior.confirmed !== false : prior.confirmed === true));
