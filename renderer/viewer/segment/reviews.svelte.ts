import { SvelteMap } from 'svelte/reactivity';
import type { ReviewState, SegmentReview } from '../../../preload/contract/index.ts';
import type { Session } from '../../session/index.ts';

export const REVIEW_WORDS = {
  'not-started': 'Not started',
  'in-progress': 'In progress',
  complete: 'Complete',
  flagged: 'Flagged',
} as const satisfies Record<ReviewState, string>;
export const REVIEW_STATES = Object.keys(REVIEW_WORDS) as readonly ReviewState[];

const keyOf = (overlayId: string, value: number): string => `${overlayId}:${value}`;

/** How far the reader is with each label of the study's marks, and which she has locked. */
export class Reviews {
  readonly #session: Session;
  readonly #known = new SvelteMap<string, SegmentReview>();

  constructor(session: Session) {
    this.#session = session;
  }

  async load(): Promise<void> {
    const studyId = this.#session.study?.id;
    if (studyId === undefined) return;
    const { reviews } = await this.#session.client.segmentations.reviews({ studyId });
    for (const review of reviews) this.#known.set(keyOf(review.overlayId, review.value), review);
  }

  of(overlayId: string, value: number): SegmentReview {
    return this.#known.get(keyOf(overlayId, value)) ?? { overlayId, value, state: 'not-started', locked: false };
  }

  lockedOf(overlayId: string): ReadonlySet<number> {
    return new Set(
      [...this.#known.values()].filter((one) => one.overlayId === overlayId && one.locked).map(({ value }) => value),
    );
  }

  /** Shown at once; taken back, and said, where it could not be kept. */
  async set(overlayId: string, value: number, change: Partial<Pick<SegmentReview, 'state' | 'locked'>>): Promise<void> {
    const before = this.of(overlayId, value);
    const after = { ...before, ...change };
    this.#known.set(keyOf(overlayId, value), after);
    try {
      await this.#session.client.segmentations.review(after);
    } catch (error) {
      this.#known.set(keyOf(overlayId, value), before);
      this.#session.notices.fault(error, 'The review state could not be kept');
    }
  }
}
