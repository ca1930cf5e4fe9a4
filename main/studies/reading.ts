import { createHash, hash } from 'node:crypto';
import {
  looksLikeDicom,
  openSource,
  parseHead,
  Refusal,
  type Source,
  sentence,
  summarize,
  TAG,
  Unreadable,
} from '../dicom/index.ts';
import type { FileToRead, ReadFile } from './ingest-messages.ts';

const HEAD_BYTES = 32 * 1024;
const DICOMDIR_CLASS = '1.2.840.10008.1.3.10';

/** 2.25 and 128 bits of a hash: a UID for what has none, the same for the same content. PS3.5 annex B.2 */
const derivedUid = (text: string): string =>
  `2.25.${BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 32)}`)}`;

const readOne = (source: Source): ReadFile => {
  if (source.size === 0) return { kind: 'ignored', reason: 'The file is empty.' };
  const head = source.read(0, Math.min(HEAD_BYTES, source.size));
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 3 && head[3] === 4) return { kind: 'archive' };
  if (!looksLikeDicom(head)) return { kind: 'ignored', reason: 'Not an image file that Sightline reads.' };
  const { parsed } = parseHead(source);
  if (
    parsed.dataSet.has(TAG.DirectoryRecordSequence) ||
    parsed.meta.code(TAG.MediaStorageSOPClassUID) === DICOMDIR_CLASS
  )
    return { kind: 'ignored', reason: 'A DICOM directory: its files are read themselves.' };
  const fingerprint = hash('sha256', Buffer.concat([head, Buffer.from(String(source.size))]), 'base64url');
  const { image, ...words } = summarize(parsed, source.size, (part) => derivedUid(`${part}/${fingerprint}`));
  return {
    kind: 'instance',
    words,
    image: image ? JSON.stringify(image) : null,
    frames: image?.layout.frames ?? 0,
    form: 'dicom',
    bytes: source.size,
    modifiedMs: source.modifiedMs,
    fingerprint,
  };
};

/** Reads files one by one; what is wrong with one is its outcome, never an error of the whole. */
export const readFiles = async (files: readonly FileToRead[]): Promise<ReadFile[]> => {
  const answers: ReadFile[] = [];
  for (const { path } of files) {
    let source: Source | null = null;
    try {
      source = openSource(path);
      answers.push(readOne(source));
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
