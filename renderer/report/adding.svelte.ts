import type { Region, Side } from '../../preload/contract/index.ts';
import { wordsOf } from '../session/index.ts';
import type { ReportDesk } from './desk.svelte.ts';
import { type Term, typedFinding } from './finding-text.ts';

/** The palette that adds a finding: typed words give term, side and place; Enter puts the sentence into the report. */
export class FindingPalette {
  readonly desk: ReportDesk;
  open = $state(false);
  typed = $state('');
  /** Chosen by hand; undefined while the typed words decide. */
  chosenSide = $state<Side | undefined>(undefined);
  region = $state.raw<Region | null>(null);
  index = $state(0);
  vocabulary = $state.raw<readonly Term[]>([]);
  fault = $state('');
  busy = $state(false);
  #vocabularyOf: string | null = null;

  readonly parsed = $derived(typedFinding(this.typed, this.vocabulary));
  readonly term = $derived(this.parsed.terms[Math.min(this.index, this.parsed.terms.length - 1)] ?? null);
  readonly side = $derived(this.chosenSide === undefined ? this.parsed.side : this.chosenSide);

  constructor(desk: ReportDesk) {
    this.desk = desk;
  }

  /** With a box already drawn, or without. */
  async show(region: Region | null = null): Promise<void> {
    if (this.desk.readOnly) return;
    this.region = region;
    this.typed = '';
    this.chosenSide = undefined;
    this.index = 0;
    this.fault = '';
    this.open = true;
    await this.#read();
  }

  /** The box first, then the palette. */
  async drawFirst(): Promise<void> {
    const region = await this.desk.session.drawBox();
    if (region) await this.show(region);
  }

  async #read(): Promise<void> {
    const { session } = this.desk;
    const modality = session.activeSeries?.modality ?? session.study?.modalities[0] ?? '';
    if (this.#vocabularyOf === modality) return;
    try {
      this.vocabulary = (await session.client.drafting.vocabulary({ modality })).terms;
      this.#vocabularyOf = modality;
    } catch (error) {
      this.fault = `The list of findings could not be read: ${wordsOf(error)} Free text can be typed.`;
    }
  }

  move(by: -1 | 1): void {
    const count = this.parsed.terms.length;
    if (count > 0) this.index = (Math.min(this.index, count - 1) + by + count) % count;
  }

  /** The picked term in the drafter's phrase; the typed words as they are where no term fits. */
  async add(term: Term | null = this.term): Promise<void> {
    const typed = this.typed.trim();
    if (this.busy || (!term && typed === '')) return;
    this.busy = true;
    const side = term && !term.sided ? null : this.side;
    try {
      const { session } = this.desk;
      const text = term
        ? (await session.client.drafting.phrase({ key: term.key, side, place: this.parsed.place, sizeMm: null })).text
        : `${typed[0]?.toUpperCase()}${typed.slice(1)}${/[.!?]$/.test(typed) ? '' : '.'}`;
      this.open = false;
      this.desk.addSentence({
        id: crypto.randomUUID(),
        section: 'findings',
        text,
        regions: this.region ? [this.region] : [],
        findingKey: term?.key ?? '',
        side,
        kind: 'finding',
      });
    } catch (error) {
      this.fault = wordsOf(error);
    } finally {
      this.busy = false;
    }
  }

  close(): void {
    this.open = false;
    this.desk.focusSerial++;
  }
}
