import type { ModelPackage, ProviderReport } from '../../preload/contract/index.ts';
import { type Session, wordsOf } from '../session/index.ts';

export const TASKS = {
  classification: 'Classification',
  grading: 'Grading',
  detection: 'Detection',
  segmentation: 'Segmentation',
  embedding: 'Text embedding',
  'report-generation': 'Report sentences',
  'report-drafting': 'Report drafts',
} as const satisfies Record<ModelPackage['task'], string>;

export const bytes = (count: number): string =>
  count < 1e6 ? `${Math.max(1, Math.round(count / 1e3))} kB` : `${(count / 1e6).toFixed(1)} MB`;

/** With the same decimals as others of its size, so that a column can be read down. */
export const figure = (value: number): string => {
  const size = Math.abs(value);
  if (size > 0 && size < 0.0005) return value.toPrecision(1);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 3);
};

/** The packages that are installed, and what they run on. */
export class Packages {
  readonly session: Session;
  list = $state.raw<readonly ModelPackage[]>([]);
  providers = $state.raw<ProviderReport | null>(null);
  chosen = $state<string | null>(null);
  state = $state<'loading' | 'ready' | 'failed'>('loading');
  fault = $state('');
  readonly shown = $derived(this.list.find((one) => one.name === this.chosen) ?? this.list[0] ?? null);

  constructor(session: Session) {
    this.session = session;
  }

  async load(): Promise<void> {
    this.state = 'loading';
    try {
      const { client } = this.session;
      // Trying the providers takes longer than reading the packages.
      void client.inference.providers({}).then(
        (providers) => {
          this.providers = providers;
        },
        (error) => this.session.notices.fault(error, 'The providers could not be tried'),
      );
      this.list = (await client.inference.packages({})).packages;
      this.state = 'ready';
    } catch (error) {
      this.fault = wordsOf(error);
      this.state = 'failed';
    }
  }
}
