import { SvelteMap } from 'svelte/reactivity';
import type { DraftRating, ErrorCategory, SentenceRating } from '../../preload/contract/index.ts';
import type { ReportDesk } from './desk.svelte.ts';

export const CATEGORIES = [
  { category: 'false-finding', title: 'False finding', key: '1' },
  { category: 'missing-finding', title: 'Missing finding', key: '2' },
  { category: 'wrong-location', title: 'Wrong location', key: '3' },
  { category: 'wrong-severity', title: 'Wrong severity', key: '4' },
  { category: 'comparison-not-warranted', title: 'Comparison not warranted', key: '5' },
  { category: 'comparison-omitted', title: 'Comparison omitted', key: '6' },
  { category: 'other', title: 'Other', key: '7' },
] as const satisfies readonly { category: (typeof ErrorCategory.options)[number]; title: string; key: string }[];

export const VERDICTS = [
  { verdict: 'right', title: 'Right', key: '1' },
  { verdict: 'wrong', title: 'Wrong', key: '2' },
  { verdict: 'unsure', title: 'Unsure', key: '3' },
] as const satisfies readonly { verdict: SentenceRating['verdict']; title: string; key: string }[];

export const SCORES = [
  { score: 1, title: 'Unusable' },
  { score: 2, title: 'Poor' },
  { score: 3, title: 'Usable with work' },
  { score: 4, title: 'Good' },
  { score: 5, title: 'Sign as it is' },
] as const;

/** What the reader thinks of the draft that the report was begun from. */
export class Grading {
  readonly desk: ReportDesk;
  rating = $state.raw<DraftRating | null>(null);
  /** Shown at once, stored right after. */
  comment = $state('');
  fault = $state('');
  readonly #unsent = new SvelteMap<string, SentenceRating>();
  #draftId: string | null = null;

  constructor(desk: ReportDesk) {
    this.desk = desk;
  }

  async open(draftId: string | null): Promise<void> {
    this.#draftId = draftId;
    this.rating = null;
    this.comment = '';
    this.#unsent.clear();
    if (draftId === null) return;
    try {
      const { rating } = await this.desk.session.client.ratings.get({ draftId });
      if (this.#draftId !== draftId) return;
      this.rating = rating;
      this.comment = rating?.comment ?? '';
    } catch (error) {
      this.fault = error instanceof Error ? error.message : '';
    }
  }

  of(sentenceId: string): SentenceRating | null {
    return this.#unsent.get(sentenceId) ?? this.rating?.sentences.find((one) => one.sentenceId === sentenceId) ?? null;
  }

  async rateSentence(rating: SentenceRating): Promise<void> {
    const draftId = this.#draftId;
    if (draftId === null) return;
    this.#unsent.set(rating.sentenceId, rating);
    try {
      const stored = await this.desk.session.client.ratings.rateSentence({
        draftId,
        opId: crypto.randomUUID(),
        rating,
      });
      if (this.#draftId === draftId) this.rating = stored;
    } catch (error) {
      this.desk.session.notices.fault(error, 'The rating was not stored');
    } finally {
      if (this.#unsent.get(rating.sentenceId) === rating) this.#unsent.delete(rating.sentenceId);
    }
  }

  verdict(sentenceId: string, verdict: SentenceRating['verdict']): void {
    const known = this.of(sentenceId);
    void this.rateSentence(
      verdict === 'wrong' && known?.verdict === 'wrong'
        ? known
        : { sentenceId, verdict, category: null, significant: null },
    );
  }

  category(sentenceId: string, category: SentenceRating['category']): void {
    void this.rateSentence({
      sentenceId,
      verdict: 'wrong',
      category,
      significant: this.of(sentenceId)?.significant ?? null,
    });
  }

  significant(sentenceId: string, significant: boolean): void {
    void this.rateSentence({
      sentenceId,
      verdict: 'wrong',
      category: this.of(sentenceId)?.category ?? null,
      significant,
    });
  }

  async score(score: number | null): Promise<void> {
    const draftId = this.#draftId;
    if (draftId === null) return;
    try {
      const stored = await this.desk.session.client.ratings.rateDraft({
        draftId,
        opId: crypto.randomUUID(),
        score,
        comment: this.comment,
      });
      if (this.#draftId === draftId) this.rating = stored;
    } catch (error) {
      this.desk.session.notices.fault(error, 'The rating was not stored');
    }
  }

  /** The comment, where it changed. */
  async remark(): Promise<void> {
    if (this.comment !== (this.rating?.comment ?? '')) await this.score(this.rating?.score ?? null);
  }
}
