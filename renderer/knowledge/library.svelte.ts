import type { ImportSource, KnowledgeHit, KnowledgeReport } from '../../preload/contract/index.ts';
import { media } from '../../preload/contract/index.ts';
import { type Session, wordsOf } from '../session/index.ts';

interface Entry {
  readonly name: string;
  readonly kind: 'folder' | 'file';
  readonly bytes: number | null;
}
const REPORT_FILE = /\.(jsonl|ndjson|csv|txt)$/i;
const PAUSE_MS = 250;

/** Imported and signed reports: search, reading, import. */
export class Library {
  readonly session: Session;
  text = $state('');
  modality = $state('');
  bodyPart = $state('');
  from = $state('');
  to = $state('');
  /** Leave out the open study's own report and its patient's, as the drafter does. */
  asDrafter = $state(false);
  hits = $state.raw<readonly KnowledgeHit[] | null>(null);
  tookMs = $state(0);
  searching = $state(false);
  fault = $state('');
  count = $state.raw<{ reports: number; embedded: number } | null>(null);
  reading = $state.raw<KnowledgeReport | null>(null);
  roots = $state.raw<readonly string[]>([]);
  canPick = $state(false);
  root = $state<string | null>(null);
  segments = $state.raw<readonly string[]>([]);
  entries = $state.raw<readonly Entry[]>([]);
  sending = $state(false);
  #pause: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | null = null;

  readonly job = $derived.by(() => this.session.jobs.running.find((job) => job.kind === 'knowledge') ?? null);

  constructor(session: Session) {
    this.session = session;
  }

  async begin(): Promise<void> {
    try {
      const [count, ways] = await Promise.all([
        this.session.client.knowledge.count({}),
        this.session.client.imports.ways({}),
      ]);
      this.count = count;
      this.roots = ways.roots;
      this.canPick = ways.dialog;
    } catch (error) {
      this.fault = wordsOf(error);
    }
  }

  /** Searches once the reader pauses. */
  later(): void {
    clearTimeout(this.#pause);
    this.#pause = setTimeout(() => void this.search(), PAUSE_MS);
  }

  async search(): Promise<void> {
    clearTimeout(this.#pause);
    this.#running?.abort();
    const text = this.text.trim();
    if (text === '') {
      this.hits = null;
      this.searching = false;
      return;
    }
    const running = new AbortController();
    this.#running = running;
    this.searching = true;
    this.fault = '';
    try {
      const answer = await this.session.client.knowledge.search(
        {
          text,
          modality: this.modality.trim() || null,
          bodyPart: this.bodyPart.trim() || null,
          from: this.from || null,
          to: this.to || null,
          limit: 50,
          excludeStudyId: this.asDrafter ? (this.session.study?.id ?? null) : null,
        },
        { signal: running.signal },
      );
      if (this.#running !== running) return;
      this.hits = answer.hits;
      this.tookMs = answer.tookMs;
    } catch (error) {
      if (this.#running === running) this.fault = wordsOf(error);
    } finally {
      if (this.#running === running) this.searching = false;
    }
  }

  async remove(report: KnowledgeReport): Promise<void> {
    try {
      await this.session.client.knowledge.remove({ knowledgeId: report.id });
      this.reading = null;
      this.hits = this.hits?.filter((hit) => hit.report.id !== report.id) ?? null;
      this.count = await this.session.client.knowledge.count({});
    } catch (error) {
      this.session.notices.fault(error, 'The report was not removed');
    }
  }

  // --- import

  async upload(files: readonly File[]): Promise<void> {
    const file = files[0];
    if (!file || this.sending) return;
    this.sending = true;
    try {
      const { uploadId } = await this.session.client.imports.openUpload({});
      const answer = await fetch(this.session.mediaUrl(media.upload(uploadId, 0)), {
        method: 'PUT',
        body: file,
        headers: { 'x-sightline-path': encodeURIComponent(file.name) },
      });
      if (!answer.ok) throw new Error(`The file was not taken: ${(await answer.text()) || answer.status}`);
      await this.#import({ kind: 'upload', uploadId });
    } catch (error) {
      this.session.notices.fault(error, 'Nothing was imported');
    } finally {
      this.sending = false;
    }
  }

  async pick(): Promise<void> {
    try {
      const { token } = await this.session.client.imports.pick({});
      if (token !== null) await this.#import({ kind: 'picked', token });
    } catch (error) {
      this.session.notices.fault(error, 'Nothing was imported');
    }
  }

  async browse(root: string | null, segments: readonly string[] = []): Promise<void> {
    this.root = root;
    this.segments = segments;
    this.entries = [];
    if (root === null) return;
    try {
      const { entries } = await this.session.client.imports.browse({ root, segments: [...segments] });
      this.entries = entries
        .filter((entry) => entry.kind === 'folder' || REPORT_FILE.test(entry.name))
        .toSorted((a, b) => b.kind.localeCompare(a.kind) || a.name.localeCompare(b.name));
    } catch (error) {
      this.session.notices.fault(error, 'The folder could not be listed');
    }
  }

  async take(entry: Entry): Promise<void> {
    const { root, segments } = this;
    if (root === null) return;
    if (entry.kind === 'folder') return this.browse(root, [...segments, entry.name]);
    try {
      await this.#import({ kind: 'root', root, segments: [...segments, entry.name] });
      this.root = null;
    } catch (error) {
      this.session.notices.fault(error, 'Nothing was imported');
    }
  }

  async #import(source: ImportSource): Promise<void> {
    const { session } = this;
    const { jobId } = await session.client.knowledge.import({ source });
    const job = await session.jobs.ended(jobId);
    this.count = await session.client.knowledge.count({});
    if (job.state === 'done') session.notices.tell(job.step || 'Reports imported.', 'good');
    if (job.state === 'failed') session.notices.tell(job.fault?.message ?? 'The import failed.', 'danger');
    if (this.text.trim() !== '') await this.search();
  }
}
