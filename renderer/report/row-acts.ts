import type { SentenceAct } from '../session/sentence-keys.ts';
import type { FindingPalette } from './adding.svelte.ts';
import type { ReportDesk } from './desk.svelte.ts';
import type { Row } from './rows.ts';

interface Focused {
  readonly row: Row;
  readonly desk: ReportDesk;
  readonly palette: FindingPalette;
  readonly focusGrade: () => void;
}

/** Region shown last, so that the same key goes on to the sentence's next one. */
let shown: { sentenceId: string; index: number } = { sentenceId: '', index: 0 };

/** What each key of a focused sentence does. */
export const rowActs = ({ row, desk, palette, focusGrade }: Focused): Record<SentenceAct, () => void> => {
  const { id, section, decision, regions } = row.sentence;
  return {
    next: () => desk.step(1),
    previous: () => desk.step(-1),
    accept: () => {
      if (decision === 'undecided') desk.accept(id);
      desk.stepUndecided();
    },
    delete: () => desk.toggleDeleted(row),
    edit: () => desk.beginEdit(row),
    insert: () => desk.insertAfter(section, id),
    'add-finding': () => void palette.show(),
    draw: () => void palette.drawFirst(),
    region: () => void desk.addRegion(row),
    go: () => {
      const next = shown.sentenceId === id ? (shown.index + 1) % Math.max(1, regions.length) : 0;
      shown = { sentenceId: id, index: next };
      desk.select(id, { regionIndex: next });
    },
    grade: focusGrade,
    up: () => desk.moveStep(id, -1),
    down: () => desk.moveStep(id, 1),
    undo: () => desk.undo(),
  };
};
