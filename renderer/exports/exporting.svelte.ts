import type { ExportPreview, PreferenceFormat, StudySummary } from '../../preload/contract/index.ts';
import { media } from '../../preload/contract/index.ts';
import { type Session, wordsOf } from '../session/index.ts';

type Format = (typeof PreferenceFormat.options)[number];

export const FORMATS = [
  { value: 'dpo', title: 'Preference pairs (prompt, chosen, rejected)' },
  { value: 'kto', title: 'Unpaired (prompt, completion, label)' },
  { value: 'stepwise', title: 'Stepwise, sentence by sentence' },
  { value: 'sft', title: 'Signed texts (prompt, completion)' },
] as const satisfies readonly { value: Format; title: string }[];

interface Exported {
  readonly id: string;
  readonly createdAt: string;
  readonly format: string;
  readonly lines: number;
  readonly files: readonly string[];
}

/** What would leave, what left. Nothing is written before the reader has seen what would be. */
export class Exporting {
  readonly session: Session;
  format = $state<Format>('dpo');
  /** All studies where false. */
  choose = $state(false);
  studies = $state.raw<readonly StudySummary[]>([]);
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  includePixels = $state(false);
  preview = $state.raw<ExportPreview | null>(null);
  /** The wishes that the preview was made for: another wish needs another look. */
  previewed = $state('');
  list = $state.raw<readonly Exported[]>([]);
  busy = $state(false);
  fault = $state('');
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  #opId = '';

  readonly wishes = $derived({
    format: this.format,
    studyIds: this.choose ? [...this.chosen] : [],
    includePixels: this.includePixels,
  });
  readonly current = $derived(this.preview !== null && this.previewed === JSON.stringify(this.wishes));
  readonly nothingChosen = $derived(this.choose && this.chosen.size === 0);
  readonly job = $derived.by(() => this.session.jobs.running.find((job) => job.kind === 'export') ?? null);

  constructor(session: Session) {
    this.session = session;
  }

  async load(): Promise<void> {
    const { client } = this.session;
    try {
      const [{ exports }, { studies }] = await Promise.all([
        client.exports.list({}),
        client.studies.list({ limit: 500 }),
      ]);
      this.list = exports.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
      this.studies = studies;
      this.state = 'ready';
    } catch (error) {
      this.fault = wordsOf(error);
      this.state = 'failed';
    }
  }

  toggle(studyId: string, on: boolean): void {
    const chosen = new Set(this.chosen);
    if (on) chosen.add(studyId);
    else chosen.delete(studyId);
    this.chosen = chosen;
  }

  titleOf(studyId: string): string {
    const study = this.studies.find((one) => one.id === studyId);
    return study
      ? `${study.patient.name.replaceAll('^', ' ').trim()}, ${study.date ?? 'no date'}, ${study.description}`
      : studyId;
  }

  async look(): Promise<void> {
    const { wishes } = this;
    this.busy = true;
    this.fault = '';
    try {
      this.preview = await this.session.client.exports.preview(wishes);
      this.previewed = JSON.stringify(wishes);
      this.#opId = crypto.randomUUID();
    } catch (error) {
      this.preview = null;
      this.fault = wordsOf(error);
    } finally {
      this.busy = false;
    }
  }

  async run(): Promise<void> {
    if (!this.current || this.busy) return;
    this.busy = true;
    const { session } = this;
    try {
      const { jobId } = await session.client.exports.run({ ...this.wishes, opId: this.#opId });
      const job = await session.jobs.ended(jobId);
      if (job.state === 'done') session.notices.tell('The export is written.', 'good');
      if (job.state === 'failed') session.notices.tell(job.fault?.message ?? 'The export failed.', 'danger');
      this.#opId = crypto.randomUUID();
      await this.load();
    } catch (error) {
      session.notices.fault(error, 'The export was not run');
    } finally {
      this.busy = false;
    }
  }

  address(exported: Exported, path: string): string {
    return this.session.mediaUrl(media.exported(exported.id, path));
  }
}
