import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { temporaryStudies } from './test-base.ts';

const s = temporaryStudies();
after(async () => {
  await s.close();
  s.remove();
});

test('studies of the same patient: id, issuer and birth date agree and the sex does not contradict; newest first', async () => {
  const put = (id: string, patientId: string, issuer: string, birth: string | null, sex: string | null, date: string) =>
    s.base.store.transaction((writer) =>
      writer.run(
        `INSERT INTO studies (id, key, uid, patient_name, patient_id, patient_issuer, birth_date, sex, study_date,
            accession, description, imported_at, search, name_order)
          VALUES (?1, ?1, ?1, 'Roe^Jane', ?2, ?3, ?4, ?5, ?6, '', '', '2026-01-01T00:00:00.000Z', '', '')`,
        id,
        patientId,
        issuer,
        birth,
        sex,
        date,
      ),
    );
  put('now', 'P1', 'H', '1960-01-01', 'F', '2026-05-01');
  put('old', 'P1', 'H', '1960-01-01', null, '2024-05-01');
  put('later', 'P1', 'H', '1960-01-01', 'F', '2026-06-01');
  put('other-birth', 'P1', 'H', '1961-01-01', 'F', '2025-01-01');
  put('other-issuer', 'P1', 'K', '1960-01-01', 'F', '2025-01-01');
  put('other-sex', 'P1', 'H', '1960-01-01', 'M', '2025-01-01');
  put('no-birth', 'P1', 'H', null, 'F', '2025-01-01');
  put('no-id', '', 'H', '1960-01-01', 'F', '2025-01-01');
  put('no-id-either', '', 'H', '1960-01-01', 'F', '2025-01-02');
  const { samePatient } = s.studies.handlers.studies;
  const context = { signal: new AbortController().signal };
  const of = async (studyId: string) => (await samePatient({ studyId }, context)).studies.map(({ study }) => study.id);
  assert.deepEqual(await of('now'), ['later', 'old']);
  assert.deepEqual(await of('no-birth'), []);
  assert.deepEqual(await of('no-id'), []);
  await assert.rejects(of('nobody'), /no such study/);
});
