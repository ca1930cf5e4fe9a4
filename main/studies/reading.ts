import { createHash, hash } from 'node:crypto';
import { statSync } from 'node:fs';
import { constants, crc32, gunzipSync } from 'node:zlib';
import {
  type ImageWords,
  looksLikeDicom,
  openSource,
  parseHead,
  Refusal,
  type SeriesWords,
  type Source,
  type StudyWords,
  sentence,
  summarize,
  TAG,
  Unreadable,
} from '../dicom/index.ts';
import { inflated, labelValues, looksLikeNifti, readNifti } from './forms/nifti.ts';
import { looksLikePicture } from './forms/signatures.ts';
import type { FileToRead, IngestAnswer, ReadFile } from './ingest-messages.ts';

/** Holds nearly every header, and what the fingerprint is made of; what is read of a file is copied, used or not. */
const HEAD_BYTES = 16 * 1024;
const HASHED_BYTES = 4 * 1024;
const SUMMED_BYTES = 12 * 1024;
const TAIL_BYTES = 4 * 1024;
/** One file is read after the other, each done with before the next. */
const sharedHead = Buffer.alloc(HEAD_BYTES);
const sharedTail = Buffer.alloc(TAIL_BYTES);
const DICOMDIR_CLASS = '1.2.840.10008.1.3.10';

