/** The demonstration patient as files: a CT study, an X-ray study, and what was reported before. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { demonstration } from '../../../models/kit/phantom/index.ts';
import { type PhantomIdentity, writePhantom } from './phantom.ts';

const PATIENT = { name: 'Phantom^Demonstration', id: 'SIGHTLINE-DEMO', birthDate: '1963-02-14' } as const;
/** Fixed, so that the same files come out on every machine. The patient is 63 on both days. */
const CT_DATE = '2026-06-01';
const XRAY_DATE = '2026-05-29';

const dayBefore = (date: string, days: number): string =>
  new Date(Date.parse(`${date}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);

/** A section of a report by its heading; empty where it has none. */
const section = (text: string, heading: string): string => new RegExp(`^${heading}: (.*)$`, 'm').exec(text)?.[1] ?? '';

/** Writes studies/ and reports.jsonl below the folder; answers the number of files. */
export const writeDemonstration = async (folder: string): Promise<number> => {
  const made = demonstration();
  const who = (study: string, studyDate: string, description: string): PhantomIdentity => ({
    ...PATIENT,
    studyDate,
    studyTime: '09:30:00',
    description,
    accession: `DEMO-${study}`,
    key: `sightline demonstration ${study}`,
  });
  const ct = await writePhantom(
    made.ct,
    who('CT', CT_DATE, 'CT chest and upper abdomen'),
    join(folder, 'studies', 'ct'),
  );
  const xray = await writePhantom(made.xray, who('CR', XRAY_DATE, 'Chest radiograph'), join(folder, 'studies', 'xray'));
  const lines = made.priorReports.map(({ daysBefore, modality, text }) =>
    JSON.stringify({
      patientId: PATIENT.id,
      birthDate: PATIENT.birthDate,
      date: dayBefore(CT_DATE, daysBefore),
      modality,
      bodyPart: 'CHEST',
      indication: section(text, 'INDICATION'),
      findings: section(text, 'FINDINGS'),
      impression: section(text, 'IMPRESSION'),
    }),
  );
  await writeFile(join(folder, 'reports.jsonl'), `${lines.join('\n')}\n`, { mode: 0o600 });
  return ct.length + xray.length + 1;
};
