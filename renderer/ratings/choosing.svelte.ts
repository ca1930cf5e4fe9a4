import type { Choice, Comparison, Draft, DraftRating } from '../../preload/contract/index.ts';
import { type Session, wordsOf } from '../session/index.ts';

export const CHOICES = [
  { choice: 'left', title: 'Left is better', key: '1' },
  { choice: 'right', title: 'Right is better', key: '2' },
  { choice: 'tie', title: 'Equally good', key: '3' },
  { choice: 'both-bad', title: 'Both bad', key: '4' },
] as const satisfies readonly { choice: Choice; title: string; key: string }[];

export interface RatedDraft {
  readonly draft: Draft;
  readonly rating: DraftRating | null;
}

/** Choosing between two drafts of a study, and what has been rated so far. */
export class Choosing {
  readonly session: Session;
  studyId = $state<string | null>(null);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  fault = $state('');
  drafts = $state.raw<readonly RatedDraft[]>([]);
  comparison = $state.raw<Comparison | null>(null);
  /** Why there is nothing to compare. */
  reason = $state('');
  open = $state(false);
  busy = $state(false);
  summary = $state.raw<{ drafts: number; sentences: number; choices: number } | null>(null);
  #opId = '';

  constructor(session: Session) {
    this.session = session;
  }

  async load(studyId: string | null): Promise<void> {
    if (studyId !== this.studyId) {
      this.studyId = studyId;
      this.comparison = null;
      this.reason = '';
      this.open = false;
      this.drafts = [];
      this.state = 'loading';
    }
    if (studyId === null) return;
    const { client } = this.session;
    try {
      const [{ drafts: listed }, summary] = await Promise.all([
        client.drafting.list({ studyId }),
        client.ratings.summary({}),
      ]);
      const drafts = listed.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
      const ratings = await Promise.all(drafts.map((draft) => client.ratings.get({ draftId: draft.id })));
      if (this.studyId !== studyId) return;
      this.drafts = drafts.map((draft, index) => ({ draft, rating: ratings[index]?.rating ?? null }));
      this.summary = summary;
      this.state = 'ready';
    } catch (error) {
      if (this.studyId !== studyId) return;
      this.fault = wordsOf(error);
      this.state = 'failed';
    }
  }

  async compare(): Promise<void> {
    const { studyId } = this;
    if (studyId === null || this.busy) return;
    this.busy = true;
    try {
      const { comparison, reason } = await this.session.client.ratings.compare({ studyId });
      if (this.studyId !== studyId) return;
      this.comparison = comparison;
      this.reason = reason;
      this.#opId = crypto.randomUUID();
      this.open = comparison !== null;
    } catch (error) {
      this.session.notices.fault(error, 'The drafts cannot be compared');
    } finally {
      this.busy = false;
    }
  }

  async choose(choice: Choice): Promise<void> {
    const { comparison } = this;
    if (!comparison || this.busy || comparison.choice !== null) return;
    this.busy = true;
    try {
      this.comparison = await this.session.client.ratings.choose({
        comparisonId: comparison.id,
        opId: this.#opId,
        choice,
      });
      await this.load(this.studyId);
    } catch (error) {
      this.session.notices.fault(error, 'The choice was not stored');
    } finally {
      this.busy = false;
    }
  }
}
