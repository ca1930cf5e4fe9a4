/** Keys that a sentence row takes while it has the focus and is not being typed in. The help sheet lists them. */
export const SENTENCE_KEYS = [
  { act: 'next', keys: ['j', 'ArrowDown'], title: 'Next sentence' },
  { act: 'previous', keys: ['k', 'ArrowUp'], title: 'Previous sentence' },
  { act: 'accept', keys: ['a'], title: 'Accept, and on to the next undecided' },
  { act: 'delete', keys: ['d', 'Delete'], title: 'Delete, or bring back' },
  { act: 'edit', keys: ['e', 'Enter'], title: 'Edit' },
  { act: 'insert', keys: ['o'], title: 'New sentence below' },
  { act: 'add-finding', keys: ['i'], title: 'Add a finding' },
  { act: 'draw', keys: ['b'], title: 'Draw a box, then add a finding' },
  { act: 'region', keys: ['Shift+B'], title: 'Draw a box for this sentence' },
  { act: 'go', keys: ['g'], title: 'Go to the region; again for its next one' },
  { act: 'grade', keys: ['r'], title: 'Rate the sentence: 1 right, 2 wrong, 3 unsure' },
  { act: 'up', keys: ['Alt+Shift+ArrowUp'], title: 'Move up' },
  { act: 'down', keys: ['Alt+Shift+ArrowDown'], title: 'Move down' },
  { act: 'undo', keys: ['u'], title: 'Undo' },
] as const;
export type SentenceAct = (typeof SENTENCE_KEYS)[number]['act'];
