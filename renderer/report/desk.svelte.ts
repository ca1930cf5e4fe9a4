import { SvelteMap } from 'svelte/reactivity';
import type { Draft, Region, Report, ReportEdit, Section, Sentence } from '../../preload/contract/index.ts';
import { type Session, wordsOf } from '../session/index.ts';
import { ImageNumbers } from './image-numbers.ts';
import { type Clash, EditOutbox, type Pending, type SavingState } from './outbox.ts';
import { predicted } from './predict.ts';
import { after, type Blank, type Row, sectionRows, speaker, stepped } from './rows.ts';

type Phase =
  | { readonly kind: 'loading' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly why: string };

/** Typed text is sent when the reader pauses this long: with the store's write it is safe well within a second. */
const PAUSE_MS = 350;
const newId = (): string => crypto.randomUUID();

/** The report of the open study: what is shown, selected and typed, and the acts on it. */
export class ReportDesk {
  readonly session: Session;
  readonly images: ImageNumbers;
  studyId = $state<string | null>(null);
  phase = $state.raw<Phase>({ kind: 'loading' });
  report = $state.raw<Report | null>(null);
  drafts = $state.raw<readonly Draft[]>([]);
  pending = $state.raw<readonly Pending[]>([]);
  saving = $state.raw<SavingState>({ kind: 'saved' });
  clash = $state.raw<Clash | null>(null);
  blanks = $state.raw<readonly Blank[]>([]);
  selectedId = $state<string | null>(null);
  editingId = $state<string | null>(null);
  /** An earlier or similar report that is read beside this one. */
  readingId = $state<string | null>(null);
  /** Grows when the keyboard moved the selection: the row takes the focus then. */
  focusSerial = $state(0);
  /** What was typed and is not yet in the list of edits, and the text that stood there before the first key. */
  readonly #typed = new SvelteMap<string, { readonly text: string; readonly base: string }>();
  #outbox: EditOutbox | null = null;
  #pause: ReturnType<typeof setTimeout> | undefined;

  readonly sentences = $derived(
    this.pending.reduce<readonly Sentence[]>(
      (sentences, entry) => predicted(sentences, entry.edit),
      this.report?.sentences ?? [],
    ),
  );
  /** A signed report shows what was signed: deleted sentences are not in it. */
  readonly sections = $derived(
    sectionRows(
      this.report?.signature ? this.sentences.filter((one) => one.decision !== 'deleted') : this.sentences,
      this.blanks,
    ),
  );
  readonly rows = $derived(this.sections.flatMap((section) => section.rows));
  readonly selected = $derived(this.rows.find((row) => row.sentence.id === this.selectedId) ?? null);
  readonly undecided = $derived(this.sentences.filter((sentence) => sentence.decision === 'undecided'));
  readonly readOnly = $derived(this.report === null || this.report.signature !== null || this.report.altered);
  readonly draft = $derived(this.drafts.find((draft) => draft.id === this.report?.draftId) ?? null);
  readonly savingShown = $derived<SavingState>(
    this.saving.kind === 'saved' && this.#typed.size > 0 ? { kind: 'saving' } : this.saving,
  );

  constructor(session: Session) {
    this.session = session;
    this.images = new ImageNumbers(session);
  }

  /** Reads drafts and report; begins the report from the newest draft where none is begun. */
  async open(studyId: string | null): Promise<void> {
    this.flush();
    this.studyId = studyId;
    this.#outbox = null;
    this.report = null;
    this.drafts = [];
    this.blanks = [];
    this.#typed.clear();
    this.images.clear();
    this.#show();
    this.selectedId = null;
    this.editingId = null;
    this.readingId = null;
    if (studyId !== null) await this.reload();
  }

  async reload(): Promise<void> {
    const { studyId, session } = this;
    if (studyId === null) return;
    if (this.report === null) this.phase = { kind: 'loading' };
    try {
      const [{ drafts }, begun] = await Promise.all([
        session.client.drafting.list({ studyId }),
        session.client.reports.get({ studyId }),
      ]);
      const inOrder = drafts.toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
      const newest = inOrder.at(-1);
      const report =
        begun.report ??
        (newest ? await session.client.reports.begin({ studyId, draftId: newest.id, replace: false }) : null);
      if (this.studyId !== studyId) return;
      this.drafts = inOrder;
      this.#take(report);
      this.phase = { kind: 'ready' };
    } catch (error) {
      if (this.studyId !== studyId) return;
      if (this.report === null) this.phase = { kind: 'failed', why: wordsOf(error) };
    }
  }

