import { type Region, SECTIONS, type Section, type Sentence } from '../../preload/contract/index.ts';

/** A sentence that the reader has begun and not yet written: only the window knows it. */
export interface Blank {
  readonly id: string;
  readonly section: Section;
  /** The sentence that it will stand before; at the section's end where null. */
  readonly beforeId: string | null;
}

export interface Row {
  readonly sentence: Sentence;
  readonly blank: boolean;
}
export interface SectionRows {
  readonly section: Section;
  readonly rows: readonly Row[];
}

const asSentence = (blank: Blank): Sentence => ({
  id: blank.id,
  section: blank.section,
  text: '',
  kind: 'other',
  regions: [],
  score: null,
  evidence: [],
  findingKey: '',
  side: null,
  decision: 'added',
  draftText: null,
  draftRegions: null,
});

/** The report as it stands on the screen: every section in its order, begun sentences in their places. */
export const sectionRows = (sentences: readonly Sentence[], blanks: readonly Blank[]): SectionRows[] =>
  SECTIONS.map((section) => {
    let rows: Row[] = sentences
      .filter((sentence) => sentence.section === section)
      .map((sentence) => ({ sentence, blank: false }));
    for (const blank of blanks) {
      if (blank.section !== section || rows.some((row) => row.sentence.id === blank.id)) continue;
      const before = rows.findIndex((row) => row.sentence.id === blank.beforeId);
      rows = rows.toSpliced(before < 0 ? rows.length : before, 0, { sentence: asSentence(blank), blank: true });
    }
    return { section, rows };
  });

/** Who stands after this one in its section; null at the end. */
export const after = (sections: readonly SectionRows[], sentenceId: string): string | null => {
  for (const { rows } of sections) {
    const at = rows.findIndex((row) => row.sentence.id === sentenceId);
    if (at >= 0) return rows.slice(at + 1).find((row) => !row.blank)?.sentence.id ?? null;
  }
  return null;
};

/** One step up (-1) or down (1) within its section: the new beforeId; undefined where there is no such step. */
export const stepped = (
  sections: readonly SectionRows[],
  sentenceId: string,
  step: -1 | 1,
): { section: Section; beforeId: string | null } | undefined => {
  for (const { section, rows } of sections) {
    const ids = rows.filter((row) => !row.blank).map((row) => row.sentence.id);
    const at = ids.indexOf(sentenceId);
    if (at < 0) continue;
    const to = at + step;
    if (to < 0 || to >= ids.length) return undefined;
    return { section, beforeId: (step === -1 ? ids[to] : ids[to + 1]) ?? null };
  }
  return undefined;
};

const sameBounds = (a: readonly number[] | null, b: readonly number[] | null): boolean =>
  a === b || (a !== null && b !== null && a.every((value, index) => value === b[index]));

const within = (inner: readonly number[], outer: readonly number[]): boolean => {
  const half = inner.length / 2;
  return inner.every((value, index) => (index < half ? value >= (outer[index] ?? 0) : value <= (outer[index] ?? 0)));
};

/** 0: another place. 3: the very same. Between: the label clicked is the one spoken of, the component is not told apart. */
const likeness = (a: Region, b: Region): number => {
  if (a.kind === 'box' && b.kind === 'box')
    return a.instanceUid === b.instanceUid && a.frameIndex === b.frameIndex && sameBounds(a.box, b.box) ? 3 : 0;
  if (a.kind !== 'label' || b.kind !== 'label' || a.overlayId !== b.overlayId || a.value !== b.value) return 0;
  if (sameBounds(a.bounds, b.bounds)) return 3;
  if (a.bounds === null || b.bounds === null) return 1;
  return within(a.bounds, b.bounds) || within(b.bounds, a.bounds) ? 2 : 0;
};

/** The sentence that speaks of a region which was clicked; null where none does. */
export const speaker = (sentences: readonly Sentence[], region: Region): Sentence | null => {
  let best: { sentence: Sentence; value: number } | null = null;
  for (const sentence of sentences) {
    if (sentence.decision === 'deleted') continue;
    const value = Math.max(0, ...sentence.regions.map((own) => likeness(own, region)));
    if (value > (best?.value ?? 0)) best = { sentence, value };
  }
  return best?.sentence ?? null;
};
