import type { Finding, Measurement, ModelPackage, ProviderReport } from '../../preload/contract/index.ts';
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

/** A package that fits a series of the study. */
export interface Fitting {
  readonly seriesId: string;
  readonly name: string;
  readonly title: string;
  readonly byItself: boolean;
  readonly hasRun: boolean;
}

/** In place of an empty list: what that emptiness means. */
export const emptyWords = (fitting: readonly Fitting[], looking: boolean): string => {
  if (looking) return 'The models are looking at the images.';
  if (fitting.length === 0) return 'No model here reads these images: look at them yourself.';
  const ran = [...new Set(fitting.filter(({ hasRun }) => hasRun).map(({ title }) => title))];
  if (ran.length === 0) return 'No model has looked at these images yet.';
  return `${ran.join(' and ')} marked nothing. That is no statement that nothing is there.`;
};

/** What the models found in the open study, and running them. */
export class FindingsOfStudy {
  readonly session: Session;
  studyId = $state<string | null>(null);
  list = $state.raw<readonly Finding[]>([]);
  remarks = $state.raw<readonly { readonly seriesId: string; readonly text: string }[]>([]);
  fitting = $state.raw<readonly Fitting[]>([]);
  /** Those whose files do not say what they show: a reader has to say that the model fits. */
  readonly onRequest = $derived(this.fitting.filter(({ byItself, hasRun }) => !byItself && !hasRun));
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  fault = $state('');
  packages = $state.raw<readonly ModelPackage[]>([]);
  providers = $state.raw<ProviderReport | null>(null);
  /** Findings that a sentence of the report speaks of already, by key and side. */
  spoken = $state.raw<ReadonlySet<string>>(new Set());
  asking = $state(false);
  /** The finding that was last gone to from the list. */
  pressedId = $state<string | null>(null);

  readonly jobs = $derived.by(() =>
    this.session.jobs.running.filter((job) => job.kind === 'inference' && job.studyId === this.studyId),
  );
  /** Who found what is listed. */
  readonly makers = $derived.by(() =>
    this.packages.filter(({ name, version }) =>
      this.list.some(({ maker }) => maker.kind === 'model' && maker.package === name && maker.version === version),
    ),
  );
  readonly bySeries = $derived(Map.groupBy(this.list, (finding) => finding.seriesId));

  constructor(session: Session) {
    this.session = session;
  }

  async open(studyId: string | null): Promise<void> {
    this.studyId = studyId;
    this.list = [];
    this.remarks = [];
    this.fitting = [];
    this.state = 'loading';
    // Trying the providers takes longer than reading what was found.
    if (studyId !== null && this.providers === null) void this.#tryProviders();
    if (studyId !== null) void this.#readPackages();
    await this.load();
  }

  async #tryProviders(): Promise<void> {
    try {
      this.providers = await this.session.client.inference.providers({});
    } catch {
      // Running the models tells what is wrong with them.
    }
  }

  async #readPackages(): Promise<void> {
    try {
      this.packages = (await this.session.client.inference.packages({})).packages;
    } catch {
      // The findings stand without their makers' figures.
    }
  }

  async load(): Promise<void> {
    const { studyId, session } = this;
    if (studyId === null) return;
    try {
      const [{ findings, remarks }, { report }, fitting] = await Promise.all([
        session.client.inference.findings({ studyId }),
        session.client.reports.get({ studyId }),
        this.#fitting(),
      ]);
      if (this.studyId !== studyId) return;
      this.fitting = fitting;
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

  async #fitting(): Promise<Fitting[]> {
    const { session } = this;
    const each = session.series
      .filter(({ kind, refused, sourceMissing }) => kind === 'image' && refused === null && !sourceMissing)
      .map(async ({ id: seriesId }) => {
        const { packages } = await session.client.inference.suitable({ seriesId });
        return packages.map((one) => ({ ...one, seriesId }));
      });
    return (await Promise.all(each)).flat();
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
      if (jobIds.length > 0) return;
      session.notices.tell(
        this.fitting.some(({ byItself }) => byItself)
          ? 'Every model that fits has run on this study already.'
          : 'No model fits this study by what its files say.',
      );
    } catch (error) {
      session.notices.fault(error, 'The models were not run');
    } finally {
      this.asking = false;
    }
  }

  /** On the reader's word that the series shows what the model reads. */
  async runOn({ seriesId, name, title }: Fitting): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      await this.session.client.inference.run({ seriesId, package: name });
    } catch (error) {
      this.session.notices.fault(error, `${title} was not run`);
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