  /** Begins the report anew from a draft, or empty; what was done on the one before is given up. */
  async begin(draftId: string | null, replace: boolean): Promise<void> {
    const { studyId } = this;
    if (studyId === null) return;
    await this.settled();
    try {
      const report = await this.session.client.reports.begin({ studyId, draftId, replace });
      if (this.studyId === studyId) this.#take(report);
    } catch (error) {
      this.session.notices.fault(error, 'The report was not begun');
    }
  }

  #take(report: Report | null): void {
    if (report === null) {
      this.#outbox = null;
      this.report = null;
    } else if (this.#outbox?.report.id === report.id) this.#outbox.take(report);
    else this.#outbox = this.#openOutbox(report);
    this.#show();
    if (this.selectedId !== null && !this.rows.some((row) => row.sentence.id === this.selectedId))
      this.selectedId = null;
  }

  /** An outbox lives until it is empty, also after the reader has gone to another study. */
  #openOutbox(report: Report): EditOutbox {
    const { client } = this.session;
    const { studyId } = report;
    let told: SavingState | null = null;
    const outbox: EditOutbox = new EditOutbox(
      report,
      {
        edit: (request) => client.reports.edit(request),
        fetch: async () => (await client.reports.get({ studyId })).report,
      },
      {
        newId,
        later: (delayMs, work) => {
          const timer = setTimeout(work, delayMs);
          return () => clearTimeout(timer);
        },
        onChange: () => {
          const { state } = outbox;
          if (state.kind === 'refused' && state !== told) {
            told = state;
            this.session.notices.tell(
              state.text === null
                ? `Not done: ${state.reason}`
                : `Not saved: ${state.reason} Your text: "${state.text}"`,
              'danger',
            );
          }
          if (this.#outbox === outbox) this.#show();
        },
      },
    );
    return outbox;
  }

