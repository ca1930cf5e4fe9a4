import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, type Report, type ReportEdit, type Sentence } from '../../preload/contract/index.ts';
import { EditOutbox } from './outbox.ts';
import { predicted } from './predict.ts';

const sentence = (id: string, text: string): Sentence => ({
  id,
  section: 'findings',
  text,
  kind: 'finding',
  regions: [],
  score: 0.8,
  evidence: [],
  findingKey: '',
  side: null,
  decision: 'undecided',
  draftText: text,
  draftRegions: [],
});
const report = (sentences: readonly Sentence[], revision = 1): Report => ({
  id: 'r',
  studyId: 's',
  draftId: 'd',
  revision,
  sentences: [...sentences],
  state: 'draft',
  signature: null,
  addenda: [],
  altered: false,
  canUndo: false,
  canRedo: false,
  updatedAt: '2026-01-01T00:00:00Z',
});

/** A backend of one report that keeps the rules of the contract: opIds count once, an old revision is a conflict. */
const bench = (texts: Record<string, string>) => {
  const stored = {
    report: report(Object.entries(texts).map(([id, text]) => sentence(id, text))),
    ops: [] as string[],
    down: 0,
    loseAnswer: 0,
    posts: 0,
  };
  const timers: (() => void)[] = [];
  let id = 0;
  const apply = (edit: ReportEdit): void => {
    const { report: present } = stored;
    stored.report = {
      ...present,
      revision: present.revision + 1,
      sentences: [...predicted(present.sentences, edit)],
    };
  };
  const box = new EditOutbox(
    stored.report,
    {
      edit: async ({ opId, revision, edit }) => {
        await Promise.resolve();
        stored.posts++;
        if (stored.down > 0) {
          stored.down--;
          throw new Fault('closed', 'gone');
        }
        if (!stored.ops.includes(opId)) {
          if (revision !== stored.report.revision) throw new Fault('conflict', 'older revision');
          if (edit.kind === 'delete' && edit.sentenceId === 'fixed') throw new Fault('refused', 'signed');
          stored.ops.push(opId);
          apply(edit);
        }
        if (stored.loseAnswer > 0) {
          stored.loseAnswer--;
          throw new Fault('closed', 'answer lost');
        }
        return stored.report;
      },
      fetch: async () => stored.report,
    },
    {
      newId: () => `op${++id}`,
      later: (_ms, work) => {
        timers.push(work);
        return () => timers.splice(timers.indexOf(work), 1);
      },
      onChange: () => {},
    },
  );
  const turn = async (): Promise<void> => {
    for (let i = 0; i < 40; i++) await Promise.resolve();
  };
  return {
    box,
    stored,
    apply,
    turn,
    fire: () => timers.shift()?.(),
    textOf: (key: string) => stored.report.sentences.find((one) => one.id === key)?.text,
  };
};

const type = (text: string, sentenceId = 'a'): ReportEdit => ({ kind: 'set-text', sentenceId, text });

test('edits arrive in order and the mark ends on saved', async () => {
  const { box, stored, textOf } = bench({ a: 'one', b: 'two' });
  box.put(type('one more'));
  box.put({ kind: 'accept', sentenceId: 'b' });
  assert.equal(box.state.kind, 'saving');
  await box.settled();
  assert.equal(box.state.kind, 'saved');
  assert.equal(textOf('a'), 'one more');
  assert.equal(stored.report.sentences[1]?.decision, 'accepted');
  assert.equal(box.report.revision, 3);
});

test('a text still waiting gives way to the newer one, a posted one does not', async () => {
  const { box, stored, textOf } = bench({ a: 'one' });
  box.put(type('x'));
  box.put(type('xy'));
  box.put(type('xyz'));
  await box.settled();
  assert.equal(textOf('a'), 'xyz');
  assert.equal(stored.ops.length, 2);
});

test('the line goes down: nothing is lost, the same opId is sent again and counts once', async () => {
  const { box, stored, turn, fire, textOf } = bench({ a: 'one' });
  stored.loseAnswer = 1;
  box.put(type('stored but not answered'));
  await turn();
  assert.equal(box.state.kind, 'unsaved');
  box.put(type('and more'));
  assert.equal(box.pending.length, 2);
  stored.down = 1;
  fire();
  await turn();
  assert.equal(box.state.kind, 'unsaved');
  fire();
  await box.settled();
  assert.equal(box.state.kind, 'saved');
  assert.deepEqual(stored.ops, ['op1', 'op2']);
  assert.equal(textOf('a'), 'and more');
});

test('another window changed another sentence: both changes stand', async () => {
  const { box, apply, textOf } = bench({ a: 'one', b: 'two' });
  apply(type('theirs', 'b'));
  box.put(type('mine'), 'one');
  await box.settled();
  assert.equal(textOf('a'), 'mine');
  assert.equal(textOf('b'), 'theirs');
  assert.equal(box.state.kind, 'saved');
});

test('another window changed the same sentence: the reader chooses, until then nothing is overwritten', async () => {
  const { box, apply, turn, textOf } = bench({ a: 'one' });
  apply(type('theirs'));
  box.put(type('mine'), 'one');
  box.put(type('mine, longer'), 'one');
  await turn();
  assert.deepEqual(box.clash, { sentenceId: 'a', mine: 'mine, longer', theirs: 'theirs' });
  assert.equal(textOf('a'), 'theirs');
  box.keepMine();
  await box.settled();
  assert.equal(textOf('a'), 'mine, longer');
  assert.equal(box.state.kind, 'saved');
});

test('a change from another window that has arrived already is no leave to overwrite it', async () => {
  const { box, apply, stored, turn, textOf } = bench({ a: 'one' });
  apply(type('theirs'));
  box.take(stored.report);
  box.put(type('mine'), 'one');
  await turn();
  assert.deepEqual(box.clash, { sentenceId: 'a', mine: 'mine', theirs: 'theirs' });
  box.takeTheirs();
  assert.equal(textOf('a'), 'theirs');
  assert.equal(box.state.kind, 'saved');
});

test('a refusal is told, and what waits behind it goes on', async () => {
  const { box, textOf } = bench({ fixed: 'one', a: 'two' });
  box.put({ kind: 'delete', sentenceId: 'fixed' });
  box.put(type('still'));
  await box.settled();
  assert.deepEqual(box.state, { kind: 'refused', reason: 'signed', text: null });
  assert.equal(textOf('a'), 'still');
});
