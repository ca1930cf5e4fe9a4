import type { Patient } from '../../preload/contract/index.ts';

/** One component group of a DICOM name: family^given^middle^prefix^suffix. PS3.5 6.2.1 */
const western = (group: string): string => {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = group.split('^').map((part) => part.trim());
  const rest = [prefix, given, middle].filter((part) => part !== '').join(' ');
  return [family, rest, suffix].filter((part) => part !== '').join(', ');
};

/** 'Yamada^Tarou=山田^太郎' reads 'Yamada, Tarou (山田 太郎)'. */
export const displayName = (name: string): string => {
  const [alphabetic = '', ideographic = ''] = name.split('=');
  const first = western(alphabetic);
  const second = ideographic.replaceAll('^', ' ').trim();
  if (first === '') return second === '' ? 'Name unknown' : second;
  return second === '' ? first : `${first} (${second})`;
};

/** '1958-03-02 (67 y)': the age on the day of the study, where both days are known. */
export const displayBirth = (patient: Pick<Patient, 'birthDate'>, studyDate: string | null): string => {
  if (patient.birthDate === null) return 'unknown';
  if (studyDate === null) return patient.birthDate;
  const [by = 0, bm = 0, bd = 0] = patient.birthDate.split('-').map(Number);
  const [sy = 0, sm = 0, sd = 0] = studyDate.split('-').map(Number);
  const months = (sy - by) * 12 + (sm - bm) - (sd < bd ? 1 : 0);
  if (months < 0) return patient.birthDate;
  return `${patient.birthDate} (${months < 24 ? `${months} mo` : `${Math.floor(months / 12)} y`})`;
};

export const displaySex = (sex: Patient['sex']): string =>
  sex === null ? 'unknown' : { F: 'Female', M: 'Male', O: 'Other' }[sex];

/** '2026-11-21 14:05' with what is known. */
export const displayWhen = (date: string | null, time: string | null): string =>
  date === null ? 'Date unknown' : time === null ? date : `${date} ${time.slice(0, 5)}`;
