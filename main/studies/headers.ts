/** The headers of a study's files read again, in the process that reads untrusted bytes: for those who must know every name in them. */

import { Fault } from '../../preload/contract/index.ts';
import { headerTexts, openSource, parseHead } from '../dicom/index.ts';
import type { Base, SeriesHeaders } from '../domains.ts';
import { askApart } from './ask-apart.ts';

export interface HeadersRequest {
  readonly kind: 'headers';
  readonly id: number;
  readonly paths: readonly string[];
}
export interface HeadersAnswer {
  readonly kind: 'headers';
  readonly id: number;
  readonly texts: SeriesHeaders['texts'];
}

const MOST_TEXTS = 50_000;
const LIMIT_MS = 60_000;

/** Runs in the ingest process: each text once; files that cannot be read have none. */
export const readHeaders = ({ id, paths }: HeadersRequest): HeadersAnswer => {
  const texts = new Map<string, SeriesHeaders['texts'][number]>();
  for (const path of paths) {
    try {
      const source = openSource(path);
      try {
        headerTexts(parseHead(source).parsed.dataSet, (text) => {
          if (texts.size < MOST_TEXTS) texts.set(`${text.tag} ${text.value}`, text);
        });
      } finally {
        source.close();
      }
    } catch {
      // Missing or broken: nothing of it is known, and nothing of it is shown.
    }
  }
  return { kind: 'headers', id, texts: [...texts.values()] };
};

/** headersOf(study): one entry for each DICOM series, in one process that ends with it. */
export const createHeaders =
  ({ store, outside }: Base, filesFolder: string) =>
  async (studyId: string, signal: AbortSignal): Promise<SeriesHeaders[]> => {
    const rows = store.read.all<{ series_id: string; path: string; copied: number }>(
      `SELECT i.series_id, i.path, i.copied FROM instances i JOIN series s ON s.id = i.series_id
        WHERE s.study_id = ? AND s.form = 'dicom' AND i.missing = 0 ORDER BY i.series_id, i.id`,
      studyId,
    );
    const paths = new Map<string, string[]>();
    for (const { series_id, path, copied } of rows)
      paths.set(series_id, [...(paths.get(series_id) ?? []), copied ? `${filesFolder}/${path}` : path]);
    if (paths.size === 0) return [];
    const series = [...paths.keys()];
    const requests = series.map(
      (seriesId, id): HeadersRequest => ({ kind: 'headers', id, paths: paths.get(seriesId) ?? [] }),
    );
    const options = { heapMb: 512, limitMs: LIMIT_MS, signal };
    const { answers, why } = await askApart<HeadersAnswer>(outside, requests, options);
    if (why === 'cancelled') throw new Fault('cancelled', 'Cancelled.');
    if (why === 'late') throw new Fault('refused', 'Reading the headers took too long.', { studyId });
    if (why === 'ended') throw new Fault('refused', 'The headers could not be read.', { studyId });
    const found = new Map(series.map((seriesId, id) => [seriesId, { seriesId, texts: answers.get(id)?.texts ?? [] }]));
    // Parts of a series say what its files say.
    const parts = store.read.all<{ id: string; base_id: string }>(
      'SELECT id, base_id FROM series WHERE study_id = ? AND base_id IS NOT NULL',
      studyId,
    );
    const ofParts = parts.flatMap(({ id, base_id }) => {
      const base = found.get(base_id);
      return base ? [{ seriesId: id, texts: base.texts }] : [];
    });
    return [...found.values(), ...ofParts];
  };
