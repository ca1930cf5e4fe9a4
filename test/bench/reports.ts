/**
 * The Indiana reports as judge of the search: what they are about is told by their MeSH tags, which nothing searches.
 * They only judge: nothing is learned from them, and no text of theirs is printed.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SHARED_DATA } from '../conditions.ts';

export interface Judged {
  readonly findings: string;
  readonly impression: string;
  /** Headings, and headings with each qualifier; empty for a normal one. */
  readonly about: ReadonlySet<string>;
  /** Half of the questions chooses, half is read once. */
  readonly half: 'choose' | 'read';
}

/** 'Opacity/lung/base/left' -> opacity, opacity/lung, opacity/base, opacity/left. */
const aboutOf = (mesh: string): Set<string> =>
  new Set(
    mesh
      .toLowerCase()
      .split(';')
      .map((tag) => tag.trim())
      .filter((tag) => tag !== '' && tag !== 'normal' && !tag.startsWith('no indexing'))
      .flatMap((tag) => {
        const [heading = '', ...qualifiers] = tag.split('/').map((word) => word.trim());
        return [heading, ...qualifiers.map((qualifier) => `${heading}/${qualifier}`)];
      }),
  );

/** Distinct texts, the first of each; null where there is no shared data folder. */
export const indianaReports = (): Judged[] | null => {
  const path = join(SHARED_DATA, 'reports', 'iu', 'reports.jsonl');
  if (!existsSync(path)) return null;
  const seen = new Set<string>();
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .flatMap((line): Judged[] => {
      const { MeSH, findings, impression } = JSON.parse(line) as Record<'MeSH' | 'findings' | 'impression', string>;
      const text = `${findings}\n${impression}`.trim();
      if (text === '' || seen.has(text)) return [];
      seen.add(text);
      const chooses = (createHash('sha256').update(text).digest()[0] ?? 0) % 2 === 0;
      return [{ findings, impression, about: aboutOf(MeSH), half: chooses ? 'choose' : 'read' }];
    });
};

/** Grade 0 to 1 of a found report: what both are about over what either is about. */
export const overlap = (a: ReadonlySet<string>, b: ReadonlySet<string>): number => {
  const both = a.intersection(b).size;
  return both === 0 ? 0 : both / (a.size + b.size - both);
};

/** Normalised discounted cumulative gain of the first ten (Järvelin and Kekäläinen 2002), gains as graded. */
export const ndcg10 = (grades: readonly number[], all: readonly number[]): number => {
  const sum = (values: readonly number[]): number =>
    values.slice(0, 10).reduce((total, grade, rank) => total + grade / Math.log2(rank + 2), 0);
  const best = sum(all.toSorted((a, b) => b - a));
  return best === 0 ? 0 : sum(grades) / best;
};
