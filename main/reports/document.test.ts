import assert from 'node:assert/strict';
import test from 'node:test';
import { Fault, type ReportEdit } from '../../preload/contract/index.ts';
import { aDraft, aSentence } from '../test-world.ts';
import { fold, fromDraft, stateOf } from './document.ts';

const region = {
  kind: 'box' as const,
  seriesId: 'series',
  instanceUid: '1.2.3',
  frameIndex: 2,
  box: [1, 2, 3, 4] as [number, number, number, number],
};
const start = fromDraft(
  aDraft('draft', 'study', [
    aSentence('i', 'No acute disease.', { section: 'impression', kind: 'normal' }),
    aSentence('a', 'Nodule in the right upper lobe.', { regions: [region] }),
    aSentence('b', 'No effusion.', { kind: 'normal' }),
  ]),
);
const after = (...log: ReportEdit[]) => fold(start, log);
const decisions = (...log: ReportEdit[]) =>
  Object.fromEntries(after(...log).sentences.map((one) => [one.id, one.decision]));
const texts = (...log: ReportEdit[]) => after(...log).sentences.map((one) => one.text);
const add: ReportEdit = {
  kind: 'add',
  sentence: {
    id: 'n',
    section: 'findings',
    text: 'Rib fracture.',
    regions: [],
    findingKey: '',
    side: null,
    kind: 'finding',
  },
  beforeId: 'b',
};

test('a draft begins undecided, sections in order', () => {
  assert.deepEqual(
    start.map((one) => one.id),
    ['a', 'b', 'i'],
  );
  assert.deepEqual(decisions(), { a: 'undecided', b: 'undecided', i: 'undecided' });
  assert.equal(stateOf(after()), 'draft');
});

test('changing words or regions decides; putting both back accepts; leaving a field as it is decides nothing', () => {
  const set = (text: string): ReportEdit => ({ kind: 'set-text', sentenceId: 'a', text });
  assert.equal(decisions(set('Nodule in the right upper lobe.')).a, 'undecided');
  assert.equal(decisions(set('Nodule.')).a, 'edited');
  assert.equal(decisions(set('Nodule.'), set('Nodule in the right upper lobe.')).a, 'accepted');
  const moved: ReportEdit = { kind: 'set-regions', sentenceId: 'a', regions: [] };
  assert.equal(decisions(moved).a, 'edited');
  assert.equal(decisions(moved, set('Nodule.'), set('Nodule in the right upper lobe.')).a, 'edited');
  assert.equal(decisions(moved, { kind: 'set-regions', sentenceId: 'a', regions: [region] }).a, 'accepted');
});

test('a deleted sentence stays, takes no change, and comes back as it was', () => {
  const gone: ReportEdit = { kind: 'delete', sentenceId: 'a' };
  assert.equal(decisions(gone).a, 'deleted');
  assert.equal(
    decisions({ kind: 'accept', sentenceId: 'a' }, gone, { kind: 'restore', sentenceId: 'a' }).a,
    'accepted',
  );
  assert.equal(decisions(gone, { kind: 'restore', sentenceId: 'a' }).a, 'undecided');
  assert.equal(decisions(add, { kind: 'delete', sentenceId: 'n' }, { kind: 'restore', sentenceId: 'n' }).n, 'added');
  assert.throws(() => after(gone, { kind: 'set-text', sentenceId: 'a', text: 'x' }), Fault);
  assert.throws(() => after(gone, gone), Fault);
  assert.throws(() => after({ kind: 'restore', sentenceId: 'a' }), Fault);
});

test('adding and moving keep to the section', () => {
  assert.deepEqual(texts(add), [
    'Nodule in the right upper lobe.',
    'Rib fracture.',
    'No effusion.',
    'No acute disease.',
  ]);
  assert.throws(() => after(add, add), /there already/u);
  assert.throws(() => after({ ...add, beforeId: 'i' }), Fault);
  const move = (section: 'findings' | 'impression', beforeId: string | null): ReportEdit => ({
    kind: 'move',
    sentenceId: 'b',
    section,
    beforeId,
  });
  assert.deepEqual(
    after(move('findings', 'a')).sentences.map((one) => one.id),
    ['b', 'a', 'i'],
  );
  assert.deepEqual(
    after(move('impression', null)).sentences.map((one) => one.id),
    ['a', 'i', 'b'],
  );
  assert.throws(() => after(move('findings', 'b')), Fault);
  assert.equal(after(move('impression', null)).sentences.at(-1)?.section, 'impression');
});

test('undo reaches the first edit, redo comes back, a new edit gives up what was undone', () => {
  const log: ReportEdit[] = [
    { kind: 'accept', sentenceId: 'a' },
    add,
    { kind: 'delete', sentenceId: 'b' },
    { kind: 'set-text', sentenceId: 'n', text: 'Old rib fracture.' },
  ];
  const undo: ReportEdit = { kind: 'undo' };
  const redo: ReportEdit = { kind: 'redo' };
  const back = after(...log, undo, undo, undo, undo);
  assert.deepEqual(back.sentences, start);
  assert.equal(back.canUndo, false);
  assert.equal(back.canRedo, true);
  assert.throws(() => after(...log, undo, undo, undo, undo, undo), /nothing to undo/u);
  assert.deepEqual(after(...log, undo, undo, redo, redo).sentences, after(...log).sentences);
  assert.throws(() => after(...log, undo, { kind: 'accept', sentenceId: 'i' }, redo), Fault);
  assert.equal(
    after(...log, undo, undo, { kind: 'accept-all' }).sentences.find((one) => one.id === 'b')?.decision,
    'accepted',
  );
});

test('preliminary where all is decided and something is left', () => {
  assert.equal(stateOf(after({ kind: 'accept-all' })), 'preliminary');
  assert.equal(stateOf(after({ kind: 'accept-all' }, { kind: 'undo' })), 'draft');
  assert.equal(stateOf(fold([], [])), 'draft');
});
