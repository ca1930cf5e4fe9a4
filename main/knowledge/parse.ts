/** Reports from JSON lines, CSV and plain text. Input is untrusted: sizes are bounded, a bad line is refused with its reason. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { parse as parseCsv } from 'csv-parse';
import { Fault } from '../../preload/contract/index.ts';

export interface ParsedReport {
  patientId: string;
  birthDate: string | null;
  date: string | null;
  modality: string;
  bodyPart: string;
  indication: string;
  findings: string;
  impression: string;
}
export type ParsedLine =
  | { kind: 'report'; line: number; report: ParsedReport }
  | { kind: 'refused'; line: number; reason: string };

const MOST_LINE = 1_000_000;
const MOST_SECTION = 50_000;
const MOST_TEXT_FILE = 1_000_000;

/** Column and key names that the field uses, folded: lower case, letters only. */
const NAMES: Readonly<Record<keyof ParsedReport, readonly string[]>> = {
  patientId: ['patientid', 'pid', 'mrn', 'subjectid', 'subject'],
  birthDate: ['birthdate', 'patientbirthdate', 'dateofbirth', 'dob'],
  date: ['date', 'studydate', 'reportdate', 'examdate'],
  modality: ['modality', 'exam', 'examtype'],
  bodyPart: ['bodypart', 'bodypartexamined', 'region', 'anatomy'],
  indication: ['indication', 'history', 'clinicalhistory', 'reason'],
  findings: ['findings', 'finding', 'report', 'reporttext', 'text', 'body'],
  impression: ['impression', 'conclusion', 'opinion', 'summary'],
};

const fold = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '');

/** YYYY-MM-DD from that form or DICOM's YYYYMMDD; null where it is neither or no day of the calendar. */
export const dayOf = (text: string): string | null => {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})(?:$|[T ])/.exec(text.trim());
  if (!match) return null;
  const day = `${match[1]}-${match[2]}-${match[3]}`;
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day) ? day : null;
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is removed
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;
const clean = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number'
    ? String(value).replace(CONTROL, ' ').trim().slice(0, MOST_SECTION)
    : '';

const fromRecord = (line: number, record: Readonly<Record<string, unknown>>): ParsedLine => {
  const folded = new Map(Object.entries(record).map(([key, value]) => [fold(key), value]));
  const take = (field: keyof ParsedReport): string => {
    for (const name of NAMES[field]) {
      const text = clean(folded.get(name));
      if (text) return text;
    }
    return '';
  };
  const report: ParsedReport = {
    patientId: take('patientId').slice(0, 64),
    birthDate: dayOf(take('birthDate')),
    date: dayOf(take('date')),
    modality: take('modality').slice(0, 16),
    bodyPart: take('bodyPart').slice(0, 64),
    indication: take('indication'),
    findings: take('findings'),
    impression: take('impression'),
  };
  if (!report.findings && !report.impression)
    return { kind: 'refused', line, reason: 'neither findings nor impression' };
  return { kind: 'report', line, report };
};

async function* fromJsonLines(path: string): AsyncGenerator<ParsedLine> {
  const input = createReadStream(path, { encoding: 'utf8' });
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  let line = 0;
  try {
    for await (const text of lines) {
      line++;
      if (!text.trim()) continue;
      if (text.length > MOST_LINE) {
        yield { kind: 'refused', line, reason: `longer than ${MOST_LINE} characters` };
        continue;
      }
      let value: unknown;
      try {
        value = JSON.parse(text);
      } catch {
        yield { kind: 'refused', line, reason: 'not JSON' };
        continue;
      }
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        yield { kind: 'refused', line, reason: 'not an object' };
      else yield fromRecord(line, value as Record<string, unknown>);
    }
  } finally {
    input.destroy();
  }
}

async function* fromCsv(path: string): AsyncGenerator<ParsedLine> {
  const parser = parseCsv({
    columns: true,
    bom: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MOST_LINE,
    delimiter: [',', ';', '\t'],
  });
  // What goes wrong with the file is the parser's to tell, and who stops reading closes the file.
  pipeline(createReadStream(path), parser, () => {});
  let line = 1;
  for await (const record of parser) yield fromRecord(++line, record as Record<string, unknown>);
}

const HEADING =
  /^\s*(indication|history|clinical history|technique|comparison|findings?|impression|conclusion|opinion)\s*:?\s*(.*)$/i;

/** Sections by their headings; all of it is findings where there is none. */
export const sectionsOf = (text: string): Pick<ParsedReport, 'indication' | 'findings' | 'impression'> => {
  const sections: Record<'indication' | 'findings' | 'impression' | 'rest', string[]> = {
    indication: [],
    findings: [],
    impression: [],
    rest: [],
  };
  let current: keyof typeof sections = 'rest';
  let headings = 0;
  for (const line of text.split(/\r?\n/)) {
    const match = HEADING.exec(line);
    const word = match?.[1]?.toLowerCase();
    // A heading stands alone or ends in a colon; 'Findings are unchanged.' is a sentence.
    if (match && word && (line.includes(':') || !match[2])) {
      headings++;
      current = word.startsWith('finding')
        ? 'findings'
        : ['impression', 'conclusion', 'opinion'].includes(word)
          ? 'impression'
          : word.includes('history') || word === 'indication'
            ? 'indication'
            : 'rest';
      if (match[2]) sections[current].push(match[2]);
    } else sections[current].push(line);
  }
  const join = (lines: readonly string[]): string => clean(lines.join('\n').trim());
  if (headings === 0) return { indication: '', findings: join(sections.rest), impression: '' };
  return {
    indication: join(sections.indication),
    findings: join(sections.findings),
    impression: join(sections.impression),
  };
};

async function* fromText(path: string): AsyncGenerator<ParsedLine> {
  const { readFile } = await import('node:fs/promises');
  if ((await stat(path)).size > MOST_TEXT_FILE)
    throw new Fault('refused', `${basename(path)} is too long for one report.`);
  const parts = sectionsOf(await readFile(path, 'utf8'));
  if (!parts.findings && !parts.impression) yield { kind: 'refused', line: 1, reason: 'empty' };
  else
    yield {
      kind: 'report',
      line: 1,
      report: { patientId: '', birthDate: null, date: null, modality: '', bodyPart: '', ...parts },
    };
}

/** Throws Fault 'refused' for a kind of file that is not read. */
export const parseReports = (path: string): AsyncGenerator<ParsedLine> => {
  switch (extname(path).toLowerCase()) {
    case '.jsonl':
    case '.ndjson':
    case '.json':
      return fromJsonLines(path);
    case '.csv':
    case '.tsv':
      return fromCsv(path);
    case '.txt':
      return fromText(path);
    default:
      throw new Fault('refused', 'Reports are read from .jsonl, .csv, .tsv and .txt files.', { file: basename(path) });
  }
};
