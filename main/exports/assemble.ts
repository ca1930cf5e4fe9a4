/** Everything that an export would hold, made in one way for the dry run and for the writing. */
import { type ExportPreview, Fault, type PreferenceOptions, type StudySummary } from '../../preload/contract/index.ts';
import { createScrubber, type Kind, type Scrubber } from '../deidentification/index.ts';
import type { Base, Drafting, Ratings, Reports, SeriesHeaders, Studies } from '../domains.ts';
import { formats } from './formats/index.ts';
import type { Json, Line } from './formats/line.ts';
import { allStudies, identitiesOf } from './identities.ts';
import { createKeys } from './keys.ts';
import { type Material, materialOf } from './material.ts';
import { framePng, pixelsRefused } from './pixels.ts';

export interface Sources {
  readonly base: Base;
  readonly studies: Pick<Studies, 'study' | 'seriesOf' | 'handlers' | 'decoded' | 'headers'>;
  readonly drafting: Pick<Drafting, 'drafts'>;
  readonly reports: Pick<Reports, 'report' | 'readers'>;
  readonly ratings: Pick<Ratings, 'ratings' | 'comparisons'>;
}
export interface Assembled {
  /** JSON, one a line. */
  readonly lines: readonly string[];
  /** Made one at a time: pixels of a whole export need not fit into memory. */
  readonly images: readonly { readonly path: string; readonly bytes: () => Promise<Uint8Array> }[];
  readonly studyIds: readonly string[];
  readonly replaced: Readonly<Record<string, number>>;
  readonly leftOut: ExportPreview['leftOut'];
}

/** Every text in a value. */
const texts = (value: Json): string[] => {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(texts);
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(texts) : [];
};

/** What was anybody's words: the columns and the comment; keys, numbers and recipes are ours. */
const spoken = ({ provenance, ...columns }: Line): string[] => {
  const comment = provenance && typeof provenance === 'object' && 'comment' in provenance ? provenance.comment : null;
  return [...texts(columns), ...texts(comment)];
};

const nothingReason = (report: ReturnType<Reports['report']>, format: string): string => {
  if (report?.altered) return 'its report was changed after it was signed';
  if (!report?.signature) return 'its report is not signed, and nothing else of it was rated';
  return format === 'dpo' ? 'it was signed as drafted: there is no pair' : `it gives nothing for ${format}`;
};

export const assemble = async (
  { base, studies, drafting, reports, ratings }: Sources,
  options: PreferenceOptions,
  signal: AbortSignal,
  progress: (fraction: number) => void = () => {},
): Promise<Assembled> => {
  const format = formats[options.format];
  const keys = createKeys(base.outside.randomBytes);
  const everybody = await allStudies(studies, signal);
  const wanted = new Set(options.studyIds);
  const chosen = options.studyIds.length === 0 ? everybody : everybody.filter((one) => wanted.has(one.id));
  for (const one of chosen) wanted.delete(one.id);
  if (wanted.size > 0) throw new Fault('not-found', 'A study to export is not there.', { studyIds: [...wanted] });
  const readers = reports.readers();
  const replaced = new Map<Kind, number>();
  const leftOut: ExportPreview['leftOut'] = [];
  const lines: string[] = [];
  const images: Assembled['images'][number][] = [];
  const studyIds: string[] = [];

  const materialOfStudy = async (
    study: StudySummary,
  ): Promise<{ material: Material; scrubber: Scrubber; headers: readonly SeriesHeaders[] | null } | null> => {
    const [report, drafts] = [reports.report(study.id), drafting.drafts(study.id)];
    const [given, comparisons] = [ratings.ratings(study.id), ratings.comparisons(study.id)];
    if (!report && given.length === 0 && comparisons.length === 0) return null;
    const headers = (await studies.headers?.(study.id, signal)) ?? null;
    const uids = studies.study(study.id).series.map((one) => one.uid);
    const scrubber = createScrubber(identitiesOf(study, uids, headers ?? [], readers, everybody));
    const source = { study, report, drafts, ratings: given, comparisons };
    return { material: materialOf(source, scrubber, keys, replaced), scrubber, headers };
  };

  /** Pictures that may leave, by path; said of the series that may not. */
  const picturesOf = (
    study: StudySummary,
    material: Material,
    headers: readonly SeriesHeaders[] | null,
  ): Set<string> => {
    const allowed = new Set<string>();
    const refused = new Map<string, string>();
    for (const series of studies.study(study.id).series) {
      const why = pixelsRefused(series, headers?.find((one) => one.seriesId === series.id) ?? null);
      if (why) refused.set(series.id, why);
    }
    for (const { seriesId, frameIndex, path } of material.images) {
      const why = refused.get(seriesId);
      if (why) {
        const reason = `pixels of a series left out: ${why}`;
        if (!leftOut.some((one) => one.studyId === study.id && one.reason === reason))
          leftOut.push({ studyId: study.id, reason });
      } else {
        allowed.add(path);
        images.push({ path, bytes: () => framePng(studies, seriesId, frameIndex, signal) });
      }
    }
    return allowed;
  };

  for (const [index, study] of chosen.entries()) {
    signal.throwIfAborted();
    progress(index / chosen.length);
    const made = await materialOfStudy(study);
    const found = made ? format.lines(made.material) : [];
    if (!made || found.length === 0) {
      leftOut.push({ studyId: study.id, reason: nothingReason(reports.report(study.id), options.format) });
      continue;
    }
    // The last look, by other means than the first: what is known of this study must be in no text of it.
    const clean = found.filter((line) => !spoken(line).some((text) => made.scrubber.holdsKnown(text)));
    if (clean.length < found.length)
      leftOut.push({ studyId: study.id, reason: 'identity was left in a text after it was cleaned' });
    if (clean.length === 0) continue;
    const allowed = options.includePixels ? picturesOf(study, made.material, made.headers) : null;
    studyIds.push(study.id);
    for (const line of clean) lines.push(JSON.stringify(allowed ? withImages(line, allowed) : line));
  }
  return { lines, images, studyIds, leftOut, replaced: Object.fromEntries(replaced) };
};

/** Vision trainers read a column 'images'. */
const withImages = (line: Line, allowed: ReadonlySet<string>): Line => ({
  ...line,
  images: [...new Set(texts(line.provenance ?? null).filter((text) => allowed.has(text)))],
});
