/** A report as the fold of its log: pure, so that undo reaches the first edit and survives a restart. */
import {
  type Decision,
  type Draft,
  Fault,
  type Region,
  type Report,
  type ReportEdit,
  SECTIONS,
  type Section,
  type Sentence,
} from '../../preload/contract/index.ts';
import { canonical } from './canonical.ts';

export interface Document {
  readonly sentences: readonly Sentence[];
  /** What a deleted sentence was before, so that restoring brings it back as it was. */
  readonly before: ReadonlyMap<string, Decision>;
}

/** One act that changes sentences: undo and redo choose among these. */
type Act = Exclude<ReportEdit, { kind: 'undo' | 'redo' }>;

/** The sentences of a draft, none of them decided yet. */
export const fromDraft = (draft: Draft): Sentence[] =>
  inOrder(
    draft.sentences.map((sentence) => ({
      ...sentence,
      decision: 'undecided',
      draftText: sentence.text,
      draftRegions: sentence.regions,
    })),
  );

/** Sections in their order; inside a section the order of the list. */
const inOrder = (sentences: readonly Sentence[]): Sentence[] =>
  SECTIONS.flatMap((section) => sentences.filter((sentence) => sentence.section === section));

const sameRegions = (a: readonly Region[], b: readonly Region[]): boolean => canonical(a) === canonical(b);

/** What the reader's change makes of a sentence: words put back to the drafter's are the drafter's, seen and kept. */
const afterChange = (sentence: Sentence): Decision => {
  if (sentence.draftText === null) return 'added';
  const asDrafted = sentence.text === sentence.draftText && sameRegions(sentence.regions, sentence.draftRegions ?? []);
  return asDrafted ? 'accepted' : 'edited';
};

const find = (document: Document, sentenceId: string): Sentence => {
  const sentence = document.sentences.find((one) => one.id === sentenceId);
  if (!sentence) throw new Fault('not-found', 'There is no such sentence in this report.', { sentenceId });
  return sentence;
};

const findPresent = (document: Document, sentenceId: string): Sentence => {
  const sentence = find(document, sentenceId);
  if (sentence.decision === 'deleted')
    throw new Fault('invalid', 'This sentence is deleted: bring it back first.', { sentenceId });
  return sentence;
};

const put = (document: Document, changed: Sentence): Document => ({
  ...document,
  sentences: document.sentences.map((one) => (one.id === changed.id ? changed : one)),
});

const insert = (document: Document, sentence: Sentence, section: Section, beforeId: string | null): Document => {
  const rest = document.sentences.filter((one) => one.id !== sentence.id);
  const placed = { ...sentence, section };
  if (beforeId === null) return { ...document, sentences: inOrder([...rest, placed]) };
  const at = rest.findIndex((one) => one.id === beforeId);
  if (rest[at]?.section !== section)
    throw new Fault('invalid', 'The sentence to stand before is not in this section.', { beforeId, section });
  return { ...document, sentences: inOrder([...rest.slice(0, at), placed, ...rest.slice(at)]) };
};

/** Faults 'invalid' or 'not-found' where the act cannot be meant. */
export const applied = (document: Document, act: Act): Document => {
  switch (act.kind) {
    case 'set-text': {
      const sentence = findPresent(document, act.sentenceId);
      // Leaving a field without a change is no decision.
      if (sentence.text === act.text) return document;
      const changed = { ...sentence, text: act.text };
      return put(document, { ...changed, decision: afterChange(changed) });
    }
    case 'set-regions': {
      const sentence = findPresent(document, act.sentenceId);
      if (sameRegions(sentence.regions, act.regions)) return document;
      const changed = { ...sentence, regions: act.regions };
      return put(document, { ...changed, decision: afterChange(changed) });
    }
    case 'accept': {
      const sentence = findPresent(document, act.sentenceId);
      return sentence.decision === 'undecided' ? put(document, { ...sentence, decision: 'accepted' }) : document;
    }
    case 'accept-all':
      return {
        ...document,
        sentences: document.sentences.map((one) =>
          one.decision === 'undecided' ? { ...one, decision: 'accepted' } : one,
        ),
      };
    case 'delete': {
      const sentence = findPresent(document, act.sentenceId);
      return {
        sentences: put(document, { ...sentence, decision: 'deleted' }).sentences,
        before: new Map(document.before).set(sentence.id, sentence.decision),
      };
    }
    case 'restore': {
      const sentence = find(document, act.sentenceId);
      if (sentence.decision !== 'deleted')
        throw new Fault('invalid', 'This sentence is not deleted.', { sentenceId: sentence.id });
      return put(document, { ...sentence, decision: document.before.get(sentence.id) ?? 'undecided' });
    }
    case 'add': {
      if (document.sentences.some((one) => one.id === act.sentence.id))
        throw new Fault('invalid', 'A sentence with this id is there already.', { sentenceId: act.sentence.id });
      const sentence: Sentence = {
        ...act.sentence,
        score: null,
        evidence: [],
        decision: 'added',
        draftText: null,
        draftRegions: null,
      };
      return insert(document, sentence, sentence.section, act.beforeId);
    }
    case 'move':
      return insert(document, findPresent(document, act.sentenceId), act.section, act.beforeId);
  }
};

export interface Folded extends Document {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** The report after the whole log. An edit after an undo gives up what was undone. */
export const fold = (start: readonly Sentence[], log: readonly ReportEdit[]): Folded => {
  const done: Act[] = [];
  let undone: Act[] = [];
  for (const edit of log) {
    if (edit.kind === 'undo') {
      const act = done.pop();
      if (!act) throw new Fault('refused', 'There is nothing to undo.');
      undone.push(act);
    } else if (edit.kind === 'redo') {
      const act = undone.pop();
      if (!act) throw new Fault('refused', 'There is nothing to do again.');
      done.push(act);
    } else {
      done.push(edit);
      undone = [];
    }
  }
  const begun: Document = { sentences: start, before: new Map() };
  const document = done.reduce(applied, begun);
  return { ...document, canUndo: done.length > 0, canRedo: undone.length > 0 };
};

/** Preliminary: the reader has worked on it and every sentence is decided; final is the signature's. */
export const stateOf = (document: Folded): Exclude<Report['state'], 'final'> =>
  document.canUndo &&
  document.sentences.some((one) => one.decision !== 'deleted') &&
  document.sentences.every((one) => one.decision !== 'undecided')
    ? 'preliminary'
    : 'draft';
