import { invert, type Vec3, voxelToPatient } from '../../../models/kit/geometry.ts';
import type { Region, SeriesSummary, StudySummary } from '../../../preload/contract/index.ts';
import type { Session } from '../../session/index.ts';
import { type PixelStore, pixelStoreOf } from '../data/pixel-store.ts';
import type { ToolId } from '../tools/index.ts';
import { placeOfVoxel, voxelAtPlace } from './link.ts';
import type { SliceView } from './slice-view.svelte.ts';
import { ViewerState } from './viewer-state.svelte.ts';

/** Rows and columns of cells. */
export type Grid = readonly [rows: number, columns: number];
export const GRIDS: readonly Grid[] = [
  [1, 1],
  [1, 2],
  [2, 1],
  [2, 2],
  [1, 3],
  [2, 3],
  [3, 3],
];

export interface Owned {
  readonly study: StudySummary;
  readonly series: SeriesSummary;
}

/** Cells that show the same patient follow one another: by the frame of reference, by hand, or not at all. */
export type Link = 'frame' | 'hand' | 'off';

interface Anchor {
  readonly mm: readonly [number, number, number] | null;
  readonly index: number;
}

/** A place of the patient that the reader points at. */
export interface Pointed {
  readonly mm: Vec3;
  readonly from: ViewerState;
  /** Cells whose series reach there. */
  readonly reached: ReadonlySet<ViewerState>;
}

