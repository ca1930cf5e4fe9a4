import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { Comparison, DraftRating, Fault, type SentenceRating } from '../../preload/contract/index.ts';
import type { Ratings, Settings } from '../domains.ts';
import { createSettings } from '../settings/index.ts';
import { aDraft, aSentence, aStudy, createWorld, type World } from '../test-world.ts';
import { createRatings } from './index.ts';
import { earlierOnLeft } from './sides.ts';

const context = { signal: new AbortController().signal };
interface Desk {
  readonly world: World;
  readonly ratings: Ratings;
  readonly settings: Settings;
}
const seed = (world: World): void => {
  for (let n = 0; n < 40; n += 1) world.studies.put(aStudy(`s${n}`), []);
};
const desk = (world: World): Desk => {
  seed(world);
  const settings = createSettings(world.base);
  return { world, settings, ratings: createRatings(world.base, world.studies, world.drafting, settings) };
};
const open = (t: TestContext): Desk => {
  const world = createWorld();
  t.after(() => world.close());
  for (let n = 0; n < 40; n += 1)
    ['Nodule.', 'Nodule.', 'Effusion.'].forEach((text, index) => {
      world.drafting.put(
        aDraft(`d${n}-${index}`, `s${n}`, [aSentence(`x${index}`, text)], {
          createdAt: `2026-11-02T12:0${index}:00.000Z`,
        }),
      );
    });
  return desk(world);
};
let op = 0;
const opId = (): string => `op-${++op}`;
const compare = async ({ ratings }: Desk, studyId: string) => ratings.handlers.ratings.compare({ studyId }, context);
const choose = async ({ ratings }: Desk, comparisonId: string, choice: 'left' | 'tie', id = opId()) =>
  Comparison.parse(await ratings.handlers.ratings.choose({ comparisonId, opId: id, choice }, context));
const rateSentence = async ({ ratings }: Desk, rating: SentenceRating, id = opId()) =>
  DraftRating.parse(await ratings.handlers.ratings.rateSentence({ draftId: 'd0-0', opId: id, rating }, context));

test('a score and verdicts are kept under the pseudonym, once an act, over a restart', async (t) => {
  const d = open(t);
  const { rateDraft } = d.ratings.handlers.ratings;
  const first = DraftRating.parse(
    await rateDraft({ draftId: 'd0-0', opId: 'op-a', score: 4, comment: 'good' }, context),
  );
  assert.equal(first.score, 4);
  assert.equal(first.rater, d.settings.reader().pseudonym);
  d.world.pass(60_000);
  await rateDraft({ draftId: 'd0-0', opId: opId(), score: 2, comment: 'no' }, context);
  const repeated = DraftRating.parse(
    await rateDraft({ draftId: 'd0-0', opId: 'op-a', score: 4, comment: 'good' }, context),
  );
  assert.equal(repeated.score, 2, 'an old act repeated does not undo a newer one');
  await rateSentence(d, { sentenceId: 'x0', verdict: 'wrong', category: 'wrong-location', significant: true });
  const world = d.world.reopen();
  t.after(() => world.close());
  const e = desk(world);
  assert.deepEqual(e.ratings.ratings('s0'), [
    {
      draftId: 'd0-0',
      score: 2,
      sentences: [{ sentenceId: 'x0', verdict: 'wrong', category: 'wrong-location', significant: true }],
      comment: 'no',
      rater: first.rater,
      ratedAt: '2026-11-03T08:01:00.000Z',
    },
  ]);
  const recipe = world.base.store.read.get<{ recipe: string }>('SELECT recipe FROM rating');
  assert.equal(JSON.parse(recipe?.recipe ?? '{}').drafter, 'sightline-drafter');
  assert.deepEqual(await e.ratings.handlers.ratings.summary({}, context), { drafts: 1, sentences: 1, choices: 0 });
});

