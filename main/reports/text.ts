/** A report in words: the same lines for the plain text and the page. */
import { type Report, SECTION_TITLES, SECTIONS, type StudySummary } from '../../preload/contract/index.ts';
import { sectionText } from './knowing.ts';

/** PS3.5 6.2.1: family^given^middle^prefix^suffix, up to three groups (alphabetic=ideographic=phonetic). */
export const shownName = (name: string): string => {
  const groups = name.split('=').map((group) => {
    const [family = '', given = '', middle = '', prefix = '', suffix = ''] = group
      .split('^')
      .map((part) => part.trim());
    const first = [prefix, given, middle].filter(Boolean).join(' ');
    return [[family, first].filter(Boolean).join(', '), suffix].filter(Boolean).join(', ');
  });
  const [alphabetic = '', ...others] = groups;
  const rest = others.filter(Boolean).join(', ');
  if (!alphabetic) return rest || 'name not known';
  return rest ? `${alphabetic} (${rest})` : alphabetic;
};

const SEX = { F: 'female', M: 'male', O: 'other' } as const;

/** Who it is: name, birth date, sex, id. Stands on every page. */
export const patientLine = ({ patient }: StudySummary): string =>
  [
    shownName(patient.name),
    `born ${patient.birthDate ?? 'not known'}`,
    patient.sex ? SEX[patient.sex] : 'sex not known',
    `ID ${patient.id || 'not known'}${patient.issuer ? ` (${patient.issuer})` : ''}`,
  ].join(' · ');

export const studyLine = (study: StudySummary): string =>
  [
    [study.modalities.join('/'), study.description].filter(Boolean).join(' '),
    study.date ? [study.date, study.time?.slice(0, 5)].filter(Boolean).join(' ') : 'date not known',
    study.accession ? `accession ${study.accession}` : '',
  ]
    .filter(Boolean)
    .join(' · ');

export const ALTERED = 'ALTERED AFTER SIGNING: this text is not what was signed.';
export const UNSIGNED = 'draft — not signed';

/** '2026-11-21 10:22 UTC'. */
export const momentText = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;

export interface Passage {
  readonly title: string;
  readonly text: string;
}

/** Sections that have text, in order. */
export const passages = (report: Report): Passage[] =>
  SECTIONS.map((section) => ({ title: SECTION_TITLES[section], text: sectionText(report, section) })).filter(
    (one) => one.text,
  );

export const signatureLine = (report: Report): string =>
  report.signature ? `Signed by ${report.signature.signedBy}, ${momentText(report.signature.signedAt)}` : 'Not signed';

export const plainText = (report: Report, study: StudySummary): string => {
  const lines: string[] = [];
  if (report.altered) lines.push(ALTERED, '');
  if (!report.signature) lines.push(UNSIGNED.toUpperCase(), '');
  lines.push(`Patient: ${patientLine(study)}`, `Study: ${studyLine(study)}`, '');
  for (const { title, text } of passages(report)) lines.push(title.toUpperCase(), text, '');
  lines.push(signatureLine(report));
  if (report.signature) lines.push(`sha256 ${report.signature.hash}`);
  report.addenda.forEach((one, index) => {
    const { signedBy, signedAt, hash } = one.signature;
    lines.push(
      '',
      `ADDENDUM ${index + 1}`,
      one.text,
      `Signed by ${signedBy}, ${momentText(signedAt)}`,
      `sha256 ${hash}`,
    );
  });
  return `${lines.join('\n')}\n`;
};
