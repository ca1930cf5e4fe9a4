import { createHash } from 'node:crypto';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, isAbsolute, join, relative, sep } from 'node:path';
import { Fault, type ImportSource } from '../../preload/contract/index.ts';
import type { Outside } from '../outside.ts';

const MOST_ENTRIES = 5_000;

const inside = (folder: string, path: string): boolean => {
  const between = relative(folder, path);
  return between === '' || (!between.startsWith(`..${sep}`) && between !== '..' && !isAbsolute(between));
};

/** Real path of what lies below a root: no link and no '..' leads out of it. */
const below = (outside: Outside, root: string, segments: readonly string[]): string => {
  const folder = Object.hasOwn(outside.roots, root) ? outside.roots[root] : undefined;
  if (folder === undefined) throw new Fault('not-found', 'There is no such folder to import from.', { root });
  if (
    segments.some((s) => s === '' || s === '.' || s === '..' || s.includes('/') || s.includes('\\') || s.includes('\0'))
  )
    throw new Fault('invalid', 'This is no path below the folder.', { root });
  try {
    const top = realpathSync(folder);
    const path = realpathSync(join(top, ...segments));
    if (!inside(top, path))
      throw new Fault('refused', 'This leads out of the folder that may be imported from.', { root });
    return path;
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('not-found', 'This folder or file is not there.', { root });
  }
};

export interface Places {
  browse(root: string, segments: readonly string[]): { name: string; kind: 'folder' | 'file'; bytes: number | null }[];
  pick(): Promise<{ token: string | null; label: string }>;
  /** Absolute path of a root or picked source. */
  resolve(source: Exclude<ImportSource, { kind: 'upload' }>): string;
}

export const createPlaces = (outside: Outside, newId: () => string): Places => {
  const picked = new Map<string, string>();
  return {
    browse: (root, segments) => {
      const folder = below(outside, root, segments);
      const entries = readdirSync(folder, { withFileTypes: true });
      return entries
        .flatMap((entry): { name: string; kind: 'folder' | 'file'; bytes: number | null }[] => {
          if (entry.isDirectory()) return [{ name: entry.name, kind: 'folder', bytes: null }];
          if (!entry.isFile()) return [];
          const bytes = statSync(join(folder, entry.name), { throwIfNoEntry: false })?.size ?? null;
          return [{ name: entry.name, kind: 'file', bytes }];
        })
        .sort((a, b) => (a.kind === b.kind ? (a.name < b.name ? -1 : 1) : a.kind === 'folder' ? -1 : 1))
        .slice(0, MOST_ENTRIES);
    },
    pick: async () => {
      if (!outside.pickFolder) throw new Fault('refused', 'There is no folder dialog here.');
      const path = await outside.pickFolder();
      if (path === null) return { token: null, label: '' };
      const token = newId();
      picked.set(token, path);
      return { token, label: basename(path) };
    },
    resolve: (source) => {
      if (source.kind === 'root') return below(outside, source.root, source.segments);
      const path = picked.get(source.token);
      if (path === undefined) throw new Fault('not-found', 'This choice is no longer known: choose the folder again.');
      return path;
    },
  };
};

/** Opaque name of a file made for a given key. */
export const opaque = (key: string): string => createHash('sha256').update(key).digest('base64url').slice(0, 22);
