import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import yauzl from 'yauzl';
import { Unreadable } from '../../dicom/index.ts';

export interface Unpacked {
  /** As the archive names it. */
  readonly name: string;
  /** Written below the folder given; null where it was not unpacked. */
  readonly file: string | null;
  readonly reason: string;
}

const MOST_ENTRIES = 200_000;
const MOST_FILE_BYTES = 4 * 2 ** 30;
const MOST_BYTES = 64 * 2 ** 30;
/** Deflate shrinks zeros a thousandfold; images of the field not a hundredfold. Small archives may do as they like. */
const MOST_RATIO = 200;
const RATIO_FROM_BYTES = 256 * 2 ** 20;

const open = (path: string): Promise<yauzl.ZipFile> =>
  new Promise((resolve, reject) => {
    // Names are decoded and judged here: by default one bad name ends the whole archive.
    yauzl.open(
      path,
      { lazyEntries: true, autoClose: false, decodeStrings: false, validateEntrySizes: true },
      (error, zip) => (error ? reject(new Unreadable('the zip archive is broken')) : resolve(zip)),
    );
  });

const nameOf = (entry: yauzl.Entry): string => {
  const raw = entry.fileName as unknown as Buffer;
  const utf8 = (entry.generalPurposeBitFlag & 0x800) !== 0;
  return utf8 ? raw.toString('utf8') : raw.toString('latin1');
};

/** Why an entry is not unpacked; '' where it is. Links and names that lead out are an attack or a mistake. */
const refusal = (entry: yauzl.Entry, name: string): string => {
  const madeOnUnix = entry.versionMadeBy >> 8 === 3;
  const kind = (entry.externalFileAttributes >>> 28) & 0xf;
  if (madeOnUnix && kind === 0xa) return 'Links in archives are not followed.';
  if (madeOnUnix && kind !== 0 && kind !== 8 && kind !== 4) return 'Not a regular file.';
  if (/^([/\\]|[A-Za-z]:)/.test(name) || name.split(/[/\\]/).includes('..'))
    return 'The name leads out of the archive.';
  if ((entry.generalPurposeBitFlag & 1) !== 0) return 'The file is encrypted.';
  if (entry.uncompressedSize > MOST_FILE_BYTES) return 'The file is too large.';
  return '';
};

/**
 * Unpacks into numbered files below a folder, so that no name of the archive becomes a path. `busy` is called as it
 * goes on. Throws Unreadable where the archive is broken or grows beyond its bounds.
 */
export const unpack = async (
  path: string,
  folder: string,
  archiveBytes: number,
  busy: () => void,
): Promise<Unpacked[]> => {
  const zip = await open(path);
  const unpacked: Unpacked[] = [];
  let total = 0;
  const one = async (entry: yauzl.Entry): Promise<void> => {
    const name = nameOf(entry);
    if (name.endsWith('/')) return;
    const why = refusal(entry, name);
    if (why !== '') {
      unpacked.push({ name, file: null, reason: why });
      return;
    }
    const file = String(unpacked.length);
    const before = total;
    let told = 0;
    const count = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        total += chunk.length;
        told += chunk.length;
        if (told > 16 * 2 ** 20) {
          told = 0;
          busy();
        }
        const tooMuch = total - before > MOST_FILE_BYTES || total > MOST_BYTES;
        const bomb = total > RATIO_FROM_BYTES && total > MOST_RATIO * archiveBytes;
        done(tooMuch || bomb ? new Unreadable('the archive unpacks to far more than it should') : null, chunk);
      },
    });
    const stream = await new Promise<NodeJS.ReadableStream | null>((resolve) => {
      zip.openReadStream(entry, (error, readable) => resolve(error ? null : readable));
    });
    if (!stream) {
      unpacked.push({ name, file: null, reason: 'The file is compressed in a way that is not read.' });
      return;
    }
    try {
      await pipeline(stream, count, createWriteStream(join(folder, file), { flags: 'wx', mode: 0o600 }));
      unpacked.push({ name, file, reason: '' });
    } catch (error) {
      if (error instanceof Unreadable || (error as { code?: string }).code === 'ENOSPC') throw error;
      unpacked.push({ name, file: null, reason: 'The file is broken in the archive.' });
    }
    if (unpacked.length % 100 === 0) busy();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      zip.on('error', () => reject(new Unreadable('the zip archive is broken')));
      zip.on('end', () => resolve());
      zip.on('entry', (entry: yauzl.Entry) => {
        if (unpacked.length >= MOST_ENTRIES) return reject(new Unreadable('the archive holds too many files'));
        one(entry).then(() => zip.readEntry(), reject);
      });
      zip.readEntry();
    });
  } finally {
    zip.close();
  }
  return unpacked;
};
