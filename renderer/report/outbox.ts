import { Fault, type Report, type ReportEdit } from '../../preload/contract/index.ts';

/** saved: all is stored. saving: on its way. unsaved: the line is down, kept and sent again. refused: the backend said no. */
export type SavingState =
  | { readonly kind: 'saved' }
  | { readonly kind: 'saving' }
  | { readonly kind: 'unsaved'; readonly reason: string }
  | {
      readonly kind: 'refused';
      readonly reason: string /** What was typed and could not be stored, to copy. */;
      readonly text: string | null;
    };

export interface Pending {
  readonly opId: string;
  readonly edit: ReportEdit;
  /** The text that the reader saw when she began to type; tells whether another window wrote in between. */
  readonly baseText: string | null;
  /** It was posted at least once: it may be stored though the answer was lost, so opId and text stay as they are. */
  readonly posted: boolean;
}

/** Another window wrote the same sentence in between: nothing is overwritten until the reader chooses. */
export interface Clash {
  readonly sentenceId: string;
  readonly mine: string;
  readonly theirs: string;
}

export interface OutboxLine {
  edit(request: { reportId: string; opId: string; revision: number; edit: ReportEdit }): Promise<Report>;
  /** The report as it stands; null where it is gone. */
  fetch(): Promise<Report | null>;
}

export interface OutboxOutside {
  readonly newId: () => string;
  readonly later: (delayMs: number, work: () => void) => () => void;
  readonly onChange: () => void;
}

const textOf = (edit: ReportEdit): string | null =>
  edit.kind === 'set-text' ? edit.text : edit.kind === 'add' ? edit.sentence.text : null;

const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 4_000;

/**
 * Edits in the order made, one on the wire at a time, each on the revision that the one before it answered.
 * Nothing leaves the list until it is stored, refused or handed back as a clash.
 */
export class EditOutbox {
  #pending: Pending[] = [];
  #running = false;
  #stopped = false;
  #retryMs = RETRY_FIRST_MS;
  #cancelRetry: (() => void) | null = null;
  #waiting: (() => void)[] = [];
  readonly #line: OutboxLine;
  readonly #outside: OutboxOutside;
  state: SavingState = { kind: 'saved' };
  clash: Clash | null = null;
  report: Report;

  constructor(report: Report, line: OutboxLine, outside: OutboxOutside) {
    this.report = report;
    this.#line = line;
    this.#outside = outside;
  }

  get pending(): readonly Pending[] {
    return this.#pending;
  }

  /** An unposted text for the same sentence is replaced by the newer one. */
  put(edit: ReportEdit, baseText: string | null = null): void {
    const last = this.#pending.at(-1);
    if (
      edit.kind === 'set-text' &&
      last?.edit.kind === 'set-text' &&
      last.edit.sentenceId === edit.sentenceId &&
      !last.posted
    )
      this.#pending = this.#pending.with(-1, { ...last, edit });
    else this.#pending = [...this.#pending, { opId: this.#outside.newId(), edit, baseText, posted: false }];
    if (this.state.kind !== 'unsaved') this.state = { kind: 'saving' };
    this.#outside.onChange();
    void this.#run();
  }

  /** A newer report from elsewhere (another window, an event). Older ones are dropped. */
  take(report: Report): void {
    if (report.id === this.report.id && report.revision < this.report.revision) return;
    this.report = report;
    this.#outside.onChange();
  }

