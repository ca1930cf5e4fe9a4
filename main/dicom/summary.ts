import type { Patient } from '../../preload/contract/index.ts';
import type { DataSet } from './data-set.ts';
import { type ImageWords, imageWords, isEncapsulated, Refusal } from './image.ts';
import { type Parsed, Unreadable } from './parse.ts';
import { syntaxRefusal } from './pixels/codecs.ts';
import { checkNativeLength } from './pixels/frames.ts';
import { TAG } from './tags.ts';

export interface StudyWords {
  readonly uid: string;
  readonly patient: Patient;
  readonly date: string | null;
  readonly time: string | null;
  readonly accession: string;
  readonly description: string;
}
export interface SeriesWords {
  readonly uid: string;
  readonly number: number | null;
  readonly modality: string;
  readonly description: string;
  readonly bodyPart: string;
  readonly kind: 'image' | 'segmentation' | 'structures' | 'report' | 'other';
}
/** What the index keeps of one file. */
export interface FileWords {
  readonly study: StudyWords;
  readonly series: SeriesWords;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly instanceNumber: number | null;
  /** Null where it holds no image or one that is not shown. */
  readonly image: ImageWords | null;
  /** Why it holds no image that is shown; null where it does, or where it is none to begin with. */
  readonly refused: string | null;
}

const SEGMENTATIONS = new Set(['1.2.840.10008.5.1.4.1.1.66.4', '1.2.840.10008.5.1.4.1.1.66.7']);
const STRUCTURES = '1.2.840.10008.5.1.4.1.1.481.3';
const REPORTS = '1.2.840.10008.5.1.4.1.1.88.';
const ENCAPSULATED = '1.2.840.10008.5.1.4.1.1.104.';

const day = (text: string): string | null => {
  const match = /^(\d{4})[.-]?(\d{2})[.-]?(\d{2})/.exec(text);
  if (!match) return null;
  const [, y = '', m = '', d = ''] = match;
  const date = new Date(Date.UTC(Number(y), Number(m) - 1, Number(d)));
  return date.getUTCMonth() === Number(m) - 1 && date.getUTCDate() === Number(d) ? `${y}-${m}-${d}` : null;
};
const time = (text: string): string | null => {
  const match = /^(\d{2}):?(\d{2})?:?(\d{2})?/.exec(text);
  if (!match) return null;
  const [, h = '00', m = '00', s = '00'] = match;
  return Number(h) < 24 && Number(m) < 60 && Number(s) < 61 ? `${h}:${m}:${s}` : null;
};
const LONGEST_TEXT = 1024;
/** Control characters are no text of a worklist. */
const line = (text: string): string => {
  const short = text.length > LONGEST_TEXT ? text.slice(0, LONGEST_TEXT) : text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return /[\u0000-\u001f\u007f]/.test(short) ? short.replace(/[\u0000-\u001f\u007f]/g, ' ').trim() : short.trim();
};
const uid = (text: string): string => (/^[0-9.]{1,128}$/.test(text) ? text : '');

const sexOf = (text: string): Patient['sex'] => (text === 'F' || text === 'M' || text === 'O' ? text : null);
const patientOf = (dataSet: DataSet): Patient => ({
  name: line(dataSet.texts(TAG.PatientName).join(' ')),
  id: line(dataSet.text(TAG.PatientID)),
  issuer: line(dataSet.text(TAG.IssuerOfPatientID)),
  birthDate: day(dataSet.code(TAG.PatientBirthDate)),
  sex: sexOf(dataSet.code(TAG.PatientSex).toUpperCase()),
});

const kindOf = (sopClass: string, modality: string, pixels: boolean): SeriesWords['kind'] => {
  if (SEGMENTATIONS.has(sopClass)) return 'segmentation';
  if (sopClass === STRUCTURES) return 'structures';
  if (sopClass.startsWith(REPORTS) || sopClass.startsWith(ENCAPSULATED) || modality === 'SR') return 'report';
  return pixels ? 'image' : 'other';
};

/**
 * Reads what the index keeps. `contentUid` names files that lack a UID by their content, so that the same file
 * imported twice is the same. `fileBytes` is the whole file's size. Throws Unreadable for what is no usable DICOM.
 */
export const summarize = (parsed: Parsed, fileBytes: number, contentUid: (part: string) => string): FileWords => {
  const { dataSet, meta, pixels } = parsed;
  if (dataSet.elements.size === 0) throw new Unreadable('the file holds no data set');
  const sopClassUid = uid(dataSet.code(TAG.SOPClassUID)) || uid(meta.code(TAG.MediaStorageSOPClassUID));
  const rows = dataSet.number(TAG.Rows);
  const modality = line(dataSet.code(TAG.Modality).toUpperCase()).slice(0, 16);
  if (sopClassUid === '' && modality === '' && rows === undefined && !dataSet.has(TAG.PatientName))
    throw new Unreadable('the file names neither class, modality nor patient');
  const sopInstanceUid = uid(dataSet.code(TAG.SOPInstanceUID)) || contentUid('instance');
  const seriesUid = uid(dataSet.code(TAG.SeriesInstanceUID)) || contentUid('series');
  let image: ImageWords | null = null;
  let refused: string | null = null;
  const kind = kindOf(sopClassUid, modality, pixels !== null || rows !== undefined);
  if (pixels) {
    try {
      const syntax = syntaxRefusal(parsed.transferSyntax);
      if (syntax) throw new Refusal(syntax);
      image = imageWords(parsed);
      const size = parsed.inflated?.length ?? fileBytes;
      if (!isEncapsulated(parsed.transferSyntax))
        checkNativeLength(image, pixels.length, pixels.undefinedLength, size - pixels.offset);
    } catch (error) {
      if (!(error instanceof Refusal || error instanceof Unreadable)) throw error;
      image = null;
      refused = sentence(error.message);
    }
  } else if (parsed.cutShort) refused = `The file is cut short: ${fileBytes} bytes are all there is.`;
  else if (kind === 'image') refused = 'The file describes an image but holds no pixel data.';
  const number = dataSet.decimal(TAG.InstanceNumber);
  const seriesNumber = dataSet.decimal(TAG.SeriesNumber);
  return {
    study: {
      uid: uid(dataSet.code(TAG.StudyInstanceUID)) || contentUid('study'),
      patient: patientOf(dataSet),
      date: day(dataSet.code(TAG.StudyDate)),
      time: time(dataSet.code(TAG.StudyTime)),
      accession: line(dataSet.text(TAG.AccessionNumber)),
      description: line(dataSet.text(TAG.StudyDescription)),
    },
    series: {
      uid: seriesUid,
      number: seriesNumber !== undefined && Number.isSafeInteger(seriesNumber) ? seriesNumber : null,
      modality,
      description: line(dataSet.text(TAG.SeriesDescription)),
      bodyPart: line(dataSet.code(TAG.BodyPartExamined)).slice(0, 64),
      kind,
    },
    sopInstanceUid,
    sopClassUid,
    instanceNumber: number !== undefined && Number.isSafeInteger(number) ? number : null,
    image,
    refused,
  };
};

export const sentence = (text: string): string => {
  const upper = text.slice(0, 1).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(upper) ? upper : `${upper}.`;
};
