/** The findings as the drafting network writes them from the film itself: each sentence held against the place it points at. */

import { mentionsIn } from '../../models/kit/text/mentions.ts';
import { Fault, type Finding } from '../../preload/contract/index.ts';
import type { DraftedFilm, DraftedSentence, Inference, JobContext, Studies } from '../domains.ts';
import { compares } from './check.ts';

export interface FilmDraft {
  /** As a model's findings, with the network's sentence for each. */
  readonly findings: readonly Finding[];
  readonly sentenceOf: ReadonlyMap<string, { readonly text: string; readonly score: number }>;
  readonly normals: readonly { readonly text: string; readonly key: string }[];
  /** Keys that the network looks for. */
  readonly searched: readonly string[];
  /** Series that it read. */
  readonly seriesIds: ReadonlySet<string>;
  readonly packages: readonly { readonly name: string; readonly version: string }[];
  /** What a reader has to know of the network before she reads it. */
  readonly remarks: readonly string[];
}

/** Says of every finding it names that it is not there, of none that the draft tells, and nothing of an earlier film. */
const normalKey = (text: string, told: ReadonlySet<string>): string | null => {
  const mentions = mentionsIn(text);
  if (compares(text) || mentions.some(({ negated, key }) => !negated || told.has(key))) return null;
  return mentions[0]?.key ?? '';
};

/** 'The lungs are clear' names no finding and is untrue beside one in a lung. */
const IN_LUNG = new Set(['lung-nodule', 'consolidation', 'atelectasis']);
const saysClear = (text: string): boolean => /\blungs?\b.*\bclear\b/i.test(text);

const findingOf = (
  { finding }: DraftedSentence,
  id: string,
  place: { studyId: string; seriesId: string; instanceUid: string; film: DraftedFilm; jobId: string },
): Finding | null =>
  finding && {
    id,
    studyId: place.studyId,
    seriesId: place.seriesId,
    key: finding.key,
    name: finding.name,
    code: null,
    side: finding.side,
    place: finding.place,
    severity: finding.severity,
    measurements: finding.measurements,
    score: finding.probability,
    regions: finding.box
      ? [
          {
            kind: 'box',
            seriesId: place.seriesId,
            instanceUid: place.instanceUid,
            frameIndex: place.film.frameIndex,
            box: finding.box,
          },
        ]
      : [],
    maker: { kind: 'model', package: place.film.package, version: place.film.version, jobId: place.jobId },
  };

/** Every series that the network reads; refused where there is none. */
export const draftFilms = async (
  studyId: string,
  studies: Studies,
  inference: Inference,
  context: JobContext,
): Promise<FilmDraft> => {
  const findings: Finding[] = [];
  const sentenceOf = new Map<string, { text: string; score: number }>();
  const plain: string[] = [];
  const searched = new Set<string>();
  const packages = new Map<string, { name: string; version: string }>();
  const seriesIds = new Set<string>();
  const remarks = new Set<string>();
  for (const { id: seriesId } of studies.study(studyId).series) {
    context.signal.throwIfAborted();
    const film = await inference.draftFilm(seriesId, context);
    if (!film) continue;
    seriesIds.add(seriesId);
    if (film.trainedOn[0]) remarks.add(`Written by ${film.package} ${film.version}, trained on ${film.trainedOn[0]}.`);
    packages.set(film.package, { name: film.package, version: film.version });
    for (const key of film.keys) searched.add(key);
    const instanceUid = (await studies.images(seriesId)).frames[film.frameIndex]?.instanceUid ?? '';
    const place = { studyId, seriesId, instanceUid, film, jobId: context.jobId };
    for (const [n, sentence] of film.sentences.entries()) {
      // the same for the same film, so that the same seed writes the same draft
      const finding = findingOf(sentence, `${seriesId}/${n}`, place);
      if (!finding) plain.push(sentence.text);
      else {
        findings.push(finding);
        sentenceOf.set(finding.id, { text: sentence.text, score: sentence.score });
      }
    }
  }
  if (packages.size === 0)
    throw new Fault('refused', 'No image of this study is a frontal chest film that the drafting network reads.', {
      studyId,
    });
  const told = new Set(findings.map(({ key }) => key));
  const inLung = findings.some(({ key }) => IN_LUNG.has(key));
  const normals = [...new Set(plain)].flatMap((text) => {
    const key = normalKey(text, told);
    return key === null || (inLung && saysClear(text)) ? [] : [{ text, key }];
  });
  return {
    findings,
    sentenceOf,
    normals,
    searched: [...searched],
    seriesIds,
    packages: [...packages.values()],
    remarks: [...remarks],
  };
};
