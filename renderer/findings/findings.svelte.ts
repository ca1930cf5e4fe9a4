import type { Finding, Measurement, ProviderReport } from '../../preload/contract/index.ts';
import { addToReport, type Session, wordsOf } from '../session/index.ts';

const UNITS: Readonly<Record<string, string>> = { '1': '', "[hnsf'U]": 'HU' };

export const measured = ({ name, value, unit }: Measurement): string => {
  // a count or a grade is a whole number; a ratio of 1 is not
  const whole = unit === '1' && (name === 'count' || name === 'grade');
  const shown =
    whole || Math.abs(value) >= 100 ? Math.round(value).toString() : value.toFixed(Math.abs(value) < 1 ? 2 : 1);
  return `${name} ${shown} ${UNITS[unit] ?? unit}`.trim();
};

/** A grade sums up what stands below it. */
const isGrade = ({ measurements }: Finding): number => Number(measurements.some(({ name }) => name === 'grade'));

/** What the models found in the open study, and running them. */
export class FindingsOfStudy {
  readonly session: Session;
  studyId = $state<string | null>(null);
  list = $state.raw<readonly Finding[]>([]);
  remarks = $state.raw<readonly { readonly seriesId: string; readonly text: string }[]>([]);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  fault = $state('');
  providers = $state.raw<ProviderReport | null>(null);
  /** Findings that a sentence of the report speaks of already, by key and side. */
  spoken = $state.raw<ReadonlySet<string>>(new Set());
  asking = $state(false);

  readonly jobs = $derived.by(() =>
    this.session.jobs.running.filter((job) => job.kind === 'inference' && job.studyId === this.studyId),
  );
  readonly bySeries = $derived(Map.groupBy(this.list, (finding) => finding.seriesId));

  constructor(session: Session) {
    this.session = session;
  }

  async open(studyId: string | null): Promise<void> {
    this.studyId = studyId;
    this.list = [];
    this.remarks = [];
    this.state = 'loading';
    // Trying the providers takes longer than reading what was found.
    if (studyId !== null && this.providers === null) void this.#tryProviders();
    await this.load();
  }

  async #tryProviders(): Promise<void> {
    try {
      this.providers = await this.session.client.inference.providers({});
    } catch {
      // Running the models tells what is wrong with them.
    }
  }

  async load(): Promise<void> {
    const { studyId, session } = this;
    if (studyId === null) return;
    try {
      const [{ findings, remarks }, { report }] = await Promise.all([
        session.client.inference.findings({ studyId }),
        session.client.reports.get({ studyId }),
      ]);
      if (this.studyId !== studyId) return;
      this.list = findings.toSorted((a, b) => isGrade(b) - isGrade(a) || (b.score ?? 0) - (a.score ?? 0));
      this.remarks = remarks;
      this.spoken = new Set(
        (report?.sentences ?? [])
          .filter((one) => one.decision !== 'deleted' && one.findingKey !== '')
          .map((one) => `${one.findingKey} ${one.side}`),
      );
      this.state = 'ready';
    } catch (error) {
      if (this.studyId !== studyId) return;
      this.fault = wordsOf(error);
      this.state = 'failed';
    }
  }

  isSpoken(finding: Finding): boolean {
    return this.spoken.has(`${finding.key} ${finding.side}`);
  }

  async run(): Promise<void> {
    const { studyId, session } = this;
    if (studyId === null || this.asking) return;
    this.asking = true;
    try {
      const { jobIds } = await session.client.inference.runStudy({ studyId });
      if (jobIds.length === 0) session.notices.tell('Every model that fits has run on this study already.');
    } catch (error) {
      session.notices.fault(error, 'The models were not run');
    } finally {
      this.asking = false;
    }
  }

  async cancel(): Promise<void> {
    await Promise.allSettled(this.jobs.map((job) => this.session.jobs.cancel(job.id)));
  }

  /** The finding's sentence, in the drafter's words and with its regions, at the end of the findings. */
  async addToReport(finding: Finding): Promise<void> {
    const { session, studyId } = this;
    if (studyId === null) return;
    const refused = 'The finding was not added';
    const diameter = finding.measurements.find((one) => one.unit === 'mm');
    const { key, side, place, severity, regions } = finding;
    try {
      const { text } = await session.client.drafting.phrase({
        key,
        side,
        place,
        sizeMm: diameter?.value ?? null,
        severity,
      });
      const sentence = { text, regions, findingKey: key, side, kind: 'finding' } as const;
      if (await addToReport(session, studyId, sentence, refused)) await this.load();
    } catch (error) {
      session.notices.fault(error, refused);
    }
  }
}
