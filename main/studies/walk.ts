import { lstat, readdir } from 'node:fs/promises';
import { basename, resolve, sep } from 'node:path';

export interface WalkedFile {
  readonly path: string;
  /** Relative to what was imported, '/' between. */
  readonly shown: string;
}

const MOST_FILES = 2_000_000;
const DEEPEST = 64;

export interface Walk {
  readonly signal: AbortSignal;
  /** Absolute; not walked into: the store itself. */
  readonly except: string;
  found(files: readonly WalkedFile[]): void;
  skipped(shown: string, reason: string): void;
}

/** Files below a folder (or the file itself), in order of name. Links are not followed: they may lead anywhere. */
export const walk = async (top: string, { signal, except, found, skipped }: Walk): Promise<void> => {
  let count = 0;
  const start = resolve(top);
  const stat = await lstat(start);
  if (stat.isFile()) return found([{ path: start, shown: basename(start) }]);
  /** `below`: the folder as it is shown, with a '/' behind it; '' for the top. */
  const into = async (folder: string, below: string, depth: number): Promise<void> => {
    if (signal.aborted) return;
    if (depth > DEEPEST) return skipped(below.slice(0, -1), 'Folders nested too deep.');
    let entries: Awaited<ReturnType<typeof list>>;
    try {
      entries = await list(folder);
    } catch {
      return skipped(below.slice(0, -1), 'The folder cannot be read.');
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    const inside = folder.endsWith(sep) ? folder : folder + sep;
    let files: WalkedFile[] = [];
    for (const entry of entries) {
      const path = inside + entry.name;
      const shown = below + entry.name;
      if (entry.isSymbolicLink()) skipped(shown, 'Links are not followed.');
      else if (path === except) skipped(shown, 'The store itself.');
      else if (entry.isDirectory()) {
        found(files);
        files = [];
        await into(path, `${shown}/`, depth + 1);
      } else if (!entry.isFile()) skipped(shown, 'Not a regular file.');
      else if (count >= MOST_FILES) skipped(shown, `More than ${MOST_FILES} files.`);
      else {
        count += 1;
        files.push({ path, shown });
      }
    }
    found(files);
  };
  await into(start, '', 0);
};

const list = (folder: string) => readdir(folder, { withFileTypes: true });
