/** What the report has to say, before a word of it is written. */

import { sliceGapMm } from '../../models/kit/geometry.ts';
import type { Finding, SeriesImages, SeriesSummary, StudySummary } from '../../preload/contract/index.ts';
import { isRadiograph, termOf } from './phrases.ts';

/** More findings of one kind than this are counted, not listed. */
const MOST_OF_A_KIND = 8;

export interface Plan {
  /** Most important first. */
  readonly findings: readonly Finding[];
  /** Keys that a model looked for and did not find. */
  readonly absent: readonly string[];
  readonly technique: readonly string[];
  readonly indication: string;
  readonly remarks: readonly string[];
}

/** Order of the findings section: a grade before what it rests on, chest before abdomen, what needs action first. */
const ORDER = [
  // sums up the lesions after it
  'diabetic-retinopathy',
  'pneumothorax',
  'lung-nodule',
  'consolidation',
  'effusion',
  'atelectasis',
  'cardiomegaly',
  'liver-lesion',
];
const rank = (key: string): number => {
  const at = ORDER.indexOf(key);
  return at < 0 ? ORDER.length : at;
};
const size = (finding: Finding): number => finding.measurements.find((m) => m.name === 'largest diameter')?.value ?? 0;

/** Files that do not say which apparatus made them: pictures, captures. */
const UNSAID = new Set(['OT', 'SC', '']);

const techniqueOf = (series: SeriesSummary, images: SeriesImages): string | null => {
  const first = images.frames[0];
  if (!first) return null;
  const count = `${images.frames.length} ${images.frames.length === 1 ? 'image' : 'images'}`;
  if (UNSAID.has(series.modality))
    return `${count}; the file does not say what made ${images.frames.length === 1 ? 'it' : 'them'}.`;
  if (series.modality === 'OP') return `Ophthalmic photography, ${count}.`;
  if (isRadiograph(series.modality)) {
    const part = series.bodyPart ? series.bodyPart.toLowerCase() : '';
    return `${part ? `${part.charAt(0).toUpperCase()}${part.slice(1)} radiograph` : 'Radiograph'}${images.frames.length > 1 ? `, ${images.frames.length} images` : ''}.`;
  }
  if (images.volume.kind !== 'volume') return `${series.modality}, ${count}.`;
  const step = sliceGapMm(images.volume.affineVoxelToPatient);
  return `${series.modality}, ${count} at ${Number(step.toFixed(2))} mm.`;
};

export const planOf = (
  study: StudySummary,
  series: readonly { summary: SeriesSummary; images: SeriesImages | null; searched: readonly string[] }[],
  findings: readonly Finding[],
): Plan => {
  const remarks: string[] = [];
  const ordered = findings.toSorted(
    (a, b) => rank(a.key) - rank(b.key) || size(b) - size(a) || (b.score ?? 0) - (a.score ?? 0),
  );
  const kept: Finding[] = [];
  const counts = new Map<string, number>();
  for (const finding of ordered) {
    const n = (counts.get(finding.key) ?? 0) + 1;
    counts.set(finding.key, n);
    if (n <= MOST_OF_A_KIND) kept.push(finding);
  }
  for (const [key, n] of counts) {
    if (n > MOST_OF_A_KIND)
      remarks.push(
        `${n - MOST_OF_A_KIND} more of ${termOf(key)?.name ?? key} are in the findings list and not in the draft.`,
      );
  }
  const found = new Set(findings.map((finding) => finding.key));
  const searched = new Set(series.flatMap((one) => one.searched));
  for (const { summary, searched: keys } of series) {
    if (summary.kind === 'image' && summary.refused === null && keys.length === 0) {
      remarks.push(
        `No model has read ${summary.number === null ? 'a series' : `series ${summary.number}`} (${summary.modality || 'unknown modality'}): look at it yourself.`,
      );
    }
  }
  return {
    findings: kept,
    absent: [...searched]
      .filter((key) => !found.has(key) && termOf(key) !== undefined)
      .sort((a, b) => rank(a) - rank(b)),
    technique: [
      ...new Set(
        series.flatMap(({ summary, images }) =>
          images && summary.kind === 'image' ? (techniqueOf(summary, images) ?? []) : [],
        ),
      ),
    ].slice(0, 4),
    indication: study.description
      ? `${study.description}; no indication is stated in the images.`
      : 'No indication is stated in the images.',
    remarks,
  };
};
