import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { KEY_OBJECT_SELECTION, TAG } from '../dicom/index.ts';
import { file } from '../dicom/test-bytes.ts';
import { temporaryStudies } from './test-base.ts';

const selection = file('1.2.840.10008.1.2.1', [
  [TAG.SOPClassUID, 'UI', KEY_OBJECT_SELECTION],
  [TAG.SOPInstanceUID, 'UI', '2.25.1.1.1'],
  [TAG.Modality, 'CS', 'KO'],
  [TAG.PatientName, 'PN', 'Roe^Jane'],
  [TAG.PatientID, 'LO', 'K-1'],
  [TAG.StudyInstanceUID, 'UI', '2.25.1'],
  [TAG.SeriesInstanceUID, 'UI', '2.25.1.1'],
]);

test('who asks while another reads is answered, though the other leaves', async () => {
  const s = temporaryStudies();
  try {
    const folder = s.place();
    writeFileSync(join(folder, 'selection.dcm'), selection);
    await s.import(folder);
    const studyId = s.list()[0]?.study.id ?? '';
    const [leaves, stays] = [new AbortController(), new AbortController()];
    const first = s.studies.objects(studyId, leaves.signal);
    const second = s.studies.objects(studyId, stays.signal);
    const third = s.studies.objects(studyId, stays.signal);
    leaves.abort();
    await assert.rejects(first, /Cancelled/);
    assert.deepEqual(
      (await second).map(({ kind }) => kind),
      ['key-object'],
    );
    assert.deepEqual(await third, await second);
  } finally {
    await s.close();
    s.remove();
  }
});
