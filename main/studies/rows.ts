import type { SeriesSummary, StudySummary } from '../../preload/contract/index.ts';

/** Rows as the database holds them. */
export interface StudyRow {
  readonly id: string;
  readonly uid: string;
  readonly patient_name: string;
  readonly patient_id: string;
  readonly patient_issuer: string;
  readonly birth_date: string | null;
  readonly sex: string | null;
  readonly study_date: string | null;
  readonly study_time: string | null;
  readonly accession: string;
  readonly description: string;
  readonly modalities: string;
  readonly body_parts: string;
  readonly series_count: number;
  readonly image_count: number;
  readonly missing_count: number;
  readonly status: StudySummary['status'];
  readonly imported_at: string;
  readonly has_draft: number;
}
export interface SeriesRow {
  readonly id: string;
  readonly study_id: string;
  readonly uid: string;
  readonly variant: number;
  readonly number: number | null;
  readonly modality: string;
  readonly description: string;
  readonly body_part: string;
  readonly kind: SeriesSummary['kind'];
  readonly form: 'dicom' | 'nifti' | 'picture';
  readonly frame_count: number;
  readonly missing_count: number;
  readonly refused: string | null;
  /** 1: read as a label map, and shown as images as long as nothing here has its grid. */
  readonly label_map: number;
  /** The series that this row shows a part of; null where its instances are its own. */
  readonly base_id: string | null;
  /** '' for all of it. */
  readonly part: string;
  readonly part_label: string;
}
export interface InstanceRow {
  readonly id: number;
  readonly series_id: string;
  readonly sop_instance_uid: string;
  readonly number: number | null;
  readonly path: string;
  readonly copied: number;
  readonly bytes: number;
  readonly modified_ms: number;
  readonly fingerprint: string;
  readonly frames: number;
  readonly image: string | null;
  readonly refused: string | null;
  readonly missing: number;
}

export const studySummary = (row: StudyRow): StudySummary => ({
  id: row.id,
  uid: row.uid,
  patient: {
    name: row.patient_name,
    id: row.patient_id,
    issuer: row.patient_issuer,
    birthDate: row.birth_date,
    sex: row.sex as StudySummary['patient']['sex'],
  },
  date: row.study_date,
  time: row.study_time,
  accession: row.accession,
  description: row.description,
  modalities: JSON.parse(row.modalities) as string[],
  bodyParts: JSON.parse(row.body_parts) as string[],
  seriesCount: row.series_count,
  imageCount: row.image_count,
  status: row.status,
  importedAt: row.imported_at,
  sourceMissing: row.missing_count > 0,
  hasDraft: row.has_draft === 1,
});

/** Variants of parts count on from here: each row of a series has one of its own. */
export const PART_VARIANTS = 1_000_000;

const contentWords = (variant: number): string => {
  const content = variant % PART_VARIANTS;
  return content === 0 ? '' : `same UIDs, other content: ${content + 1}`;
};

export const seriesSummary = (row: SeriesRow): SeriesSummary => ({
  id: row.id,
  studyId: row.study_id,
  uid: row.uid,
  number: row.number,
  modality: row.modality,
  description: [row.description, row.part_label, contentWords(row.variant)].filter(Boolean).join(' · '),
  bodyPart: row.body_part,
  frameCount: row.frame_count,
  kind: row.kind,
  refused: row.refused,
  sourceMissing: row.missing_count > 0,
});

/** Lower case without accents, caret and equals as spaces: what search compares. */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/ß/g, 'ss')
    .replace(/ø/g, 'o')
    .replace(/ł/g, 'l')
    .replace(/æ/g, 'ae')
    .replace(/[\^=\s]+/g, ' ')
    .trim();