test('a category belongs to an error, a verdict to a sentence of the draft, an id to one act', async (t) => {
  const d = open(t);
  const fault = (code: string) => (error: unknown) => error instanceof Fault && error.code === code;
  await assert.rejects(
    rateSentence(d, { sentenceId: 'x0', verdict: 'right', category: 'other', significant: null }),
    fault('invalid'),
  );
  await assert.rejects(
    rateSentence(d, { sentenceId: 'x2', verdict: 'right', category: null, significant: null }),
    fault('not-found'),
  );
  await rateSentence(d, { sentenceId: 'x0', verdict: 'right', category: null, significant: null }, 'op-once');
  await assert.rejects(
    (async () =>
      d.ratings.handlers.ratings.rateDraft({ draftId: 'd0-0', opId: 'op-once', score: 1, comment: '' }, context))(),
    fault('invalid'),
  );
  const rated = await rateSentence(d, { sentenceId: 'x0', verdict: 'unsure', category: null, significant: null });
  assert.equal(rated.score, null);
  assert.equal(rated.sentences.length, 1);
});

test('identical texts are not offered, one comparison is open, no pair comes twice', async (t) => {
  const d = open(t);
  const { comparison } = await compare(d, 's0');
  assert.ok(comparison);
  assert.deepEqual([comparison.left.id, comparison.right.id].sort(), ['d0-1', 'd0-2'], 'the newest two that differ');
  assert.deepEqual((await compare(d, 's0')).comparison, comparison, 'the open one again');
  const chosen = await choose(d, comparison.id, 'left', 'op-c');
  assert.equal(chosen.choice, 'left');
  assert.deepEqual(await choose(d, comparison.id, 'left', 'op-c'), chosen);
  await assert.rejects(choose(d, comparison.id, 'tie'), /decided/u);
  const none = await compare(d, 's0');
  assert.equal(none.comparison, null, 'the third draft says the same as the second');
  assert.match(none.reason, /compared all/u);
  assert.deepEqual(d.ratings.comparisons('s0'), [chosen]);
  d.world.drafting.put(aDraft('d0-3', 's0', [aSentence('y', 'Atelectasis.')]));
  assert.ok((await compare(d, 's0')).comparison);
});

test('one draft, or two of the same text, leave nothing to compare, and it is said why', async (t) => {
  const d = open(t);
  d.world.studies.put(aStudy('one'), []);
  d.world.drafting.put(aDraft('o1', 'one', [aSentence('a', 'Normal.')]));
  d.world.drafting.put(aDraft('o2', 'one', [aSentence('b', 'Normal.')]));
  const { comparison, reason } = await compare(d, 'one');
  assert.equal(comparison, null);
  assert.match(reason, /no two drafts with different texts/u);
});

test('sides are random and balanced over the rater', async (t) => {
  const d = open(t);
  const sides: boolean[] = [];
  for (let n = 0; n < 40; n += 1) {
    const { comparison } = await compare(d, `s${n}`);
    assert.ok(comparison);
    sides.push(comparison.left.id === `d${n}-1`);
    await choose(d, comparison.id, 'tie');
  }
  assert.equal(sides.filter(Boolean).length, 20);
  const blocks = new Set(Array.from({ length: 10 }, (_, block) => sides.slice(4 * block, 4 * block + 4).join()));
  assert.ok(blocks.size > 2, `${blocks.size} different blocks of four`);
});

test('a side is drawn in proportion to what is open in its block', () => {
  const leftOf = (history: boolean[]): number =>
    Array.from({ length: 256 }, (_, byte) => earlierOnLeft(history, byte)).filter(Boolean).length;
  assert.equal(leftOf([]), 128);
  assert.equal(leftOf([true, true]), 0);
  assert.equal(leftOf([false, false]), 256);
  assert.equal(leftOf([true, false, true]), 0);
  assert.equal(leftOf([true]), 86);
  assert.equal(leftOf([true, true, false, false]), 128);
});

test('a removed study leaves no rating and no comparison', async (t) => {
  const d = open(t);
  await compare(d, 's0');
  await rateSentence(d, { sentenceId: 'x0', verdict: 'right', category: null, significant: null });
  d.world.studies.remove('s0');
  const { read } = d.world.base.store;
  for (const table of ['rating', 'rating_sentence', 'comparison'])
    assert.equal(read.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n, 0, table);
});
