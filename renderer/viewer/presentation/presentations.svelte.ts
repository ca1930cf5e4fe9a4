import type { ListedPresentation, Presentation } from '../../../preload/contract/index.ts';
import type { Session } from '../../session/index.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';
import { applyTo } from './applied.svelte.ts';
import { speaksOf } from './apply.ts';

/** Presentations of the open study: of its files, and the reader's own. */
export class Presentations {
  readonly session: Session;
  list = $state.raw<readonly ListedPresentation[]>([]);
  #studyId: string | null = null;

  constructor(session: Session) {
    this.session = session;
  }

  /** Follows the open study until it is left; answers how to stop. */
  follow(studyId: string): () => void {
    this.#studyId = studyId;
    this.list = [];
    void this.load();
    const stop = this.session.client.presentations.changed({ studyId }, () => void this.load());
    return () => {
      stop();
      if (this.#studyId !== studyId) return;
      this.#studyId = null;
      this.list = [];
    };
  }

  async load(): Promise<void> {
    const studyId = this.#studyId;
    if (studyId === null) return;
    try {
      const { presentations } = await this.session.client.presentations.list({ studyId });
      if (this.#studyId === studyId) this.list = presentations;
    } catch (error) {
      if (this.#studyId === studyId) this.session.notices.fault(error, 'Presentations could not be read');
    }
  }

  /** Those that speak of images of the series that the cell shows, and those that cannot be read. */
  on(viewer: ViewerState): readonly ListedPresentation[] {
    const frames = viewer.pixels?.images.frames ?? [];
    if (frames.length === 0 || this.list.length === 0) return [];
    return this.list.filter(
      ({ presentation }) => presentation === null || frames.some((frame) => speaksOf(presentation, frame)),
    );
  }

  /** Applies it, or leaves it where it is applied. */
  toggle(viewer: ViewerState, listed: ListedPresentation): void {
    if (viewer.applied?.listed.id === listed.id) viewer.applied.leave();
    else if (listed.presentation === null)
      this.session.notices.tell(listed.remarks[0] ?? 'This presentation cannot be read.', 'warning');
    else applyTo(viewer, listed);
  }

  /** The next one that fits the series; after the last, none. */
  next(viewer: ViewerState): void {
    const fitting = this.on(viewer).filter(({ presentation }) => presentation !== null);
    if (fitting.length === 0) return this.session.notices.tell('No presentation is kept of this series.');
    const at = fitting.findIndex(({ id }) => id === viewer.applied?.listed.id);
    const next = fitting[at + 1];
    if (next === undefined) viewer.applied?.leave();
    else applyTo(viewer, next);
  }

  async keep(viewer: ViewerState, presentation: Presentation): Promise<boolean> {
    const seriesId = viewer.pixels?.images.seriesId;
    if (seriesId === undefined) return false;
    const { client, notices } = this.session;
    try {
      await client.presentations.put({ opId: crypto.randomUUID(), id: crypto.randomUUID(), seriesId, presentation });
      notices.tell('Kept. It is listed under Pictures and presentations.', 'good');
      return true;
    } catch (error) {
      notices.fault(error, 'The presentation was not kept');
      return false;
    }
  }

  async remove(viewer: ViewerState, listed: ListedPresentation): Promise<void> {
    if (viewer.applied?.listed.id === listed.id) viewer.applied.leave();
    try {
      await this.session.client.presentations.remove({ opId: crypto.randomUUID(), id: listed.id });
    } catch (error) {
      this.session.notices.fault(error, 'The presentation was not removed');
    }
  }
}

const known = new WeakMap<Session, Presentations>();

/** One a window, under a root of its own. */
export const presentationsOf = (session: Session): Presentations => {
  const before = known.get(session);
  if (before) return before;
  let made: Presentations | null = null;
  $effect.root(() => {
    made = new Presentations(session);
  });
  if (made === null) throw new Error('an effect root runs at once');
  known.set(session, made);
  return made;
};