/** 2.25 and 128 bits of a hash: a UID for what has none, the same for the same content. PS3.5 annex B.2 */
const derivedUid = (text: string): string =>
  `2.25.${BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 32)}`)}`;

const PICTURE_CLASS = '1.2.840.10008.5.1.4.1.1.7';
const NO_PATIENT = { name: '', id: '', issuer: '', birthDate: null, sex: null } as const;

/** What a file without study and patient is filed under: a study of its own, known by its content. */
const ownStudy = (
  source: Source,
  bytes: Uint8Array,
  name: string,
  form: 'nifti' | 'picture',
  words: ImageWords,
  kind: 'image' | 'segmentation',
): ReadFile => {
  const fingerprint = hash('sha256', bytes, 'base64url');
  const description = (name.split('/').at(-1) ?? '').replace(/\.(nii\.gz|[^.]{1,5})$/i, '').slice(0, 64);
  return {
    kind: 'instance',
    study: JSON.stringify({
      uid: derivedUid(`study/${fingerprint}`),
      patient: NO_PATIENT,
      date: null,
      time: null,
      accession: '',
      description,
    } satisfies StudyWords),
    series: JSON.stringify({
      uid: derivedUid(`series/${fingerprint}`),
      number: null,
      modality: 'OT',
      description: description || (form === 'nifti' ? 'NIfTI' : 'Picture'),
      bodyPart: '',
      kind,
    } satisfies SeriesWords),
    words: {
      sopInstanceUid: derivedUid(`instance/${fingerprint}`),
      sopClassUid: form === 'picture' ? PICTURE_CLASS : '',
      instanceNumber: 1,
      refused: null,
    },
    image: JSON.stringify(words),
    frames: words.layout.frames,
    form,
    bytes: source.size,
    modifiedMs: source.modifiedMs,
    fingerprint,
  };
};

const MOST_WHOLE = 2 ** 30;
const readWhole = (source: Source): Uint8Array => {
  if (source.size > MOST_WHOLE) throw new Unreadable(`the file is larger than ${MOST_WHOLE / 2 ** 20} MB`);
  return source.read(0, source.size);
};

/** The first bytes of what is in a gzip file. */
const gzipHead = (head: Uint8Array): Uint8Array | null => {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 26 });
  } catch {
    return null;
  }
};

/** The end of the pixels: where a file was moved, what is left to know it by is its start, its end and its size. */
const tailOf = (source: Source): Uint8Array => {
  const length = Math.min(TAIL_BYTES, source.size);
  return source.read(source.size - length, length, sharedTail);
};

const readOne = async (source: Source, name: string, busy: () => void): Promise<ReadFile> => {
  if (source.size === 0) return { kind: 'ignored', reason: 'The file is empty.' };
  const head = source.read(0, Math.min(HEAD_BYTES, source.size), sharedHead);
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) return { kind: 'archive' };
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  if (looksLikeNifti((gzip ? gzipHead(head.subarray(0, 4096)) : head) ?? head)) {
    const bytes = readWhole(source);
    busy();
    const nifti = readNifti(inflated(bytes));
    return ownStudy(source, bytes, name, 'nifti', nifti.words, labelValues(nifti, busy) ? 'segmentation' : 'image');
  }
  if (looksLikePicture(head)) {
    const bytes = readWhole(source);
    // Loaded when the first picture comes: most imports hold none.
    const { readPicture } = await import('./forms/picture.ts');
    return ownStudy(source, bytes, name, 'picture', readPicture(bytes).words, 'image');
  }
  if (!looksLikeDicom(head)) return { kind: 'ignored', reason: 'Not an image file that Sightline reads.' };
  const { parsed } = parseHead(source, head);
  if (
    parsed.dataSet.has(TAG.DirectoryRecordSequence) ||
    parsed.meta.code(TAG.MediaStorageSOPClassUID) === DICOMDIR_CLASS
  )
    return { kind: 'ignored', reason: 'A DICOM directory: its files are read themselves.' };
  // Told apart by this, taken for the same only after all bytes were compared: so a cheap sum will do for the larger part.
  const start = hash('sha256', head.subarray(0, HASHED_BYTES), 'base64url');
  const sum = crc32(tailOf(source), crc32(head.subarray(0, SUMMED_BYTES)));
  const fingerprint = `${start}/${sum.toString(36)}/${source.size}`;
  const { image, study, series, ...words } = summarize(parsed, source.size, (part) =>
    derivedUid(`${part}/${fingerprint}`),
  );
  return {
    kind: 'instance',
    words,
    study: JSON.stringify(study),
    series: JSON.stringify(series),
    image: image ? JSON.stringify(image) : null,
    frames: image?.layout.frames ?? 0,
    form: 'dicom',
    bytes: source.size,
    modifiedMs: source.modifiedMs,
    fingerprint,
  };
};

/** Reads files one by one; what is wrong with one is its outcome, never an error of the whole. */
export const readFiles = async (files: readonly FileToRead[], busy: () => void = () => {}): Promise<ReadFile[]> => {
  const answers: ReadFile[] = [];
  for (const { path, name } of files) {
    let source: Source | null = null;
    try {
      source = openSource(path);
      answers.push(await readOne(source, name, busy));
    } catch (error) {
      if (error instanceof Unreadable || error instanceof Refusal || error instanceof RangeError)
        answers.push({
          kind: 'refused',
          reason: sentence(error instanceof RangeError ? 'a broken value' : error.message),
        });
      else answers.push({ kind: 'refused', reason: `The file cannot be read (${codeOf(error)}).` });
    } finally {
      source?.close();
    }
  }
  return answers;
};

/** Of system errors only the code: their messages name the file. */
const codeOf = (error: unknown): string => {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown';
};

export const unpackFile = async (id: number, path: string, folder: string, busy: () => void): Promise<IngestAnswer> => {
  try {
    const { unpack } = await import('./forms/archive.ts');
    return { kind: 'unpacked', id, files: await unpack(path, folder, statSync(path).size, busy), refused: null };
  } catch (error) {
    const reason = error instanceof Unreadable ? error.message : `the archive cannot be unpacked (${codeOf(error)})`;
    return { kind: 'unpacked', id, files: [], refused: sentence(reason) };
  }
};

const COMPARED_BYTES = 1024 * 1024;
export const sameBytes = (a: string, b: string): boolean => {
  const opened: Source[] = [];
  try {
    const one = openSource(a);
    opened.push(one);
    const two = openSource(b);
    opened.push(two);
    if (one.size !== two.size) return false;
    for (let at = 0; at < one.size; at += COMPARED_BYTES) {
      const length = Math.min(COMPARED_BYTES, one.size - at);
      if (Buffer.compare(one.read(at, length), two.read(at, length)) !== 0) return false;
    }
    return true;
  } catch {
    return false;
  } finally {
    for (const source of opened) source.close();
  }
};
