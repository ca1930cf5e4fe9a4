import type { Client, StudyStatus, StudySummary, Workstation } from '../../preload/contract/index.ts';
import type { StudyQuery } from '../../preload/contract/services/studies.ts';
import { wordsOf } from '../session/index.ts';

const PAGE = 200;

/** What was typed of a day, '2026', '2026-05' or whole; null where it is not one (yet). */
const dayOf = (text: string, last: '01' | '31'): string | null => {
  const [, year, month, day] = /^(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?-?$/.exec(text.trim()) ?? [];
  return year === undefined ? null : `${year}-${month ?? (last === '01' ? '01' : '12')}-${day ?? last}`;
};

/** What is asked, what came, which row is selected. */
export class WorklistView {
  text = $state('');
  modality = $state<string | null>(null);
  status = $state<StudyStatus | null>(null);
  from = $state('');
  to = $state('');
  order = $state<StudyQuery['order']>('newest');

  studies = $state.raw<readonly StudySummary[]>([]);
  total = $state(0);
  /** Modalities seen so far, for the filter. */
  modalities = $state.raw<readonly string[]>([]);
  loaded = $state(false);
  trouble = $state<string | null>(null);
  selectedId = $state<string | null>(null);
  readonly selectedIndex = $derived(this.studies.findIndex((study) => study.id === this.selectedId));
  readonly filtered = $derived(
    this.text.trim() !== '' || this.modality !== null || this.status !== null || this.from !== '' || this.to !== '',
  );

  readonly #client: Client<Workstation>;
  #asking: AbortController | null = null;
  #more = false;

  constructor(client: Client<Workstation>) {
    this.#client = client;
  }

  get query() {
    return {
      text: this.text.trim(),
      modality: this.modality,
      status: this.status,
      from: dayOf(this.from, '01'),
      to: dayOf(this.to, '31'),
      order: this.order,
    };
  }

  /**
   * Reads the first rows again, as many as are shown; a later question ends an earlier one. Answers whether what is shown
   * now is the answer to this question.
   */
  async reload(query: WorklistView['query'] = this.query): Promise<boolean> {
    this.#asking?.abort();
    const asking = new AbortController();
    this.#asking = asking;
    try {
      const limit = Math.min(500, Math.max(PAGE, this.studies.length));
      const answer = await this.#client.studies.list({ ...query, limit }, { signal: asking.signal });
      if (asking.signal.aborted) return false;
      this.studies = answer.studies;
      this.total = answer.total;
      this.trouble = null;
      this.#meet(answer.studies);
      if (!answer.studies.some((study) => study.id === this.selectedId))
        this.selectedId = answer.studies[0]?.id ?? null;
      return true;
    } catch (error) {
      if (!asking.signal.aborted) this.trouble = wordsOf(error);
      return false;
    } finally {
      if (!asking.signal.aborted) this.loaded = true;
    }
  }

  async more(): Promise<void> {
    if (this.#more || this.studies.length >= this.total) return;
    this.#more = true;
    try {
      const answer = await this.#client.studies.list({ ...this.query, limit: PAGE, offset: this.studies.length });
      const known = new Set(this.studies.map((study) => study.id));
      this.studies = [...this.studies, ...answer.studies.filter((study) => !known.has(study.id))];
      this.total = answer.total;
      this.#meet(answer.studies);
    } catch (error) {
      this.trouble = wordsOf(error);
    } finally {
      this.#more = false;
    }
  }

  step(by: number): void {
    const index = Math.min(this.studies.length - 1, Math.max(0, this.selectedIndex + by));
    this.selectedId = this.studies[index]?.id ?? null;
  }

  clearFilters(): void {
    this.text = '';
    this.modality = null;
    this.status = null;
    this.from = '';
    this.to = '';
  }

  #meet(studies: readonly StudySummary[]): void {
    const all = new Set([...this.modalities, ...studies.flatMap((study) => study.modalities)]);
    if (all.size !== this.modalities.length) this.modalities = [...all].sort();
  }
}
