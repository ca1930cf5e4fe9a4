import { Fault, type Report, type StudySummary } from '../../preload/contract/index.ts';
import { answerFile } from '../answers/files.ts';
import type { MediaHandler } from '../domains.ts';
import { plainText } from './text.ts';

/** What the files are made from. */
export interface ReportSource {
  report(reportId: string): Report;
  study(studyId: string): StudySummary;
  /** What the signature's hash was taken over; null where unsigned or altered. */
  signedText(report: Report): string | null;
}

const TYPES = { pdf: 'application/pdf', json: 'application/json', txt: 'text/plain; charset=utf-8' } as const;

const jsonForm = (report: Report, study: StudySummary, signedText: string | null): string =>
  `${JSON.stringify(
    {
      form: 'sightline-report-file-1',
      patient: study.patient,
      study: {
        uid: study.uid,
        date: study.date,
        time: study.time,
        accession: study.accession,
        description: study.description,
        modalities: study.modalities,
      },
      report,
      signedText,
    },
    null,
    2,
  )}\n`;

/** report/<id>.pdf, .json and .txt; the name of the file says nothing of the patient. */
export const createReportMedia =
  (source: ReportSource): MediaHandler =>
  (request, segments) => {
    const [first, name = '', ...rest] = segments;
    if (first !== 'report') return null;
    const match = /^([A-Za-z0-9_-]{1,64})\.(pdf|json|txt)$/u.exec(name);
    const [, reportId = '', form = ''] = match ?? [];
    if (!match || rest.length > 0) return Promise.resolve(new Response('There is no such file.', { status: 404 }));
    return answerFile(request, async () => {
      const report = source.report(reportId);
      const study = source.study(report.studyId);
      const body: string | Uint8Array<ArrayBuffer> =
        form === 'pdf'
          ? // The font engine is large, and most sessions print nothing.
            new Uint8Array(await (await import('./pdf.ts')).reportPdf(report, study))
          : form === 'json'
            ? jsonForm(report, study, source.signedText(report))
            : plainText(report, study);
      return { body, type: TYPES[form as keyof typeof TYPES], disposition: `inline; filename="report.${form}"` };
    }).catch((error: unknown) => {
      if (error instanceof Fault && error.code === 'not-found') return new Response(error.message, { status: 404 });
      throw error;
    });
  };
