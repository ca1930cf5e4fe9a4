import type { KnowledgeReport, PriorCandidate } from '../../preload/contract/index.ts';
import { wordsOf } from '../session/index.ts';
import type { ReportDesk } from './desk.svelte.ts';

export const MATCHES = {
  certain: 'Same patient: id and birth date agree',
  'id-only': 'Only the patient id agrees',
  'birth-date-only': 'Only the birth date agrees',
  'name-only': 'Only the name agrees',
} as const satisfies Record<PriorCandidate['match'], string>;

/** Earlier reports that may be the same patient's, and the text of one that is read. */
export class Priors {
  readonly desk: ReportDesk;
  list = $state.raw<readonly PriorCandidate[]>([]);
  fault = $state('');
  loading = $state(false);
  read = $state.raw<KnowledgeReport | null>(null);
  readFault = $state('');
  readonly open = $derived(this.list.filter((prior) => prior.match !== 'certain' && prior.confirmed === null));
  readonly used = $derived(
    this.list.filter((prior) => prior.confirmed ?? prior.match === 'certain').map((prior) => prior.report.id),
  );

  constructor(desk: ReportDesk) {
    this.desk = desk;
  }

  async load(studyId: string | null): Promise<void> {
    this.list = [];
    this.fault = '';
    if (studyId === null) return;
    this.loading = true;
    try {
      const { priors } = await this.desk.session.client.studies.priors({ studyId });
      if (this.desk.studyId === studyId) this.list = priors;
    } catch (error) {
      this.fault = wordsOf(error);
    } finally {
      this.loading = false;
    }
  }

  async confirm(prior: PriorCandidate, same: boolean): Promise<void> {
    const { studyId, session } = this.desk;
    if (studyId === null) return;
    try {
      await session.client.studies.confirmPrior({ studyId, knowledgeId: prior.report.id, same });
      this.list = this.list.map((one) => (one === prior ? { ...prior, confirmed: same } : one));
    } catch (error) {
      session.notices.fault(error, 'The answer was not stored');
    }
  }

  async show(knowledgeId: string | null): Promise<void> {
    this.readFault = '';
    this.read = this.list.find((prior) => prior.report.id === knowledgeId)?.report ?? null;
    if (knowledgeId === null || this.read) return;
    try {
      const report = await this.desk.session.client.knowledge.get({ knowledgeId });
      if (this.desk.readingId === knowledgeId) this.read = report;
    } catch (error) {
      this.readFault = wordsOf(error);
    }
  }
}
