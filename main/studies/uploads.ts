import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../../preload/contract/index.ts';
import type { Base } from '../domains.ts';
import { diskFault } from './faults.ts';

const MOST_FILE_BYTES = 4 * 2 ** 30;
const MOST_BYTES = 64 * 2 ** 30;
const MOST_FILES = 200_000;

interface Upload {
  readonly folder: string;
  bytes: number;
  readonly files: Set<number>;
  sending: number;
}

export interface Uploads {
  open(): string;
  put(uploadId: string, n: number, request: Request): Promise<void>;
  /** Folder of a finished upload; it takes no more files. */
  take(uploadId: string): string;
  forget(folder: string): Promise<void>;
}

/** Relative path as the reader knows it: names only, nothing that leads elsewhere. */
const segmentsOf = (header: string | null, n: number): string[] => {
  if (!header) return [`file ${n}`];
  let text: string;
  try {
    text = decodeURIComponent(header);
  } catch {
    throw new Fault('invalid', 'The path of an uploaded file is not percent-encoded.');
  }
  const segments = text.split('/').filter((s) => s !== '' && s !== '.');
  const bad = (s: string): boolean =>
    s === '..' || s.length > 255 || [...s].some((c) => c === '\\' || c.charCodeAt(0) < 32);
  if (segments.length === 0 || segments.length > 64 || segments.some(bad))
    throw new Fault('invalid', 'The path of an uploaded file is not allowed.');
  return segments;
};

/** Files sent by the window in the browser: streamed to the store's own folder, within bounds. */
export const createUploads = (base: Base): Uploads => {
  const folder = join(base.outside.storeFolder, 'uploads');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // What an earlier start left behind was never imported, but where an import can still be resumed from it.
  const wanted = new Set(
    base.store.read
      .all<{ source: string }>('SELECT source FROM imports WHERE source IS NOT NULL')
      .map(({ source }) => source),
  );
  for (const name of readdirSync(folder))
    if (!wanted.has(join(folder, name))) rmSync(join(folder, name), { recursive: true, force: true });
  const uploads = new Map<string, Upload>();
  return {
    open: () => {
      const id = base.newId();
      uploads.set(id, { folder: join(folder, id), bytes: 0, files: new Set(), sending: 0 });
      return id;
    },
    put: async (uploadId, n, request) => {
      const upload = uploads.get(uploadId);
      if (!upload) throw new Fault('not-found', 'There is no such upload.');
      if (upload.files.has(n)) throw new Fault('conflict', 'This file was sent already.');
      if (upload.files.size >= MOST_FILES) throw new Fault('refused', `An upload has at most ${MOST_FILES} files.`);
      const segments = segmentsOf(request.headers.get('x-sightline-path'), n);
      upload.files.add(n);
      upload.sending += 1;
      const path = join(upload.folder, ...segments.slice(0, -1), segments.at(-1) ?? `file ${n}`);
      let bytes = 0;
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const file = await open(path, 'wx', 0o600);
        try {
          const reader = request.body?.getReader();
          for (;;) {
            const chunk = await reader?.read();
            if (!chunk || chunk.done) break;
            bytes += chunk.value.length;
            upload.bytes += chunk.value.length;
            if (bytes > MOST_FILE_BYTES || upload.bytes > MOST_BYTES) {
              await reader?.cancel();
              throw new Fault('refused', 'The upload is too large.');
            }
            // All of it: write() alone may take a part, where the disk is nearly full.
            await file.writeFile(chunk.value);
          }
        } finally {
          await file.close();
        }
      } catch (error) {
        upload.files.delete(n);
        upload.bytes -= bytes;
        if ((error as { code?: string }).code === 'EEXIST')
          throw new Fault('conflict', 'A file of this name was sent already.');
        await rm(path, { force: true }).catch(() => {});
        throw diskFault(error);
      } finally {
        upload.sending -= 1;
      }
    },
    take: (uploadId) => {
      const upload = uploads.get(uploadId);
      if (!upload) throw new Fault('not-found', 'There is no such upload.');
      if (upload.sending > 0) throw new Fault('conflict', 'Files of this upload are still being sent.');
      uploads.delete(uploadId);
      mkdirSync(upload.folder, { recursive: true, mode: 0o700 });
      return upload.folder;
    },
    forget: (path) => rm(path, { recursive: true, force: true }),
  };
};
