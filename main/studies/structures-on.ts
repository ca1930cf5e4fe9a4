import { openSource, parseHead, type StructureWords, structureWords } from '../dicom/index.ts';
import type { Outside } from '../outside.ts';
import { askApart } from './ask-apart.ts';
import { contoursOn, type OnImages, structureLayers } from './contours.ts';
import type { SeriesPlan } from './images.ts';
import type { Marks } from './segments.ts';

export interface StructuresRequest {
  readonly kind: 'structures';
  readonly id: number;
  readonly path: string;
}
export interface StructuresAnswer {
  readonly kind: 'structures';
  readonly id: number;
  /** JSON of StructureWords; null where the file could not be read. */
  readonly words: string | null;
}

const LIMIT_MS = 60_000;

/** Runs in the ingest process. */
export const readStructures = ({ id, path }: StructuresRequest): StructuresAnswer => {
  try {
    const source = openSource(path);
    try {
      return { kind: 'structures', id, words: JSON.stringify(structureWords(parseHead(source).parsed.dataSet)) };
    } finally {
      source.close();
    }
  } catch {
    return { kind: 'structures', id, words: null };
  }
};

/** Files read one after another, in a process that ends with them; null for those that could not be. */
export const askStructures = async (
  outside: Pick<Outside, 'spawn'>,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<(StructureWords | null)[]> => {
  const requests = paths.map((path, id): StructuresRequest => ({ kind: 'structures', id, path }));
  const { answers } = await askApart<StructuresAnswer>(outside, requests, { heapMb: 1024, limitMs: LIMIT_MS, signal });
  return paths.map((_, id) => {
    const words = answers.get(id)?.words ?? null;
    return words === null ? null : (JSON.parse(words) as StructureWords);
  });
};

interface Under extends OnImages {
  readonly target: SeriesPlan;
  readonly named: boolean;
}

/**
 * The series that the contours were drawn on: the one that is named, by its UID or its images'; where none of those is
 * here, one of the same frame of reference, if it is the only one that they lie on.
 */
const seriesUnder = (
  words: StructureWords,
  candidates: readonly SeriesPlan[],
  seriesUids: ReadonlyMap<string, string>,
): Under | null => {
  const uids = new Set(words.structures.flatMap(({ contours }) => contours.map((contour) => contour.instanceUid)));
  const all = candidates.flatMap((target): Under[] => {
    const { images } = target;
    const named =
      words.referencedSeriesUids.includes(seriesUids.get(images.seriesId) ?? '') ||
      images.frames.some(({ instanceUid }) => uids.has(instanceUid));
    const same = images.frameOfReferenceUid !== null && words.frameOfReferenceUids.includes(images.frameOfReferenceUid);
    if (!named && !same) return [];
    const on = contoursOn(images, words.structures);
    return on.placed > 0 ? [{ target, named, ...on }] : [];
  });
  const named = all.filter((one) => one.named).sort((a, b) => b.placed - a.placed);
  if (named[0]) return named[0];
  return all.length === 1 ? (all[0] ?? null) : null;
};

/** What a structure set marks, and on which series; null where that is not here. */
export const structuresOn = (
  words: StructureWords,
  candidates: readonly SeriesPlan[],
  seriesUids: ReadonlyMap<string, string>,
  description: string,
): { target: SeriesPlan; marks: Marks[] } | null => {
  const under = seriesUnder(words, candidates, seriesUids);
  if (!under) return null;
  const { target, outlines, placed, lost } = under;
  const [first] = target.images.frames;
  // A structure without an area is listed by nobody.
  const drawn = words.structures
    .map((one, n) => ({ one, outline: outlines[n] ?? new Map() }))
    .filter(({ outline }) => outline.size > 0);
  if (!first || target.images.frames.some(({ columns, rows }) => columns !== first.columns || rows !== first.rows))
    return null;
  const layers = structureLayers(
    target.images,
    drawn.map(({ one }) => one),
    drawn.map(({ outline }) => outline),
  );
  const missing = lost === 0 ? '' : ` (${lost} of ${placed + lost} contours lie on no image here)`;
  const title = `${description || words.label || 'Structures'}${missing}`;
  return {
    target,
    marks: layers.map(({ map, names }, n) => ({
      map,
      names,
      title: layers.length > 1 ? `${title}, part ${n + 1} of ${layers.length}` : title,
    })),
  };
};
