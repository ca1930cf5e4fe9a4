import { z } from 'zod';
import { Region, Side } from './finding.ts';
import { Id, Moment } from './study.ts';

export const Section = z.enum(['indication', 'technique', 'comparison', 'findings', 'impression']);
export type Section = z.infer<typeof Section>;
export const SECTIONS = Section.options;
/** As headed in the window, the plain text and the PDF. */
export const SECTION_TITLES = {
  indication: 'Indication',
  technique: 'Technique',
  comparison: 'Comparison',
  findings: 'Findings',
  impression: 'Impression',
} as const satisfies Record<Section, string>;

/** Why a drafted sentence is there. */
export const Evidence = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('model'),
    package: z.string(),
    version: z.string(),
    findingId: Id.nullable(),
    score: z.number().nullable(),
  }),
  z.object({
    kind: z.literal('report'),
    /** prior: the same patient's; similar: another's, for wording only. */
    relation: z.enum(['prior', 'similar']),
    knowledgeId: Id,
    similarity: z.number(),
  }),
]);
export type Evidence = z.infer<typeof Evidence>;

export const SentenceKind = z.enum(['finding', 'normal', 'comparison', 'other']);

/** One sentence as the drafter wrote it. Normal statements carry no region. */
export const DraftSentence = z.object({
  id: Id,
  section: Section,
  text: z.string().max(2000),
  kind: SentenceKind,
  regions: z.array(Region).max(64),
  score: z.number().nullable(),
  evidence: z.array(Evidence).max(32),
  /** The finding's key ('lung-nodule'), empty for none. */
  findingKey: z.string(),
  side: Side,
});
export type DraftSentence = z.infer<typeof DraftSentence>;

/** What writes the findings: our phrases over what the models found, or the network that drafts from the film itself. */
export const DrafterKind = z.enum(['findings', 'film']);
export type DrafterKind = z.infer<typeof DrafterKind>;

/** What was used, so that a draft can be told from another and made again. */
export const DraftRecipe = z.object({
  seed: z.number().int(),
  drafter: z.string(),
  drafterVersion: z.string(),
  retrieval: z.enum(['none', 'priors', 'priors-and-similar']),
  packages: z.array(z.object({ name: z.string(), version: z.string() })),
});
export type DraftRecipe = z.infer<typeof DraftRecipe>;

export const Draft = z.object({
  id: Id,
  studyId: Id,
  createdAt: Moment,
  recipe: DraftRecipe,
  sentences: z.array(DraftSentence),
  /** Priors that were used, for the comparison section. */
  priorIds: z.array(Id),
  /** What the reader must know: 'no model for MR', 'lungs cut off at the top'. */
  remarks: z.array(z.string()),
});
export type Draft = z.infer<typeof Draft>;

export const Decision = z.enum(['undecided', 'accepted', 'edited', 'deleted', 'added']);
export type Decision = z.infer<typeof Decision>;

/** A sentence in the working report; a deleted one stays, so that it can be brought back and exported. */
export const Sentence = DraftSentence.extend({
  decision: Decision,
  /** The drafter's text; null where the reader wrote it. */
  draftText: z.string().nullable(),
  draftRegions: z.array(Region).max(64).nullable(),
});
export type Sentence = z.infer<typeof Sentence>;

/** Over the text, regions and image UIDs, and the signature before it. */
export const Signature = z.object({
  signedBy: z.string(),
  signedAt: Moment,
  algorithm: z.literal('sha256'),
  hash: z.string(),
  previousHash: z.string().nullable(),
});
export type Signature = z.infer<typeof Signature>;

export const Addendum = z.object({ id: Id, text: z.string(), signature: Signature });

export const Report = z.object({
  id: Id,
  studyId: Id,
  draftId: Id.nullable(),
  /** Counts every change; an edit names the revision it was made on. */
  revision: z.number().int(),
  sentences: z.array(Sentence),
  state: z.enum(['draft', 'preliminary', 'final']),
  signature: Signature.nullable(),
  addenda: z.array(Addendum),
  /** True where what is stored no longer agrees with its signature. */
  altered: z.boolean(),
  canUndo: z.boolean(),
  canRedo: z.boolean(),
  updatedAt: Moment,
});
export type Report = z.infer<typeof Report>;

/** One act of the reader. opId makes a repeated act count once. */
export const ReportEdit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('set-text'), sentenceId: Id, text: z.string().max(2000) }),
  z.object({ kind: z.literal('set-regions'), sentenceId: Id, regions: z.array(Region).max(64) }),
  z.object({ kind: z.literal('accept'), sentenceId: Id }),
  z.object({ kind: z.literal('accept-all') }),
  z.object({ kind: z.literal('delete'), sentenceId: Id }),
  z.object({ kind: z.literal('restore'), sentenceId: Id }),
  z.object({
    kind: z.literal('add'),
    sentence: z.object({
      id: Id,
      section: Section,
      text: z.string().max(2000),
      regions: z.array(Region).max(64),
      findingKey: z.string(),
      side: Side,
      kind: SentenceKind,
    }),
    /** Put before this sentence; at the section's end where null. */
    beforeId: Id.nullable(),
  }),
  z.object({ kind: z.literal('move'), sentenceId: Id, section: Section, beforeId: Id.nullable() }),
  z.object({ kind: z.literal('undo') }),
  z.object({ kind: z.literal('redo') }),
]);
export type ReportEdit = z.infer<typeof ReportEdit>;
