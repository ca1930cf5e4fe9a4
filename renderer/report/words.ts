import type { Decision, Draft, DrafterKind, Evidence, Region, Report, Side } from '../../preload/contract/index.ts';
import { recipeWords } from '../session/index.ts';
import type { SavingState } from './outbox.ts';

export const DECISIONS = {
  undecided: { mark: '?', title: 'Undecided: written by the model, not yet accepted' },
  accepted: { mark: '✓', title: 'Accepted as drafted' },
  edited: { mark: '✎', title: 'Changed by the reader' },
  added: { mark: '+', title: 'Added by the reader' },
  deleted: { mark: '✕', title: 'Deleted; can be brought back' },
} as const satisfies Record<Decision, { mark: string; title: string }>;

export const DRAFTERS = {
  findings: 'Phrases over what the models found',
  film: 'The drafting network, from the film itself',
} as const satisfies Record<DrafterKind, string>;

export const moment = (iso: string): string =>
  new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** 0.873 as '87 %': the score of a model, never a claim about the patient. */
export const percent = (score: number): string => `${Math.round(score * 100)} %`;

/** number: of the image, as the viewer counts; null where it is not known yet. */
export const regionWords = (region: Region, number: number | null): string =>
  `${region.kind === 'box' ? 'Image' : 'Slice'} ${number ?? '…'}`;

export const regionTitle = (region: Region, number: number | null): string =>
  region.kind === 'box'
    ? `Box on image ${number ?? '…'}: go there`
    : `Marked in the volume, largest on slice ${number ?? '…'}: go there`;

export const evidenceWords = (evidence: Evidence): string => {
  if (evidence.kind === 'report')
    return evidence.relation === 'prior'
      ? "From the same patient's earlier report"
      : `Wording from a similar case (similarity ${evidence.similarity.toFixed(2)})`;
  const score = evidence.score === null ? '' : `, score ${percent(evidence.score)}`;
  return `${evidence.package} ${evidence.version}${score}`;
};

export const draftTitle = (draft: Draft, index: number): string => `${index + 1}: ${recipeWords(draft.recipe)}`;

/** One line over the report: whose text this is and how far it is. */
export const statusWords = (report: Report | null, draft: Draft | null): { kind: string; text: string } => {
  if (!report) return { kind: 'none', text: 'No report yet' };
  if (report.altered)
    return { kind: 'altered', text: 'ALTERED: what is stored no longer agrees with its signature. Do not rely on it.' };
  if (report.signature)
    return {
      kind: 'final',
      text: `Final, signed by ${report.signature.signedBy}, ${moment(report.signature.signedAt)}`,
    };
  const by = draft ? `drafted by ${draft.recipe.drafter} ${draft.recipe.drafterVersion}` : 'written by the reader';
  if (report.state === 'preliminary') return { kind: 'preliminary', text: `Preliminary, ${by}` };
  return draft
    ? { kind: 'draft', text: `Draft by ${draft.recipe.drafter} ${draft.recipe.drafterVersion}. Not for clinical use` }
    : { kind: 'draft', text: 'Report in work, written by the reader' };
};

export const savingWords = (state: SavingState): string => {
  switch (state.kind) {
    case 'saved':
      return 'Saved';
    case 'saving':
      return 'Saving';
    case 'unsaved':
      return `Not saved, trying again: ${state.reason}`;
    case 'refused':
      return `Not done: ${state.reason}`;
  }
};

export const SIDES = [
  { side: 'left', name: 'Left', key: 'l' },
  { side: 'right', name: 'Right', key: 'r' },
  { side: 'bilateral', name: 'Both sides', key: 'b' },
  { side: null, name: 'No side', key: 'n' },
] as const satisfies readonly { side: Side; name: string; key: string }[];
