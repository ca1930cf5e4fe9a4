import type { Draft, DrafterKind, Job, ModelPackage } from '../../preload/contract/index.ts';
import type { ReportDesk } from './desk.svelte.ts';

/** Asking for a draft, and choosing among those that are there. */
export class Drafting {
  readonly desk: ReportDesk;
  retrieval = $state<Draft['recipe']['retrieval']>('priors-and-similar');
  drafter = $state<DrafterKind>('findings');
  /** The network that drafts from films; null where none is there or it is not known yet. */
  network = $state.raw<ModelPackage | null>(null);
  /** Empty: the backend draws one. */
  seed = $state('');
  asking = $state(false);
  /** A draft that the reader wants in place of a report with work in it: asked first. */
  replacing = $state.raw<Draft | null>(null);
  lastFault = $state('');
  #askedJobId = $state<string | null>(null);

  /** The job under way for this study, whoever asked for it. */
  readonly job = $derived.by((): Job | null => {
    const { session, studyId } = this.desk;
    return session.jobs.running.find((job) => job.kind === 'draft' && job.studyId === studyId) ?? null;
  });
  readonly seedNumber = $derived(/^\d{1,9}$/.test(this.seed.trim()) ? Number(this.seed.trim()) : null);

  constructor(desk: ReportDesk) {
    this.desk = desk;
  }

  /** The chosen recipe, or the backend's own for a first draft. */
  async write(): Promise<void> {
    const { session, studyId } = this.desk;
    if (studyId === null || this.job || this.asking) return;
    this.asking = true;
    this.lastFault = '';
    try {
      const { jobId } = await session.client.drafting.create({
        studyId,
        seed: this.seedNumber,
        retrieval: this.retrieval,
        drafter: this.drafter,
      });
      this.#askedJobId = jobId;
      const job = await session.jobs.ended(jobId);
      if (this.desk.studyId !== studyId) return;
      if (job.state === 'failed') this.lastFault = job.fault?.message ?? 'The draft was not written.';
      if (job.state === 'done') await this.#offer(job.resultId);
    } catch (error) {
      session.notices.fault(error, 'The draft was not begun');
    } finally {
      this.asking = false;
      this.#askedJobId = null;
    }
  }

  /** Whether there is a network that drafts from films, asked when the choice is shown. */
  async findNetwork(): Promise<void> {
    const { packages } = await this.desk.session.client.inference.packages({});
    this.network = packages.find(({ task, refused }) => task === 'report-drafting' && refused === null) ?? null;
    if (this.network === null) this.drafter = 'findings';
  }

  async cancel(): Promise<void> {
    const jobId = this.job?.id ?? this.#askedJobId;
    if (jobId !== null && jobId !== undefined) await this.desk.session.jobs.cancel(jobId).catch(() => undefined);
  }

  /** Where a report is begun already the new draft waits in the list, and a word says so. */
  async #offer(draftId: string | null): Promise<void> {
    const { desk } = this;
    await desk.reload();
    const draft = desk.drafts.find((one) => one.id === draftId);
    if (!draft || desk.report?.draftId === draftId) return;
    desk.session.notices.tell('A new draft is ready.', 'good', { title: 'Use it', run: () => void this.use(draft) });
  }

  /** Asks before work is given up. */
  async use(draft: Draft): Promise<void> {
    const { desk } = this;
    if (desk.report?.draftId === draft.id) return;
    if (desk.report?.canUndo) this.replacing = draft;
    else await desk.begin(draft.id, true);
  }

  async replace(): Promise<void> {
    const draft = this.replacing;
    this.replacing = null;
    if (draft) await this.desk.begin(draft.id, true);
  }
}