/** The cells of the window: which has the hand, how they lie, and how they follow one another. */
export class Board {
  readonly session: Session;
  readonly store: PixelStore;
  grid = $state.raw<Grid>([1, 1]);
  cells = $state.raw<readonly ViewerState[]>([]);
  activeIndex = $state(0);
  /** The one cell that is shown over the whole board; null: all. */
  largeIndex = $state<number | null>(null);
  tool = $state<ToolId>('window');
  textShown = $state(true);
  /** How many times the lens enlarges. */
  lensPower = $state(2);
  link = $state<Link>('frame');
  linesShown = $state(true);
  /** By the 3D cursor; null: nothing yet. */
  pointed = $state.raw<Pointed | null>(null);
  /** The same patient's other studies in the store, newest first. */
  others = $state.raw<readonly { study: StudySummary; series: readonly SeriesSummary[] }[]>([]);
  readonly active = $derived.by(() => this.cells[this.activeIndex] ?? this.#first);
  readonly #first: ViewerState;
  readonly #anchors = new Map<ViewerState, Anchor>();
  #following = false;

  constructor(session: Session) {
    this.session = session;
    this.store = pixelStoreOf(session);
    this.#first = new ViewerState(this);
    this.cells = [this.#first];
    this.store.isShown = (seriesId) => this.cells.some((cell) => cell.seriesId === seriesId);
  }

  /** Cells that are shown are kept; new ones are empty; those that fall away let their series go. */
  arrange(grid: Grid): void {
    const count = grid[0] * grid[1];
    // The cell with the hand stays on the board.
    if (this.activeIndex >= count) {
      const kept = this.cells.filter((_, n) => n !== this.activeIndex).slice(0, count - 1);
      this.cells = [...kept, this.active];
      this.activeIndex = kept.length;
    }
    for (const gone of this.cells.slice(count)) gone.close();
    const more = Math.max(0, count - this.cells.length);
    this.cells = [...this.cells.slice(0, count), ...Array.from({ length: more }, () => new ViewerState(this))];
    this.grid = grid;
    this.largeIndex = null;
  }

  /** Empty cells get the series that are not shown yet, in their order. */
  async fill(): Promise<void> {
    const left = this.session.series.filter(
      (series) => series.kind === 'image' && series.refused === null && this.showing(series.id) === null,
    );
    await Promise.all(
      this.cells
        .filter((cell) => cell.seriesId === null)
        .map(async (cell) => {
          const next = left.shift();
          if (next !== undefined) await cell.select(next.id);
        }),
    );
  }

  activate(index: number): void {
    const cell = this.cells[index];
    if (cell === undefined) return;
    if (this.activeIndex !== index && this.active.cine) this.active.cine = false;
    this.activeIndex = index;
    if (this.largeIndex !== null) this.largeIndex = index;
    this.tellSession();
  }

  /** What other screens know as the active series is that of the cell with the hand. */
  tellSession(): void {
    this.session.activeSeriesId = this.active.seriesId;
    this.session.activeFrameIndex = this.active.cursor[2];
  }

  showing(seriesId: string): number | null {
    const at = this.cells.findIndex((cell) => cell.seriesId === seriesId);
    return at < 0 ? null : at;
  }

  /** Null where the series belongs to no study that this window knows. */
  owner(seriesId: string | null): Owned | null {
    const { study, series } = this.session;
    const all = [...(study === null ? [] : [{ study, series }]), ...this.others];
    for (const one of all) {
      const found = one.series.find(({ id }) => id === seriesId);
      if (found !== undefined) return { study: one.study, series: found };
    }
    return null;
  }

  seriesOf(studyId: string): readonly SeriesSummary[] | null {
    return this.others.find(({ study }) => study.id === studyId)?.series ?? null;
  }

  /** Looks for the same patient's other studies; without them the board works as before. */
  async loadOthers(): Promise<void> {
    const studyId = this.session.study?.id;
    if (studyId === undefined) return;
    try {
      const { studies } = await this.session.client.studies.samePatient({ studyId });
      if (this.session.study?.id === studyId) this.others = studies;
    } catch (error) {
      this.session.notices.fault(error, 'Other studies of this patient could not be looked for');
    }
  }

  async goTo(region: Region): Promise<void> {
    const at = this.showing(region.seriesId);
    if (at !== null) this.activate(at);
    await this.active.goTo(region);
  }

  /** From now on the cells move together from where they stand. */
  linkByHand(): void {
    this.#anchors.clear();
    for (const cell of this.cells) {
      const images = cell.pixels?.images;
      if (images) this.#anchors.set(cell, { mm: placeOfVoxel(images, cell.cursor), index: cell.cursor[2] });
    }
    this.link = 'hand';
  }

  /** Another series has come into the cell: where it stood beside the others means nothing any more. */
  forget(cell: ViewerState): void {
    if (this.pointed?.from === cell) this.pointed = null;
    this.#anchors.delete(cell);
  }

  /** The cell has been moved by the reader: the others go where it went. */
  follow(from: ViewerState): void {
    if (this.#following || this.link === 'off' || this.cells.length < 2 || from !== this.active) return;
    this.#following = true;
    try {
      for (const to of this.cells) if (to !== from) this.#take(from, to);
    } finally {
      this.#following = false;
    }
  }

  /** Whether a place of the series that is pointed at is a place of the cell's. */
  sharesPlace(cell: ViewerState): boolean {
    const [own, other] = [this.pointed?.from.pixels?.images, cell.pixels?.images];
    if (!own || !other) return false;
    return (
      own.seriesId === other.seriesId ||
      (own.frameOfReferenceUid !== null && own.frameOfReferenceUid === other.frameOfReferenceUid)
    );
  }

  /** An image point of a view is shown in all cells, which go there. */
  point(view: SliceView, x: number, y: number): void {
    const mm = view.patientOf(x, y);
    const from = view.viewer;
    if (mm === null || this.#following) {
      if (mm === null && this.pointed !== null) this.pointed = null;
      if (mm === null) this.session.notices.tell('No 3D cursor: where these images lie in the patient is not known.');
      return;
    }
    this.#following = true;
    try {
      this.pointed = { mm, from, reached: new Set() };
      const moves = (cell: ViewerState): boolean =>
        // The image under the hand stays: it shows the place.
        cell === from && view.id === 'stack' ? true : this.sharesPlace(cell) && this.#show(cell, mm);
      this.pointed = { mm, from, reached: new Set(this.cells.filter(moves)) };
    } finally {
      this.#following = false;
    }
  }

  close(): void {
    for (const cell of this.cells) cell.close();
    this.store.isShown = () => false;
    this.store.rest();
  }

  /** The place in a cell whose series reaches there. Answers whether it does. */
  #show(cell: ViewerState, mm: Vec3): boolean {
    const images = cell.pixels?.images;
    const voxel = images ? voxelAtPlace(images, mm) : null;
    if (!images || voxel === null) return false;
    if (cell.reformat.isFree && images.volume.kind === 'volume')
      cell.moveToPoint(voxelToPatient(invert(images.volume.affineVoxelToPatient), mm));
    else cell.moveTo(voxel);
    return true;
  }

  #take(from: ViewerState, to: ViewerState): void {
    const [own, other] = [from.pixels?.images, to.pixels?.images];
    if (!own || !other) return;
    const mm = placeOfVoxel(own, from.point);
    if (this.link === 'frame') {
      if (own.frameOfReferenceUid === null || own.frameOfReferenceUid !== other.frameOfReferenceUid) return;
      if (mm !== null) this.#show(to, mm);
      return;
    }
    const [a, b] = [this.#anchors.get(from), this.#anchors.get(to)];
    if (!a || !b) return;
    if (mm !== null && a.mm !== null && b.mm !== null) {
      this.#show(to, [b.mm[0] + mm[0] - a.mm[0], b.mm[1] + mm[1] - a.mm[1], b.mm[2] + mm[2] - a.mm[2]]);
      return;
    }
    to.moveTo([to.cursor[0], to.cursor[1], b.index + from.cursor[2] - a.index]);
  }
}
