import type { ReportEdit, Sentence } from '../../preload/contract/index.ts';

const changed = (
  sentences: readonly Sentence[],
  id: string,
  change: (sentence: Sentence) => Sentence,
): readonly Sentence[] => sentences.map((sentence) => (sentence.id === id ? change(sentence) : sentence));

const place = (sentences: readonly Sentence[], moved: Sentence, beforeId: string | null): readonly Sentence[] => {
  const rest = sentences.filter((sentence) => sentence.id !== moved.id);
  const before = beforeId === null ? -1 : rest.findIndex((sentence) => sentence.id === beforeId);
  const last = rest.findLastIndex((sentence) => sentence.section === moved.section);
  const at = before >= 0 ? before : last >= 0 ? last + 1 : rest.length;
  return rest.toSpliced(at, 0, moved);
};

const written = (sentence: Sentence, text: string): Sentence => ({
  ...sentence,
  text,
  decision: sentence.draftText === null ? 'added' : 'edited',
});

/**
 * What an edit will make of the sentences, shown until the backend answers: a reader's act is seen at once, also while
 * the line is down. The backend's answer replaces it. Undo and redo are the backend's to know and change nothing here.
 */
export const predicted = (sentences: readonly Sentence[], edit: ReportEdit): readonly Sentence[] => {
  switch (edit.kind) {
    case 'set-text':
      return changed(sentences, edit.sentenceId, (sentence) => written(sentence, edit.text));
    case 'set-regions':
      return changed(sentences, edit.sentenceId, (sentence) => ({
        ...written(sentence, sentence.text),
        regions: edit.regions,
      }));
    case 'accept':
      return changed(sentences, edit.sentenceId, (sentence) =>
        sentence.decision === 'undecided' ? { ...sentence, decision: 'accepted' } : sentence,
      );
    case 'accept-all':
      return sentences.map((sentence) =>
        sentence.decision === 'undecided' ? { ...sentence, decision: 'accepted' } : sentence,
      );
    case 'delete':
      return changed(sentences, edit.sentenceId, (sentence) => ({ ...sentence, decision: 'deleted' }));
    case 'restore':
      return changed(sentences, edit.sentenceId, (sentence) => ({
        ...sentence,
        decision: sentence.draftText === null ? 'added' : 'undecided',
      }));
    case 'add':
      if (sentences.some((sentence) => sentence.id === edit.sentence.id)) return sentences;
      return place(
        sentences,
        { ...edit.sentence, score: null, evidence: [], decision: 'added', draftText: null, draftRegions: null },
        edit.beforeId,
      );
    case 'move': {
      const moved = sentences.find((sentence) => sentence.id === edit.sentenceId);
      return moved ? place(sentences, { ...moved, section: edit.section }, edit.beforeId) : sentences;
    }
    case 'undo':
    case 'redo':
      return sentences;
  }
};
