import type {
  DrawnMeasurement,
  MeasurementDraft,
  MeasurementKind,
  MeasurementPlace,
} from '../../../preload/contract/index.ts';
import { addToReport, type Session } from '../../session/index.ts';
import { isNote, kindOf } from './kinds.ts';
import { MeasureQueue } from './queue.ts';
import { regionOf } from './sheet.ts';
import { Sources } from './sources.svelte.ts';
import { reportSentence } from './words.ts';

/** One step of the reader's: null before it was drawn, null after it was removed. */
interface Step {
  readonly before: DrawnMeasurement | null;
  readonly after: DrawnMeasurement | null;
}

const draftOf = (one: DrawnMeasurement): MeasurementDraft => {
  const { id, seriesId, kind, place, name, text, visible } = one;
  return { id, seriesId, kind, place, name, text, visible };
};

/** Handles go with the selection: the keyboard stays on the view that they were on. */
const keepFocusOnView = (): void =>
  document.activeElement
    ?.closest('[data-measurement]')
    ?.closest<HTMLElement>('section')
    ?.focus({ preventScroll: true });

/** What the reader measured in the open study: shown, selected, drawn, changed, kept. */
export class Measures {
  readonly session: Session;
  /** What values are computed from. */
  readonly sources: Sources;
  list = $state.raw<readonly DrawnMeasurement[]>([]);
  selectedId = $state<string | null>(null);
  /** Index of the point whose handle has the keys; null: the whole measurement. */
  handle = $state<number | null>(null);
  /** Whose words are being typed. */
  typingId = $state<string | null>(null);
  /** A change under way, not yet kept: shown in place of what is in the list. */
  live = $state.raw<{ readonly id: string; readonly place: MeasurementPlace } | null>(null);
  /** Said to a screen reader. */
  said = $state('');
  /** Grows when the keyboard is to be on the selected measurement. */
  focusSerial = $state(0);
  /** The hand was last on a measurement: undo is meant for these. */
  hasHand = $state(false);
  /** One that is looked for in a plane that is not shown yet. */
  wantedId = $state<string | null>(null);
  /** The study was opened with measurements: they are listed. One that is drawn later must not move the images. */
  found = $state(false);
  /** Drawn since the tool was taken up: what to do with it need not be said any more. */
  drawnId = $state<string | null>(null);
  unsaved = $state(0);
  trouble = $state<string | null>(null);
  /** What a view has begun and Escape leaves first. */
  readonly #begun = new Set<() => boolean>();
  #undo = $state.raw<readonly Step[]>([]);
  #redo = $state.raw<readonly Step[]>([]);
  #studyId: string | null = null;
  #queue: MeasureQueue;