  #show(): void {
    const outbox = this.#outbox;
    this.report = outbox?.report ?? null;
    this.pending = outbox?.pending ?? [];
    this.saving = outbox?.state ?? { kind: 'saved' };
    this.clash = outbox?.clash ?? null;
  }

  // --- reading and selecting

  textOf(row: Row): string {
    return this.#typed.get(row.sentence.id)?.text ?? row.sentence.text;
  }

  /** Selects and, where the sentence has a region, shows it. */
  select(sentenceId: string | null, how: { go?: boolean; focus?: boolean; regionIndex?: number } = {}): void {
    if (this.editingId !== null && this.editingId !== sentenceId) this.endEdit();
    this.selectedId = sentenceId;
    if (how.focus) this.focusSerial++;
    const region = this.selected?.sentence.regions[how.regionIndex ?? 0];
    if (how.go === false) return;
    if (region && sentenceId !== null) this.session.goTo(region, { sentenceId });
    else this.session.marked = null;
  }

  step(by: -1 | 1): void {
    const ids = this.rows.map((row) => row.sentence.id);
    const at = this.selectedId === null ? -1 : ids.indexOf(this.selectedId);
    const next = at < 0 ? (by === 1 ? ids[0] : ids.at(-1)) : ids[at + by];
    if (next !== undefined) this.select(next, { focus: true });
  }

  /** The next undecided sentence after the selected one, from the top again at the end. */
  stepUndecided(): void {
    const at = this.rows.findIndex((row) => row.sentence.id === this.selectedId);
    const order = [...this.rows.slice(at + 1), ...this.rows.slice(0, Math.max(0, at))];
    const next = order.find((row) => row.sentence.decision === 'undecided');
    if (next) this.select(next.sentence.id, { focus: true });
    else this.step(1);
  }

  regionClicked(region: Region, sentenceId: string | null): void {
    const found = sentenceId ?? speaker(this.sentences, region)?.id ?? null;
    if (found === null) return;
    this.session.pane = 'report';
    this.select(found, { go: false, focus: true });
    this.session.marked = { region, sentenceId: found };
  }

  // --- acts

  edit(edit: ReportEdit): void {
    if (this.readOnly) return;
    this.flush();
    this.#outbox?.put(edit);
  }

  accept(sentenceId: string): void {
    this.edit({ kind: 'accept', sentenceId });
  }

  /** Deletes, or brings a deleted one back. A sentence only begun disappears. */
  toggleDeleted(row: Row): void {
    const { id, decision } = row.sentence;
    if (row.blank) {
      this.#typed.delete(id);
      this.blanks = this.blanks.filter((blank) => blank.id !== id);
      this.editingId = null;
    } else this.edit({ kind: decision === 'deleted' ? 'restore' : 'delete', sentenceId: id });
  }

  beginEdit(row: Row): void {
    if (this.readOnly || row.sentence.decision === 'deleted') return;
    this.select(row.sentence.id, { go: false });
    this.editingId = row.sentence.id;
  }

  /** Ends typing: an emptied sentence is deleted, a blank one left empty disappears. */
  endEdit(): void {
    const row = this.rows.find((one) => one.sentence.id === this.editingId);
    this.editingId = null;
    if (!row) return;
    if (this.textOf(row).trim() === '') {
      this.#typed.delete(row.sentence.id);
      if (row.sentence.decision !== 'deleted') this.toggleDeleted(row);
    } else this.flush();
  }

  type(sentenceId: string, text: string): void {
    const base =
      this.#typed.get(sentenceId)?.base ?? this.sentences.find((sentence) => sentence.id === sentenceId)?.text ?? '';
    this.#typed.set(sentenceId, { text: text.replace(/\s*\n\s*/g, ' '), base });
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** Hands what was typed to the list of edits. An emptied field waits until the reader leaves it. */
  flush(): void {
    clearTimeout(this.#pause);
    for (const [sentenceId, { text, base }] of [...this.#typed]) {
      if (text.trim() === '') continue;
      const row = this.rows.find((one) => one.sentence.id === sentenceId);
      this.#typed.delete(sentenceId);
      if (!row || !this.#outbox) {
        this.session.notices.tell(`The sentence is gone. Your text: "${text}"`, 'danger');
        continue;
      }
      if (row.blank) this.#addBlank(row, text);
      else if (row.sentence.text !== text) this.#outbox.put({ kind: 'set-text', sentenceId, text }, base);
    }
  }

  #addBlank(row: Row, text: string): void {
    const blank = this.blanks.find((one) => one.id === row.sentence.id);
    if (!blank) return;
    const { id, section, kind, findingKey, side } = row.sentence;
    this.#outbox?.put({
      kind: 'add',
      sentence: { id, section, text, regions: [], kind, findingKey, side },
      beforeId: blank.beforeId,
    });
    this.blanks = this.blanks.filter((one) => one.id !== id);
  }

  /** An empty sentence to type into: after the given one, or at the section's end. */
  insertAfter(section: Section, sentenceId: string | null): void {
    if (this.readOnly) return;
    this.flush();
    const id = newId();
    const beforeId = sentenceId === null ? null : after(this.sections, sentenceId);
    this.blanks = [...this.blanks, { id, section, beforeId }];
    this.select(id, { go: false });
    this.editingId = id;
  }

  /** A finding that the reader adds, complete at once; stands after the selected finding. */
  addSentence(sentence: Extract<ReportEdit, { kind: 'add' }>['sentence']): void {
    const anchor = this.selected?.sentence;
    const beforeId = anchor?.section === sentence.section ? after(this.sections, anchor.id) : null;
    this.edit({ kind: 'add', sentence, beforeId });
    this.select(sentence.id, { focus: true });
  }

  moveStep(sentenceId: string, step: -1 | 1): void {
    const to = stepped(this.sections, sentenceId, step);
    if (to) this.edit({ kind: 'move', sentenceId, ...to });
    this.focusSerial++;
  }

  moveBefore(sentenceId: string, section: Section, beforeId: string | null): void {
    if (sentenceId !== beforeId) this.edit({ kind: 'move', sentenceId, section, beforeId });
  }

  /** The reader draws a box on the image; it becomes one more region of the sentence. */
  async addRegion(row: Row): Promise<void> {
    const region = await this.session.drawBox();
    if (!region) return;
    const { id: sentenceId, regions } = row.sentence;
    this.edit({ kind: 'set-regions', sentenceId, regions: [...regions, region] });
    this.select(sentenceId, { go: false, focus: true });
  }

  removeRegion(row: Row, index: number): void {
    const { id: sentenceId, regions } = row.sentence;
    this.edit({ kind: 'set-regions', sentenceId, regions: regions.toSpliced(index, 1) });
  }

  undo(): void {
    if (this.report?.canUndo || this.pending.length > 0 || this.#typed.size > 0) this.edit({ kind: 'undo' });
  }

  redo(): void {
    if (this.report?.canRedo || this.pending.length > 0) this.edit({ kind: 'redo' });
  }

  retry(): void {
    this.#outbox?.retry();
  }
  keepMine(): void {
    this.#outbox?.keepMine();
  }
  takeTheirs(): void {
    this.#outbox?.takeTheirs();
  }
  /** The report after a change that did not go through the list (signature, addendum). */
  taken(report: Report): void {
    this.#take(report);
  }
  /** All typed text stored, as far as the line allows. */
  async settled(): Promise<void> {
    this.flush();
    await this.#outbox?.settled();
  }
}