  /** Resolves when nothing waits: stored, refused or stopped at a clash. */
  settled(): Promise<void> {
    if (this.#pending.length === 0 || this.clash || this.#stopped) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Sends again now (the line is back, or the reader asks). */
  retry(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    void this.#run();
  }

  keepMine(): void {
    const clash = this.clash;
    if (!clash) return;
    this.clash = null;
    this.put({ kind: 'set-text', sentenceId: clash.sentenceId, text: clash.mine }, clash.theirs);
  }

  takeTheirs(): void {
    this.clash = null;
    this.state = this.#pending.length === 0 ? { kind: 'saved' } : this.state;
    this.#outside.onChange();
    void this.#run();
  }

  dismissRefusal(): void {
    if (this.state.kind === 'refused') this.state = { kind: 'saved' };
    this.#outside.onChange();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelRetry?.();
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #run(): Promise<void> {
    if (this.#running || this.#cancelRetry) return;
    this.#running = true;
    let refusal: SavingState | null = null;
    while (!this.#stopped && !this.clash) {
      const head = this.#pending[0];
      if (!head) break;
      if (this.#clashes(head)) break;
      if (this.state.kind !== 'unsaved') this.#say({ kind: 'saving' });
      this.#pending = this.#pending.with(0, { ...head, posted: true });
      try {
        const report = await this.#line.edit({
          reportId: this.report.id,
          opId: head.opId,
          revision: this.report.revision,
          edit: head.edit,
        });
        this.#done();
        this.report = report;
        this.#retryMs = RETRY_FIRST_MS;
        this.#say({ kind: 'saving' });
      } catch (error) {
        const fault = error instanceof Fault ? error : new Fault('internal', String(error));
        if (fault.code === 'closed' || fault.code === 'internal') {
          this.#running = false;
          return this.#wait(fault.message);
        }
        if (fault.code === 'conflict') {
          const outcome = await this.#rebase(head);
          if (outcome === 'wait') return;
          if (outcome !== 'again') refusal = outcome;
        } else {
          this.#done();
          refusal = { kind: 'refused', reason: fault.message, text: textOf(head.edit) };
          await this.#refetch();
        }
      }
    }
    this.#running = false;
    if (this.clash) this.#say({ kind: 'unsaved', reason: 'The same sentence was changed in another window.' });
    else if (this.#pending.length === 0) this.#say(refusal ?? { kind: 'saved' });
    this.#wake();
  }

  #done(): void {
    this.#pending = this.#pending.slice(1);
  }

  #say(state: SavingState): void {
    this.state = state;
    this.#outside.onChange();
  }

  #wait(reason: string): void {
    this.#say({ kind: 'unsaved', reason });
    this.#cancelRetry = this.#outside.later(this.#retryMs, () => {
      this.#cancelRetry = null;
      void this.#run();
    });
    this.#retryMs = Math.min(RETRY_LONGEST_MS, this.#retryMs * 2);
  }

  async #refetch(): Promise<boolean> {
    try {
      const report = await this.#line.fetch();
      if (report) this.report = report;
      return report !== null;
    } catch {
      return false;
    }
  }

  /** Another window wrote first: read the report again and see whether the head can still be meant. */
  async #rebase(head: Pending): Promise<'again' | 'wait' | SavingState> {
    const { id: reportId, revision: before } = this.report;
    if (!(await this.#refetch()) || (this.report.id === reportId && this.report.revision === before)) {
      this.#running = false;
      this.#wait('The report could not be read again.');
      return 'wait';
    }
    const { edit } = head;
    if (this.report.id !== reportId) {
      this.#done();
      return { kind: 'refused', reason: 'Another report was begun in its place.', text: textOf(edit) };
    }
    if (edit.kind === 'undo' || edit.kind === 'redo') {
      this.#done();
      return {
        kind: 'refused',
        reason: `Changed in another window meanwhile: ${edit.kind} left it as it is.`,
        text: null,
      };
    }
    return 'again';
  }
  /** True where the sentence no longer says what the reader saw when she began to type: then she chooses. */
  #clashes({ edit, baseText }: Pending): boolean {
    if (edit.kind !== 'set-text' || baseText === null) return false;
    const theirs = this.report.sentences.find((sentence) => sentence.id === edit.sentenceId)?.text;
    if (theirs === undefined || theirs === baseText || theirs === edit.text) return false;
    // What waits behind it for the same sentence is the newer wish: the clash shows that one.
    const same = (entry: Pending): boolean =>
      entry.edit.kind === 'set-text' && entry.edit.sentenceId === edit.sentenceId;
    const mine = textOf(this.#pending.findLast(same)?.edit ?? edit) ?? edit.text;
    this.#pending = this.#pending.filter((entry) => !same(entry));
    this.clash = { sentenceId: edit.sentenceId, mine, theirs };
    return true;
  }
}
