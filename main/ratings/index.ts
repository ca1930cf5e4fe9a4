import {
  type Comparison,
  type Draft,
  type DraftRating,
  ErrorCategory,
  Fault,
  type SentenceRating,
} from '../../preload/contract/index.ts';
import type { Base, Drafting, Ratings, Settings, Studies } from '../domains.ts';
import { noteDone, type Reader, type Writer, wasDone } from '../store/index.ts';
import { pairsOf } from './pairs.ts';
import { earlierOnLeft } from './sides.ts';

interface RatingRow {
  readonly draft_id: string;
  readonly rater: string;
  readonly score: number | null;
  readonly comment: string;
  readonly rated_at: string;
}
interface SentenceRow {
  readonly sentence_id: string;
  readonly verdict: SentenceRating['verdict'];
  readonly category: string | null;
  readonly significant: number | null;
}
interface ComparisonRow {
  readonly id: string;
  readonly study_id: string;
  readonly rater: string;
  readonly left_draft: string;
  readonly right_draft: string;
  readonly choice: Comparison['choice'];
  readonly decided_at: string | null;
}

/** What readers think of drafts: a score, a verdict a sentence, a choice between two. Under the rater's pseudonym. */
export const createRatings = (
  base: Base,
  studies: Pick<Studies, 'study' | 'onRemove'>,
  drafting: Pick<Drafting, 'draft' | 'drafts'>,
  settings: Pick<Settings, 'reader'>,
): Ratings => {
  const { store, outside, newId } = base;
  const now = (): string => outside.now().toISOString();
  const rater = (): string => settings.reader().pseudonym;
  const draftOf = (draftId: string): Draft => {
    const draft = drafting.draft(draftId);
    if (!draft) throw new Fault('not-found', 'There is no such draft.', { draftId });
    return draft;
  };

  const sentencesOf = (reader: Reader, draftId: string, by: string): SentenceRating[] =>
    reader
      .all<SentenceRow>(
        'SELECT * FROM rating_sentence WHERE draft_id = ? AND rater = ? ORDER BY sentence_id',
        draftId,
        by,
      )
      .map((row) => ({
        sentenceId: row.sentence_id,
        verdict: row.verdict,
        category: row.category === null ? null : ErrorCategory.parse(row.category),
        significant: row.significant === null ? null : row.significant === 1,
      }));
  const shown = (reader: Reader, row: RatingRow): DraftRating => ({
    draftId: row.draft_id,
    score: row.score,
    sentences: sentencesOf(reader, row.draft_id, row.rater),
    comment: row.comment,
    rater: row.rater,
    ratedAt: row.rated_at,
  });
  const ratingOf = (draftId: string, by: string): DraftRating | null => {
    const row = store.read.get<RatingRow>('SELECT * FROM rating WHERE draft_id = ? AND rater = ?', draftId, by);
    return row ? shown(store.read, row) : null;
  };

  /** Does the act once, and answers the rating as it stands. */
  const rate = (
    draft: Draft,
    operation: { opId: string; kind: string },
    act: (writer: Writer, by: string, at: string) => void,
  ): DraftRating => {
    const by = rater();
    const done = { ...operation, subject: draft.id };
    store.transaction((writer) => {
      if (wasDone(writer, done)) return;
      const at = now();
      writer.run(
        `INSERT INTO rating (draft_id, rater, study_id, score, comment, recipe, rated_at) VALUES (?, ?, ?, NULL, '', ?, ?)
         ON CONFLICT (draft_id, rater) DO UPDATE SET rated_at = excluded.rated_at`,
        draft.id,
        by,
        draft.studyId,
        JSON.stringify(draft.recipe),
        at,
      );
      act(writer, by, at);
      noteDone(writer, done, draft.studyId, at);
    });
    const rating = ratingOf(draft.id, by);
    if (!rating) throw new Error('the rating was just stored');
    return rating;
  };

  const rateSentence = (draftId: string, opId: string, rating: SentenceRating): DraftRating => {
    const draft = draftOf(draftId);
    const { sentenceId, verdict, category, significant } = rating;
    if (!draft.sentences.some((one) => one.id === sentenceId))
      throw new Fault('not-found', 'There is no such sentence in this draft.', { draftId, sentenceId });
    if (verdict !== 'wrong' && (category !== null || significant !== null))
      throw new Fault('invalid', 'An error has a category and a weight; a sentence that is not wrong has neither.');
    return rate(draft, { opId, kind: 'rating.sentence' }, (writer, by, at) => {
      writer.run(
        `INSERT INTO rating_sentence (draft_id, rater, sentence_id, verdict, category, significant, rated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (draft_id, rater, sentence_id) DO UPDATE SET verdict = excluded.verdict,
           category = excluded.category, significant = excluded.significant, rated_at = excluded.rated_at`,
        draftId,
        by,
        sentenceId,
        verdict,
        category,
        significant === null ? null : Number(significant),
        at,
      );
    });
  };

  const comparisonOf = (row: ComparisonRow): Comparison => ({
    id: row.id,
    studyId: row.study_id,
    left: draftOf(row.left_draft),
    right: draftOf(row.right_draft),
    choice: row.choice,
    rater: row.rater,
    decidedAt: row.decided_at,
  });

  const compare = (studyId: string): { comparison: Comparison | null; reason: string } => {
    studies.study(studyId);
    const by = rater();
    const pairs = pairsOf(drafting.drafts(studyId));
    return store.transaction((writer) => {
      const open = writer.get<ComparisonRow>(
        'SELECT * FROM comparison WHERE study_id = ? AND rater = ? AND choice IS NULL',
        studyId,
        by,
      );
      if (open) return { comparison: comparisonOf(open), reason: '' };
      const offered = new Set(
        writer
          .all<{ pair: string }>('SELECT pair FROM comparison WHERE study_id = ? AND rater = ?', studyId, by)
          .map((row) => row.pair),
      );
      const pair = pairs.find((one) => !offered.has(one.key));
      if (!pair) {
        const reason =
          pairs.length > 0
            ? 'You have compared all drafts of this study.'
            : 'This study has no two drafts with different texts. Write another with another seed or retrieval.';
        return { comparison: null, reason };
      }
      const history = writer
        .all<{ earlier_on_left: number }>('SELECT earlier_on_left FROM comparison WHERE rater = ? ORDER BY made', by)
        .map((row) => row.earlier_on_left === 1);
      const onLeft = earlierOnLeft(history, outside.randomBytes(1)[0] ?? 0);
      const made = writer.get<{ made: number | null }>('SELECT max(made) AS made FROM comparison WHERE rater = ?', by);
      const [left, right] = onLeft ? [pair.earlier, pair.later] : [pair.later, pair.earlier];
      const row: ComparisonRow = {
        id: newId(),
        study_id: studyId,
        rater: by,
        left_draft: left.id,
        right_draft: right.id,
        choice: null,
        decided_at: null,
      };
      writer.run(
        `INSERT INTO comparison (id, study_id, rater, left_draft, right_draft, earlier_on_left, pair, recipes, made, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        row.id,
        studyId,
        by,
        left.id,
        right.id,
        Number(onLeft),
        pair.key,
        JSON.stringify([left.recipe, right.recipe]),
        (made?.made ?? 0) + 1,
        now(),
      );
      return { comparison: comparisonOf(row), reason: '' };
    });
  };

  const choose = (comparisonId: string, opId: string, choice: NonNullable<Comparison['choice']>): Comparison => {
    const operation = { opId, kind: 'rating.choice', subject: comparisonId };
    const read = (reader: Reader): ComparisonRow => {
      const row = reader.get<ComparisonRow>('SELECT * FROM comparison WHERE id = ?', comparisonId);
      if (!row) throw new Fault('not-found', 'There is no such comparison.', { comparisonId });
      return row;
    };
    store.transaction((writer) => {
      if (wasDone(writer, operation)) return;
      const row = read(writer);
      if (row.rater !== rater()) throw new Fault('refused', 'This comparison was offered to another rater.');
      if (row.choice !== null) throw new Fault('refused', 'This comparison is decided.', { comparisonId });
      const at = now();
      writer.run('UPDATE comparison SET choice = ?, decided_at = ? WHERE id = ?', choice, at, comparisonId);
      noteDone(writer, operation, row.study_id, at);
    });
    return comparisonOf(read(store.read));
  };

  studies.onRemove((writer, studyId) => {
    writer.run('DELETE FROM rating WHERE study_id = ?', studyId);
    writer.run('DELETE FROM comparison WHERE study_id = ?', studyId);
    return [];
  });

  const count = (sql: string): number => store.read.get<{ n: number }>(sql)?.n ?? 0;

  return {
    ratings: (studyId) =>
      store.read
        .all<RatingRow>('SELECT * FROM rating WHERE study_id = ? ORDER BY rated_at, draft_id, rater', studyId)
        .map((row) => shown(store.read, row)),
    comparisons: (studyId) =>
      store.read
        .all<ComparisonRow>('SELECT * FROM comparison WHERE study_id = ? ORDER BY made, rater', studyId)
        .map(comparisonOf),
    handlers: {
      ratings: {
        get: ({ draftId }) => ({ rating: ratingOf(draftId, rater()) }),
        rateDraft: ({ draftId, opId, score, comment }) =>
          rate(draftOf(draftId), { opId, kind: 'rating.draft' }, (writer, by) => {
            writer.run(
              'UPDATE rating SET score = ?, comment = ? WHERE draft_id = ? AND rater = ?',
              score,
              comment,
              draftId,
              by,
            );
          }),
        rateSentence: ({ draftId, opId, rating }) => rateSentence(draftId, opId, rating),
        compare: ({ studyId }) => compare(studyId),
        choose: ({ comparisonId, opId, choice }) => choose(comparisonId, opId, choice),
        summary: () => ({
          drafts: count('SELECT count(*) AS n FROM rating WHERE score IS NOT NULL'),
          sentences: count('SELECT count(*) AS n FROM rating_sentence'),
          choices: count('SELECT count(*) AS n FROM comparison WHERE choice IS NOT NULL'),
        }),
      },
    },
  };
};
