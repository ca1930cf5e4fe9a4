import { createContext } from 'svelte';
import type { Client, Region, SeriesSummary, StudySummary, Workstation } from '../../preload/contract/index.ts';
import { Commands } from './commands.svelte.ts';
import { Jobs } from './jobs.svelte.ts';
import { Marks } from './marks.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { Twin } from './twin.svelte.ts';

/** What fills the window. In 'study' the viewer and the right panes stand side by side. */
export type Screen = 'worklist' | 'study' | 'knowledge' | 'models' | 'exports' | 'settings';
/** What a window shows of a study: on two screens each can have its own. */
export type Arrangement = 'both' | 'images' | 'report';
/** Tabs of the right pane. */
export type PaneId = 'report' | 'findings' | 'ratings';

/** A region that the viewer draws; the report pane (or findings pane) says which. */
export interface ShownRegion {
  readonly region: Region;
  /** CSS colour, '#ffb454'. Null: the viewer's own accent. */
  readonly color: string | null;
  /** Short words beside it. */
  readonly label: string;
  /** The sentence it belongs to; null for a finding that no sentence speaks of. */
  readonly sentenceId: string | null;
}

export interface Marked {
  readonly region: Region;
  readonly sentenceId: string | null;
}

/** A wish to see a region: serial makes the same wish twice two wishes. */
export interface Target extends Marked {
  readonly serial: number;
}

/** What is open and selected: the state that screens share. Pixels and cameras belong to the viewer. */
export class Session {
  readonly client: Client<Workstation>;
  /** Full address of a media address ('thumbnail/abc'). */
  readonly mediaUrl: (address: string) => string;
  readonly commands = new Commands();
  readonly notices = new Notices();
  readonly jobs: Jobs;
  readonly marks = new Marks();
  /** The reader's other window. */
  readonly twin: Twin;

  /** False when the backend has gone: nothing can be saved any more. */
  connected = $state(true);
  screen = $state<Screen>('worklist');
  pane = $state<PaneId>('report');
  arrangement = $state<Arrangement>('both');
  study = $state.raw<StudySummary | null>(null);
  /** All series of the open study, also those that cannot be shown. */
  series = $state.raw<readonly SeriesSummary[]>([]);
  /** The series of the active viewport; null where there is none. */
  activeSeriesId = $state<string | null>(null);
  /** The frame of the active viewport, in the series' order, from 0. */
  activeFrameIndex = $state(0);
  readonly activeSeries = $derived(this.series.find((series) => series.id === this.activeSeriesId) ?? null);

  /** What the viewer draws as boxes and markers. Set it, never push into it. */
  shownRegions = $state.raw<readonly ShownRegion[]>([]);
  /** The region that stands out in the viewer, and its sentence. */
  marked = $state.raw<Marked | null>(null);
  /** The viewer goes here when it changes. */
  target = $state.raw<Target | null>(null);
  /** True while the reader is asked to draw a box. */
  drawing = $state(false);

  #targets = 0;
  #opens = 0;
  #finishDrawing: ((region: Region | null) => void) | null = null;
  readonly #clicks = new Set<(region: Region, sentenceId: string | null) => void>();

  constructor(client: Client<Workstation>, mediaUrl: (address: string) => string) {
    this.client = client;
    this.mediaUrl = mediaUrl;
    this.jobs = new Jobs(client);
    this.twin = new Twin(this);
    if (this.twin.isSecond) this.arrangement = 'images';
  }

  /** Opens a study in the viewer; the series and place where the reader left off are the viewer's to recall. */
  async open(studyId: string): Promise<void> {
    const wish = ++this.#opens;
    if (this.study?.id === studyId) {
      this.screen = 'study';
      return;
    }
    const opened = await this.client.studies.get({ studyId });
    // A later wish has come meanwhile.
    if (wish !== this.#opens) return;
    this.#leave();
    this.study = opened.study;
    this.series = opened.series;
    this.screen = 'study';
    await this.refreshOverlays().catch((error) => this.notices.fault(error, 'The marks could not be read'));
  }

  close(): void {
    this.#leave();
    this.screen = 'worklist';
  }

  /** After a change in the backend: the study's row, its series and its marks again. */
  async refresh(): Promise<void> {
    const studyId = this.study?.id;
    if (studyId === undefined) return;
    const opened = await this.client.studies.get({ studyId });
    if (this.study?.id !== studyId) return;
    this.study = opened.study;
    this.series = opened.series;
    await this.refreshOverlays();
  }

  async refreshOverlays(): Promise<void> {
    const studyId = this.study?.id;
    if (studyId === undefined) return;
    const { overlays } = await this.client.studies.overlays({ studyId });
    if (this.study?.id === studyId) this.marks.overlays = overlays;
  }

  /** Shows the region's series and slice, and marks it (mark false: it is marked already, by what lies there). */
  goTo(region: Region, options: { sentenceId?: string | null; mark?: boolean } = {}): void {
    const marked = { region, sentenceId: options.sentenceId ?? null };
    this.marked = options.mark === false ? null : marked;
    this.target = { ...marked, serial: this.#targets++ };
    this.screen = 'study';
  }

  /** A box or label in the viewer was clicked. Answers how to stop listening. */
  onRegionClicked(listener: (region: Region, sentenceId: string | null) => void): () => void {
    this.#clicks.add(listener);
    return () => this.#clicks.delete(listener);
  }

  /** By the viewer. */
  regionClicked(region: Region, sentenceId: string | null): void {
    this.marked = { region, sentenceId };
    for (const listener of this.#clicks) listener(region, sentenceId);
  }

  /** The reader draws a box on the image: the region, or null where she left it (Escape, other study). */
  drawBox(): Promise<Region | null> {
    this.#finishDrawing?.(null);
    this.drawing = true;
    return new Promise((resolve) => {
      this.#finishDrawing = resolve;
    });
  }

  /** By the viewer. */
  drawn(region: Region | null): void {
    const finish = this.#finishDrawing;
    this.#finishDrawing = null;
    this.drawing = false;
    finish?.(region);
  }

  #leave(): void {
    this.drawn(null);
    this.study = null;
    this.series = [];
    this.activeSeriesId = null;
    this.activeFrameIndex = 0;
    this.shownRegions = [];
    this.marked = null;
    this.target = null;
    this.marks.clear();
  }
}

/** getSession() in any component below App. */
export const [getSession, setSession] = createContext<Session>();
