import { lstat, readdir } from 'node:fs/promises';
import { basename, resolve, sep } from 'node:path';

export interface WalkedFile {
  readonly path: string;
  /** Relative to what was imported, '/' between. */
  readonly shown: string;
}

const MOST_FILES = 2_000_000;
const DEEPEST = 64;

/** Files below a folder (or the file itself), in order of name. Links are not followed: they may lead anywhere. */
export const walk = async (
  top: string,
  signal: AbortSignal,
  skipped: (shown: string, reason: string) => void,
  /** Absolute; not walked into: the store itself. */
  except: string,
): Promise<WalkedFile[]> => {
  const files: WalkedFile[] = [];
  const start = resolve(top);
  const stat = await lstat(start);
  if (stat.isFile()) return [{ path: start, shown: basename(start) }];
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
    for (const entry of entries) {
      const path = inside + entry.name;
      const shown = below + entry.name;
      if (entry.isSymbolicLink()) skipped(shown, 'Links are not followed.');
      else if (path === except) skipped(shown, 'The store itself.');
      else if (entry.isDirectory()) await into(path, `${shown}/`, depth + 1);
      else if (!entry.isFile()) skipped(shown, 'Not a regular file.');
      else if (files.length >= MOST_FILES) skipped(shown, `More than ${MOST_FILES} files.`);
      else files.push({ path, shown });
    }
  };
  await into(start, '', 0);
  return files;
};

const list = (folder: string) => readdir(folder, { withFileTypes: true });
