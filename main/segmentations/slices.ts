/**
 * A label map on disk, each slice deflated by itself: one is read without the others, and those that an edit left alone
 * are written again as they are.
 *
 * Bytes: 'SLSG', form 1, columns, rows, slices (uint32, little endian); for each slice its deflated length (0: all
 * voxels 0) and the CRC-32 of its labels; then the slices.
 */
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { crc32, deflateRaw, inflateRaw } from 'node:zlib';
import type { Vec3 } from '../../preload/contract/index.ts';

const deflate = promisify<Uint8Array, { level: number }, Buffer>(deflateRaw);
const inflate = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflateRaw);

const MAGIC = Buffer.from('SLSG');
const FORM = 1;
const HEAD_BYTES = 20;

/** A file that is not what was written: nothing of it is shown. */
export class Damaged extends Error {}

export interface PackedSlice {
  /** Deflated; empty where all voxels are 0. */
  readonly bytes: Uint8Array;
  readonly crc: number;
}

export const packSlice = async (labels: Uint8Array): Promise<PackedSlice> =>
  labels.every((value) => value === 0)
    ? { bytes: new Uint8Array(0), crc: 0 }
    : { bytes: await deflate(labels, { level: 1 }), crc: crc32(labels) };

/** A disk that is nearly full takes a part of what is written, and says so when it is given the rest. */
const writeWhole = async (handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> => {
  for (let done = 0; done < bytes.length; )
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
};

/** Whole on disk under its name, or not there. */
export const writeDurably = async (path: string, write: (handle: FileHandle) => Promise<void>): Promise<void> => {
  const temporary = `${path}.part`;
  try {
    const handle = await open(temporary, 'w', 0o600);
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
};

/** So that the name outlives a loss of power; Windows knows no such thing. */
const syncFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

export const writeSlices = (path: string, dims: Vec3, sliceAt: (k: number) => Promise<PackedSlice>): Promise<void> =>
  writeDurably(path, async (handle) => {
    const [columns, rows, count] = dims;
    const head = Buffer.alloc(HEAD_BYTES + 8 * count);
    MAGIC.copy(head);
    for (const [n, value] of [FORM, columns, rows, count].entries()) head.writeUInt32LE(value, 4 + 4 * n);
    let at = head.length;
    for (let k = 0; k < count; k++) {
      const { bytes, crc } = await sliceAt(k);
      head.writeUInt32LE(bytes.length, HEAD_BYTES + 8 * k);
      head.writeUInt32LE(crc, HEAD_BYTES + 8 * k + 4);
      await writeWhole(handle, bytes, at);
      at += bytes.length;
    }
    await writeWhole(handle, head, 0);
  });

export interface SlicesFile {
  packed(k: number): Promise<PackedSlice>;
  /** Labels of a slice, rows * columns; own memory. Throws Damaged. */
  labels(k: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

const readExactly = async (handle: FileHandle, length: number, at: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(length);
  for (let got = 0; got < length; ) {
    const { bytesRead } = await handle.read(bytes, got, length - got, at + got);
    if (bytesRead === 0) throw new Damaged('the file is cut short');
    got += bytesRead;
  }
  return bytes;
};

export const openSlices = async (path: string, dims: Vec3): Promise<SlicesFile> => {
  const handle = await open(path, 'r');
  try {
    const [columns, rows, count] = dims;
    const head = await readExactly(handle, HEAD_BYTES + 8 * count, 0);
    const agrees = [FORM, columns, rows, count].every((value, n) => head.readUInt32LE(4 + 4 * n) === value);
    if (!head.subarray(0, 4).equals(MAGIC) || !agrees) throw new Damaged('the head of the file is another');
    const places: { at: number; length: number; crc: number }[] = [];
    for (let k = 0, at = head.length; k < count; k++) {
      const length = head.readUInt32LE(HEAD_BYTES + 8 * k);
      places.push({ at, length, crc: head.readUInt32LE(HEAD_BYTES + 8 * k + 4) });
      at += length;
    }
    const packed = async (k: number): Promise<PackedSlice> => {
      const place = places[k];
      if (!place) throw new RangeError(`there is no slice ${k}`);
      const bytes = place.length === 0 ? new Uint8Array(0) : await readExactly(handle, place.length, place.at);
      return { bytes, crc: place.crc };
    };
    return {
      packed,
      labels: async (k) => {
        const { bytes, crc } = await packed(k);
        if (bytes.length === 0) return new Uint8Array(columns * rows);
        const labels = await inflate(bytes, { maxOutputLength: columns * rows }).catch(() => null);
        if (labels?.length !== columns * rows || crc32(labels) !== crc) throw new Damaged(`slice ${k} is damaged`);
        return labels;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
};