  readonly selected = $derived(this.list.find((one) => one.id === this.selectedId) ?? null);
  readonly canUndo = $derived(this.#undo.length > 0);
  readonly canRedo = $derived(this.#redo.length > 0);

  constructor(session: Session) {
    this.session = session;
    this.sources = new Sources(session);
    this.#queue = this.#open();
  }

  /** Follows the open study until it is left; answers how to stop. What is not kept yet is kept all the same. */
  follow(studyId: string): () => void {
    this.#studyId = studyId;
    this.#queue = this.#open();
    this.list = [];
    this.found = false;
    this.#undo = [];
    this.#redo = [];
    this.select(null);
    void this.load().then(() => {
      if (this.#studyId === studyId && this.#undo.length === 0) this.found = this.list.length > 0;
    });
    const stop = this.session.client.measurements.changed({ studyId }, () => void this.load());
    return () => {
      stop();
      if (this.#studyId !== studyId) return;
      this.#studyId = null;
      this.list = [];
      this.sources.clear();
    };
  }

  #open(): MeasureQueue {
    const { client, notices } = this.session;
    const queue: MeasureQueue = new MeasureQueue({
      put: (opId, revision, measurement) => client.measurements.put({ opId, revision, measurement }),
      remove: (opId, revision, measurementId) => client.measurements.remove({ opId, revision, measurementId }),
      newId: () => crypto.randomUUID(),
      later: (delayMs, work) => setTimeout(work, delayMs),
      kept: (id, kept) => {
        if (this.#queue === queue && kept !== null) this.list = this.list.map((one) => (one.id === id ? kept : one));
      },
      refused: (_, error) => {
        notices.fault(error, 'The measurement was not kept');
        if (this.#queue === queue) void this.load();
      },
      changed: () => {
        if (this.#queue !== queue) return;
        this.unsaved = queue.size;
        this.trouble = queue.trouble;
      },
    });
    return queue;
  }

  async load(): Promise<void> {
    const studyId = this.#studyId;
    const queue = this.#queue;
    if (studyId === null) return;
    try {
      const { measurements } = await this.session.client.measurements.list({ studyId });
      if (this.#studyId !== studyId || this.#queue !== queue) return;
      const here = new Map(this.list.map((one) => [one.id, one]));
      const fresh = measurements.map((one) => {
        queue.knows(one.id, one.revision);
        const mine = here.get(one.id);
        // What is on its way, and what has not changed, stays as it is.
        return mine && (queue.isPending(one.id) || mine.revision === one.revision) ? mine : one;
      });
      const listed = new Set(measurements.map(({ id }) => id));
      // What is being sent, and a text whose words are still being typed.
      const coming = this.list.filter(
        (one) => !listed.has(one.id) && (queue.isPending(one.id) || one.id === this.typingId),
      );
      const going = new Set(
        measurements.filter((one) => queue.isPending(one.id) && !here.has(one.id)).map(({ id }) => id),
      );
      this.list = [...fresh.filter((one) => !going.has(one.id)), ...coming];
      for (const seriesId of new Set(measurements.map((one) => one.seriesId))) void this.sources.ask(seriesId);
    } catch (error) {
      if (this.#studyId === studyId) this.session.notices.fault(error, 'The measurements could not be read');
    }
  }

  /** As it is shown: with the change that is under way. */
  shown(one: DrawnMeasurement): DrawnMeasurement {
    return this.live?.id === one.id ? { ...one, place: this.live.place } : one;
  }

  // --- acts

  select(id: string | null, options: { handle?: number | null; focus?: boolean } = {}): void {
    if (id === null) keepFocusOnView();
    this.selectedId = id;
    this.handle = options.handle ?? null;
    if (id !== null) this.hasHand = true;
    if (this.typingId !== null && this.typingId !== id) this.typingId = null;
    if (options.focus === true) this.focusSerial++;
  }

  #nextName(kind: MeasurementKind): string {
    const { title } = kindOf(kind);
    const numbers = this.list.map((one) =>
      Number(one.name.startsWith(`${title} `) ? one.name.slice(title.length + 1) : 0),
    );
    return `${title} ${Math.max(0, ...numbers.filter(Number.isInteger)) + 1}`;
  }

  /** Newly drawn. A text waits for its words before it is kept. */
  draw(seriesId: string, kind: MeasurementKind, place: MeasurementPlace): DrawnMeasurement | null {
    const studyId = this.#studyId;
    if (studyId === null) return null;
    const now = new Date().toISOString();
    const one: DrawnMeasurement = {
      id: crypto.randomUUID(),
      seriesId,
      kind,
      place,
      name: this.#nextName(kind),
      text: '',
      visible: true,
      studyId,
      trackingUid: '',
      revision: 1,
      reader: '',
      createdAt: now,
      updatedAt: now,
    };
    if (kind === 'text') this.list = [...this.list, one];
    else this.#step({ before: null, after: one });
    // What is drawn is seen, also where all marks were hidden.
    this.session.marks.shown = true;
    this.drawnId = one.id;
    this.select(one.id, { focus: !isNote(kind) });
    if (isNote(kind)) this.typingId = one.id;
    return one;
  }

  change(id: string, change: Partial<Pick<DrawnMeasurement, 'place' | 'name' | 'text'>>): void {
    const before = this.list.find((one) => one.id === id);
    if (before) this.#step({ before, after: { ...before, ...change } });
  }

  /** The words of an arrow or text. A text without words was not meant. */
  write(id: string, text: string): void {
    const one = this.list.find((other) => other.id === id);
    this.typingId = null;
    if (!one) return;
    const isNew = one.kind === 'text' && one.text === '';
    if (isNew && text.trim() === '') {
      this.list = this.list.filter((other) => other.id !== id);
      this.select(null);
    } else if (isNew) this.#step({ before: null, after: { ...one, text: text.trim() } });
    else if (text.trim() !== one.text) this.change(id, { text: text.trim() });
    this.focusSerial++;
  }

  remove(id: string): void {
    const before = this.list.find((one) => one.id === id);
    if (!before) return;
    this.#step({ before, after: null });
    this.said = `${before.name} removed`;
  }

  /** Presentation, though kept: no step to undo. */
  show(id: string, visible: boolean): void {
    const one = this.list.find((other) => other.id === id);
    if (!one) return;
    const next = { ...one, visible };
    this.list = this.list.map((other) => (other.id === id ? next : other));
    this.#queue.add({ id, draft: draftOf(next) });
  }

  undo(): void {
    const step = this.#undo.at(-1);
    if (!step) return;
    this.#undo = this.#undo.slice(0, -1);
    this.#redo = [...this.#redo, step];
    this.#apply(step.after, step.before);
    if (step.before !== null) this.select(step.before.id, { focus: true });
    this.said = 'Undone';
  }

  redo(): void {
    const step = this.#redo.at(-1);
    if (!step) return;
    this.#redo = this.#redo.slice(0, -1);
    this.#undo = [...this.#undo, step];
    this.#apply(step.before, step.after);
    if (step.after !== null) this.select(step.after.id, { focus: true });
    this.said = 'Done again';
  }

  #step(step: Step): void {
    this.#undo = [...this.#undo, step];
    this.#redo = [];
    this.hasHand = true;
    this.#apply(step.before, step.after);
  }

  #apply(from: DrawnMeasurement | null, to: DrawnMeasurement | null): void {
    this.live = null;
    const id = (to ?? from)?.id;
    if (id === undefined) return;
    if (to === null) {
      this.list = this.list.filter((one) => one.id !== id);
      if (this.selectedId === id) this.select(null);
    } else {
      const held = this.list.find((one) => one.id === id);
      // Names of the store (revision, tracking UID) are those of the present one.
      const next = held ? { ...held, ...draftOf(to), visible: held.visible } : to;
      this.list = held ? this.list.map((one) => (one.id === id ? next : one)) : [...this.list, next];
    }
    this.#queue.add({ id, draft: to === null ? null : draftOf(to) });
  }

  /** Answers how to take it back. */
  onCancel(leave: () => boolean): () => void {
    this.#begun.add(leave);
    return () => this.#begun.delete(leave);
  }

  /** Escape: what is being drawn or changed, else the selection, is left. True where there was one. */
  cancel(): boolean {
    if ([...this.#begun].some((leave) => leave())) return true;
    if (this.selectedId === null) return false;
    this.select(null);
    return true;
  }

  /** Shows it where it lies. */
  goTo(one: DrawnMeasurement): void {
    const images = this.sources.imagesOf(this.sources.homeOf(one));
    const region = images ? regionOf(images, one.place) : null;
    if (region === null) {
      this.session.notices.tell('The image of this measurement is no longer in the series.', 'warning');
      return;
    }
    this.session.marks.shown = true;
    if (!one.visible) this.show(one.id, true);
    this.select(one.id);
    this.wantedId = one.id;
    this.session.goTo(region, { mark: false });
  }

  async toReport(id: string | null = this.selectedId): Promise<void> {
    const one = this.list.find((other) => other.id === id);
    const images = one && this.sources.imagesOf(this.sources.homeOf(one));
    if (!one || !images || this.#studyId === null) return;
    const text = reportSentence(one, this.sources.measured(one));
    const region = regionOf(images, one.place);
    if (text === null) {
      this.session.notices.tell('This measurement says nothing yet that could stand in the report.');
      return;
    }
    await addToReport(
      this.session,
      this.#studyId,
      { text, regions: region === null ? [] : [region], findingKey: '', side: null, kind: 'finding' },
      'The measurement was not added',
    );
  }
}

const known = new WeakMap<Session, Measures>();

/** One a window, under a root of its own: what a component makes stands still once it is gone. */
export const measuresOf = (session: Session): Measures => {
  const before = known.get(session);
  if (before) return before;
  let made: Measures | null = null;
  $effect.root(() => {
    made = new Measures(session);
  });
  if (made === null) throw new Error('an effect root runs at once');
  known.set(session, made);
  return made;
};
