import { lstat, readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';

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
  const stat = await lstat(top);
  if (stat.isFile()) return [{ path: top, shown: top.split(sep).at(-1) ?? '' }];
  const shownOf = (path: string): string => relative(top, path).split(sep).join('/');
  const into = async (folder: string, depth: number): Promise<void> => {
    if (signal.aborted) return;
    if (depth > DEEPEST) return skipped(shownOf(folder), 'Folders nested too deep.');
    let entries: Awaited<ReturnType<typeof list>>;
    try {
      entries = await list(folder);
    } catch {
      return skipped(shownOf(folder), 'The folder cannot be read.');
    }
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isSymbolicLink()) skipped(shownOf(path), 'Links are not followed.');
      else if (path === except) skipped(shownOf(path), 'The store itself.');
      else if (entry.isDirectory()) await into(path, depth + 1);
      else if (!entry.isFile()) skipped(shownOf(path), 'Not a regular file.');
      else if (files.length >= MOST_FILES) skipped(shownOf(path), `More than ${MOST_FILES} files.`);
      else files.push({ path, shown: shownOf(path) });
    }
  };
  await into(top, 0);
  return files;
};

const list = (folder: string) => readdir(folder, { withFileTypes: true });
