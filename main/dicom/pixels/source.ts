import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type Parsed, parse, Unreadable } from '../parse.ts';

/** Bytes that can be read at any place. */
export interface Source {
  readonly size: number;
  /** Modification time, ms since 1970, as the file system tells it. */
  readonly modifiedMs: number;
  /**
   * Exactly these bytes; throws Unreadable where the file has fewer. `into`: memory to use for them, for who is done with
   * one file before the next and need not have one for each of thousands.
   */
  read(at: number, length: number, into?: Buffer): Uint8Array;
  close(): void;
}

export const openSource = (path: string): Source => {
  const fd = openSync(path, 'r');
  const stat = fstatSync(fd);
  if (!stat.isFile()) {
    closeSync(fd);
    throw new Unreadable('not a regular file');
  }
  return {
    size: stat.size,
    modifiedMs: stat.mtimeMs,
    read: (at, length, into) => {
      if (at + length > stat.size) throw new Unreadable(`the file is cut short: ${at + length} bytes are needed`);
      const bytes = into ? into.subarray(0, length) : Buffer.allocUnsafe(length);
      let done = 0;
      while (done < length) {
        const got = readSync(fd, bytes, done, length - done, at + done);
        if (got === 0) throw new Unreadable('the file became shorter while it was read');
        done += got;
      }
      return bytes;
    },
    close: () => closeSync(fd),
  };
};

export const sourceOfBytes = (bytes: Uint8Array): Source => ({
  size: bytes.length,
  modifiedMs: 0,
  read: (at, length) => {
    if (at + length > bytes.length) throw new Unreadable(`the file is cut short: ${at + length} bytes are needed`);
    return bytes.subarray(at, at + length);
  },
  close: () => {},
});

/** A first read that holds the header of nearly every image of the field. */
const FIRST_READ = 32 * 1024;
const MOST_HEADER = 256 * 1024 * 1024;

/** Reads no more of the file than its data set before the pixels. `first`: its first bytes, where they have been read. */
export const parseHead = (source: Source, first?: Uint8Array): { parsed: Parsed; head: Uint8Array } => {
  let length = first?.length ?? Math.min(source.size, FIRST_READ);
  let head = first;
  for (;;) {
    head ??= source.read(0, length);
    const parsed = parse(head);
    if (!parsed.cutShort || length === source.size) return { parsed, head };
    const wanted = Math.max(length * 4, Math.min(parsed.cutShort.needed + FIRST_READ, source.size));
    if (wanted > MOST_HEADER && length === MOST_HEADER)
      throw new Unreadable(`no pixel data in the first ${MOST_HEADER / 2 ** 20} MB`);
    length = Math.min(source.size, wanted, MOST_HEADER);
    head = undefined;
  }
};
