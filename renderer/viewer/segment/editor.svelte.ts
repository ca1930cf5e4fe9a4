import { safeColor } from '../../../models/kit/labels/colors.ts';
import { applyDifference, changedSlices } from '../../../models/kit/labels/difference.ts';
import { measureLabels, measureSlice, type SliceMeasure, voxelMl } from '../../../models/kit/labels/measure.ts';
import type { Overlay, Segment } from '../../../preload/contract/index.ts';
import type { Session } from '../../session/index.ts';
import { wordsOf } from '../../session/index.ts';
import type { MarksStore } from '../data/marks-store.svelte.ts';
import type { SliceId } from '../view/slice-view.svelte.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';
import type { Box } from './algorithms/box.ts';
import { runWork } from './algorithms/run.ts';
import type { Work } from './algorithms/work.ts';
import type { CutMode } from './cut-out.ts';
import { EditHistory } from './history.ts';
import { fetchDifference, type Line, lineOf, openSegmentation } from './line.ts';
import type { Saving } from './queue.ts';
import { Reviews } from './reviews.svelte.ts';
import { type LiveLabels, mayOver, Stroke } from './stroke.ts';
import { isSegmentTool, type SegmentToolId } from './tools.ts';

type LabelMap = Extract<Overlay, { kind: 'labelmap' }>;

interface Open {
  readonly overlay: LabelMap;
  /** Null where the series is no volume with certain millimetres. */
  readonly voxelMl: number | null;
  readonly labels: LiveLabels;
  readonly line: Line;
}

/** Differences fetched ahead, so that the next steps back are at once: at most so many, and so large. */
const AHEAD = 4;
const AHEAD_BYTES = 4 * 2 ** 20;
/** The surfaces are made anew when the hand has rested so long. */
const SURFACES_MS = 2_000;
/** What another window does is read again when it has rested so long. */
const ELSEWHERE_MS = 400;
const SAFE_COLORS = 'marks.safe-colors';
const RADIUS_MM = { least: 0.5, most: 60 } as const;

const newId = (): string => crypto.randomUUID();

/** The segmentation being edited: its labels in memory, its history, and what the hand does to it. */
export class SegmentEditor {
  readonly store: MarksStore;
  readonly session: Session;
  readonly reviews: Reviews;
  open = $state.raw<Open | null>(null);
  opening = $state(false);
  history = $state.raw<EditHistory | null>(null);
  saving = $state.raw<Saving>({ kind: 'saved' });
  /** The active segment's label. */
  value = $state(1);
  /** Millimetres; pixels where they are not known. */
  radius = $state(6);
  /** Modality values that the threshold brush marks, both included. */
  range = $state.raw<readonly [number, number]>([-100, 200]);
  /** Done away from this thread, with the reader's leave to stop it. */
  busy = $state.raw<{ readonly title: string; readonly fraction: number | null; readonly cancel: () => void } | null>(
    null,
  );
  /** Only where there is no label yet. */
  keepOthers = $state(false);
  /** Fill: over slices, and only values in the range. */
  fillAll = $state(false);
  fillByValue = $state(false);
  /** Scissors: what they do, and whether in all slices. */
  cutMode = $state<CutMode>('erase-inside');
  cutAll = $state(false);
  /** The outline being drawn, image coordinates. */
  outline = $state.raw<{ readonly id: SliceId; readonly points: readonly (readonly [number, number])[] } | null>(null);
  /** What operations on the whole segment are given. */
  marginMm = $state(2);
  islandMl = $state(0.5);
  operations = $state(false);
  /** Where the keys have moved the brush, image coordinates; null: it follows the pointer. */
  cursor = $state.raw<{ readonly id: SliceId; readonly x: number; readonly y: number } | null>(null);
  readonly #viewer: () => ViewerState;
  #measures: SliceMeasure[] = [];
  #stroke: Stroke | null = null;
  #drawing = false;
  #surfaces: ReturnType<typeof setTimeout> | null = null;
  #stepping = false;

  /** viewer: the one that has the hand. */
  constructor(session: Session, store: MarksStore, viewer: () => ViewerState) {
    this.session = session;
    this.store = store;
    this.#viewer = viewer;
    this.reviews = new Reviews(session);
  }

  get viewer(): ViewerState {
    return this.#viewer();
  }
  /** Null: another tool has the pointer. */
  get tool(): SegmentToolId | null {
    const { tool } = this.viewer;
    return this.open !== null && isSegmentTool(tool) ? tool : null;
  }
  set tool(tool: SegmentToolId | null) {
    if (tool !== null) this.viewer.tool = tool;
    else if (isSegmentTool(this.viewer.tool)) this.viewer.tool = 'window';
  }

  readonly segments = $derived.by<readonly Segment[]>(() => this.history?.segments ?? []);
  readonly segment = $derived.by<Segment | null>(() => this.segments.find(({ value }) => value === this.value) ?? null);
  /** As it is drawn; null where there is no active segment. */
  readonly color = $derived.by(() =>
    this.open === null || this.segment === null ? null : this.session.marks.colorOf(this.open.overlay, this.value),
  );
  readonly canUndo = $derived.by(() => this.history?.last != null);
  readonly canRedo = $derived.by(() => this.history?.next != null);
  readonly locked = $derived.by<ReadonlySet<number>>(() =>
    this.open === null ? new Set() : this.reviews.lockedOf(this.open.overlay.id),
  );

  /** Whether the pointer draws there: a tool is chosen, and its series is the one whose labels are edited. */
  drawsOn(viewer: ViewerState): boolean {
    return this.tool !== null && this.open !== null && this.open.overlay.seriesId === viewer.pixels?.images.seriesId;
  }

  /** What other windows do, and what was reviewed; answers how to stop. */
  listen(): () => void {
    const studyId = this.session.study?.id;
    if (studyId === undefined) return () => {};
    let timer: ReturnType<typeof setTimeout> | null = null;
    const load = (): void =>
      void this.reviews
        .load()
        .catch((error) => this.session.notices.fault(error, 'The review states could not be read'));
    load();
    this.session.client.settings.get({ key: SAFE_COLORS }).then(
      ({ value }) => (this.session.marks.safeColors = value === 'yes'),
      () => undefined,
    );
    const stop = this.session.client.segmentations.changed({ studyId }, ({ overlayId, current }) => {
      const open = this.open?.overlay.id === overlayId ? this.open : null;
      const known = current === null || this.history?.entries.some(({ id }) => id === current) === true;
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(() => {
        load();
        if (open === null) void this.session.refreshOverlays().catch(() => undefined);
        else if (!known && open.line.saving.kind === 'saved' && this.open?.overlay.id === overlayId)
          void this.#open(overlayId).catch((error) => this.session.notices.fault(error));
      }, ELSEWHERE_MS);
    });
    return () => {
      if (timer !== null) clearTimeout(timer);
      stop();
    };
  }

  /** Edits the reader's own segmentation, or a copy of another's. */
  async edit(overlay: LabelMap): Promise<void> {
    if (this.opening || this.open?.overlay.id === overlay.id) return;
    this.opening = true;
    try {
      let id = overlay.id;
      if (overlay.edited === undefined) {
        id = newId();
        await this.session.client.segmentations.copy({ id, overlayId: overlay.id });
        // Two of the same over each other show neither.
        this.session.marks.set(overlay.id, null, false);
      }
      await this.#open(id);
    } catch (error) {
      this.session.notices.fault(error, 'The segmentation could not be opened');
    } finally {
      this.opening = false;
    }
  }

  async create(title: string): Promise<void> {
    const seriesId = this.viewer.pixels?.images.seriesId;
    if (seriesId === undefined || this.opening) return;
    this.opening = true;
    try {
      const id = newId();
      await this.session.client.segmentations.create({ id, seriesId, title });
      await this.#open(id);
    } catch (error) {
      this.session.notices.fault(error, 'The segmentation could not be made');
    } finally {
      this.opening = false;
    }
  }

  async rename(id: string, title: string): Promise<void> {
    try {
      await this.session.client.segmentations.rename({ segmentationId: id, title });
      const open = this.open;
      if (open?.overlay.id !== id) return;
      this.open = { ...open, overlay: { ...open.overlay, title } };
      this.#show();
    } catch (error) {
      this.session.notices.fault(error, 'The segmentation could not be renamed');
    }
  }

  async remove(id: string): Promise<void> {
    try {
      if (this.open?.overlay.id === id) {
        this.open.line.queue.drop();
        this.close();
      }
      await this.session.client.segmentations.remove({ segmentationId: id });
      await this.session.refreshOverlays();
    } catch (error) {
      this.session.notices.fault(error, 'The segmentation could not be deleted');
    }
  }

  /** Leaves editing; what was drawn is sent on until it is kept. */
  close(): void {
    this.cancelStroke();
    const open = this.open;
    if (open === null) return;
    this.busy?.cancel();
    this.tool = null;
    this.open = null;
    this.history = null;
    open.line.listen(() => {});
    this.#refreshSurfaces(open.overlay.id);
    // Shown as it is here until all of it is there.
    const letGo = (): void => {
      this.session.marks.letGo(open.overlay.id);
      void this.session.refreshOverlays().catch(() => undefined);
    };
    if (open.line.saving.kind === 'saved') letGo();
    else open.line.listen((saving) => saving.kind === 'saved' && letGo());
  }

  async #open(id: string): Promise<void> {
    this.close();
    await this.session.refreshOverlays();
    const overlay = this.session.marks.overlays.find((one) => one.id === id);
    if (overlay?.kind !== 'labelmap') throw new Error('it is no longer there');
    const line = lineOf(this.session, id);
    if (line.queue.waiting.length > 0) throw new Error('what was drawn before is still being saved');
    const { volume } = await this.session.client.studies.images({ seriesId: overlay.seriesId });
    const { segmentation, labels } = await openSegmentation(
      this.session,
      id,
      overlay.dims,
      AbortSignal.timeout(120_000),
    );
    this.#measures = labels.slices.map((slice) => measureSlice(slice, overlay.dims[0]));
    this.history = EditHistory.of(segmentation);
    this.open = {
      overlay,
      labels,
      line,
      voxelMl: volume.kind === 'volume' ? voxelMl(volume.affineVoxelToPatient) : null,
    };
    this.store.adopt(overlay, labels.slices);
    this.#show();
    this.session.marks.set(id, null, true);
    if (this.segment === null) this.value = this.segments[0]?.value ?? 1;
    this.tool ??= 'brush';
    line.listen((saving) => this.#told(saving));
    void this.#fetchAhead();
  }

  #told(saving: Saving): void {
    this.saving = saving;
    if (saving.kind !== 'refused') return;
    const open = this.open;
    this.session.notices.tell(
      saving.conflict
        ? 'This segmentation was edited in another window: it is shown as it is there, and your last edit was not taken.'
        : `The last edit was not kept: ${saving.reason}`,
      'danger',
    );
    open?.line.queue.drop();
    if (open !== null) void this.#open(open.overlay.id).catch((error) => this.session.notices.fault(error));
  }

  /** What the other parts of the window see of it: names, colours, how much and where. */
  #show(createdAt?: string): void {
    const open = this.open;
    if (open === null) return;
    const found = measureLabels(this.#measures);
    const ml = open.voxelMl;
    const overlay: LabelMap = {
      ...open.overlay,
      ...(createdAt === undefined ? {} : { createdAt }),
      labels: this.segments.map((segment) => {
        const one = found.get(segment.value);
        const voxels = one?.voxels ?? 0;
        return { ...segment, voxels, volumeMl: ml === null ? null : voxels * ml, bounds: one ? [...one.bounds] : null };
      }),
    };
    if (createdAt !== undefined) this.store.adopt(overlay, open.labels.slices);
    this.open = { ...open, overlay };
    this.session.marks.hold(overlay);
  }

  #refreshSurfaces(id: string): void {
    if (this.#surfaces !== null) clearTimeout(this.#surfaces);
    this.#surfaces = null;
    const held = this.session.marks.overlays.find((one) => one.id === id);
    if (held?.kind !== 'labelmap' || this.viewer.shownLayout === 'stack') return;
    if (this.open !== null) this.#show(new Date().toISOString());
  }

  /** Voxels of these slices have changed. */
  #changed(slices: readonly number[]): void {
    const open = this.open;
    if (open === null) return;
    for (const k of slices) {
      const slice = open.labels.slices[k];
      if (slice !== undefined) this.#measures[k] = measureSlice(slice, open.labels.dims[0]);
    }
    this.#show();
    this.store.edits++;
    if (this.#surfaces !== null) clearTimeout(this.#surfaces);
    this.#surfaces = setTimeout(() => this.#refreshSurfaces(open.overlay.id), SURFACES_MS);
  }

  /** Draws at most once a frame. */
  #drawSoon(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      this.store.edits++;
    });
  }

  /** Why nothing can be drawn now, in words; null where it can. */
  refusal(): string | null {
    if (this.open === null) return 'Nothing is being edited.';
    if (this.busy !== null) return `“${this.busy.title}” is under way.`;
    if (this.segment === null) return 'There is no segment to draw: add one.';
    if (this.locked.has(this.value)) return `${this.segment.name} is locked.`;
    if (!this.session.marks.isShown(this.open.overlay.id, this.value)) return `${this.segment.name} is hidden.`;
    return null;
  }

  /** Begins an edit; null, and said, where there can be none. */
  begin(erase: boolean, within: ((k: number, at: number) => boolean) | null): Stroke | null {
    const refusal = this.refusal();
    const open = this.open;
    if (refusal !== null || open === null) {
      if (refusal !== null) this.session.notices.tell(refusal, 'warning');
      return null;
    }
    this.cancelStroke();
    const { locked, value } = this;
    const only = erase ? [value] : this.keepOthers ? [0] : undefined;
    this.#stroke = new Stroke(open.labels, { value: erase ? 0 : value, may: mayOver({ locked, only }), within });
    return this.#stroke;
  }

  /** The stroke under way has changed something. */
  moved(): void {
    this.#drawSoon();
  }

  /** Bounds of a segment as it is now; null where it is empty. */
  boundsOf(value: number): Box | null {
    return measureLabels(this.#measures).get(value)?.bounds ?? null;
  }

  /** Works something out in a worker and makes an edit of it; nothing else is drawn meanwhile. */
  async work(title: string, work: Work, use: (result: Uint8Array) => Stroke): Promise<void> {
    const { open } = this;
    if (open === null || this.busy !== null) return;
    this.cancelStroke();
    const stop = new AbortController();
    const cancel = (): void => stop.abort();
    this.busy = { title, fraction: null, cancel };
    try {
      const result = await runWork(work, (fraction) => (this.busy = { title, fraction, cancel }), stop.signal);
      // Cancelled, or left meanwhile.
      if (result === null || this.open?.overlay.id !== open.overlay.id) return;
      this.busy = null;
      this.keep(title, use(result));
    } catch (error) {
      this.session.notices.tell(`“${title}” did not come to an end: ${wordsOf(error)}`, 'danger');
    } finally {
      this.busy = null;
    }
  }

  /** A stroke that is finished is an edit. */
  keep(title: string, stroke: Stroke): void {
    if (stroke.changed === 0) return this.session.notices.tell(`“${title}” changed nothing.`);
    this.#keep(title, stroke.difference(), null, stroke.touched);
  }

  finish(title: string): void {
    const stroke = this.#stroke;
    this.#stroke = null;
    if (stroke !== null) this.#keep(title, stroke.difference(), null, stroke.touched);
  }

  /** What is under way is left; false where nothing is. */
  cancel(): boolean {
    const underWay = this.busy !== null || this.#stroke !== null || this.outline !== null;
    this.busy?.cancel();
    this.cancelStroke();
    return underWay;
  }

  cancelStroke(): void {
    this.outline = null;
    const stroke = this.#stroke;
    this.#stroke = null;
    if (stroke === null) return;
    stroke.cancel();
    this.store.edits++;
  }

  #keep(title: string, difference: Uint8Array | null, segments: Segment[] | null, touched: readonly number[]): void {
    const { open, history } = this;
    if (open === null || history === null || (difference === null && segments === null)) return;
    const id = newId();
    const bytes = difference ?? new Uint8Array(0);
    this.history = history.with({ id, title, bytes: bytes.length, segments, difference: bytes });
    open.line.queue.put({ kind: 'edit', id, parent: history.current, title, segments, difference: bytes });
    this.#changed(touched);
  }

  undo(): void {
    if (this.busy !== null) return;
    if (this.#stroke !== null) this.cancelStroke();
    else void this.#step('backward');
  }
  redo(): void {
    if (this.busy !== null) return;
    void this.#step('forward');
  }

  async #step(direction: 'forward' | 'backward'): Promise<void> {
    const { open, history } = this;
    const entry = direction === 'backward' ? history?.last : history?.next;
    if (open === null || history === null || !entry || this.#stepping || this.#stroke !== null) return;
    this.#stepping = true;
    try {
      let { difference } = entry;
      if (difference === null && entry.bytes > 0) {
        difference = await fetchDifference(this.session, open.overlay.id, entry.id);
        // Left meanwhile.
        if (this.open?.overlay.id !== open.overlay.id) return;
      }
      const bytes = difference ?? new Uint8Array(0);
      if (bytes.length > 0) {
        const strange = applyDifference(bytes, direction, (k) => open.labels.slices[k] ?? null);
        if (strange > 0) {
          // What is shown cannot be trusted any more: what is stored can.
          await this.#open(open.overlay.id);
          throw new Error('the labels were not what the edit had left, and were read again');
        }
      }
      const from = history.current;
      this.history = history.filled(entry.id, bytes).stepped(direction === 'backward' ? -1 : 1);
      const to = this.history.current;
      open.line.queue.put({ kind: 'move', id: newId(), from, to, difference: new Uint8Array(0) });
      if (this.segment === null) this.value = this.segments[0]?.value ?? 1;
      this.#changed(bytes.length === 0 ? [] : changedSlices(bytes));
      void this.#fetchAhead();
    } catch (error) {
      this.session.notices.tell(`The step could not be made: ${wordsOf(error)}`, 'danger');
    } finally {
      this.#stepping = false;
    }
  }

  /** The next steps back and on, where they are not in memory. */
  async #fetchAhead(): Promise<void> {
    const { open, history } = this;
    if (open === null || history === null) return;
    const near = [
      ...history.entries.slice(Math.max(0, history.at - AHEAD), history.at).reverse(),
      ...history.entries.slice(history.at, history.at + 1),
    ];
    for (const { id, bytes, difference } of near) {
      if (difference !== null || bytes > AHEAD_BYTES) continue;
      const fetched =
        bytes === 0 ? new Uint8Array(0) : await fetchDifference(this.session, open.overlay.id, id).catch(() => null);
      if (fetched === null || this.open?.overlay.id !== open.overlay.id) return;
      this.history = this.history?.filled(id, fetched) ?? null;
    }
  }

  /** Remembered over sessions. */
  setSafeColors(safe: boolean): void {
    this.session.marks.safeColors = safe;
    this.session.client.settings
      .set({ key: SAFE_COLORS, value: safe ? 'yes' : 'no' })
      .catch((error) => this.session.notices.fault(error, 'The choice of colours could not be kept'));
  }

  setRadius(radius: number): void {
    this.radius = Math.round(Math.min(RADIUS_MM.most, Math.max(RADIUS_MM.least, radius)) * 10) / 10;
  }
  /** By a notch: a tenth of it, half a millimetre at least. */
  resize(by: 1 | -1): void {
    this.setRadius(this.radius + by * Math.max(0.5, this.radius * 0.1));
  }

  addSegment(): void {
    const taken = new Set(this.segments.map(({ value }) => value));
    const value = Array.from({ length: 255 }, (_, n) => n + 1).find((n) => !taken.has(n));
    if (value === undefined) return this.session.notices.tell('A segmentation holds at most 255 segments.', 'warning');
    const made = { value, name: `Segment ${value}`, code: null, color: safeColor(value - 1) };
    this.#keep('New segment', null, [...this.segments, made], []);
    this.value = value;
  }

  changeSegment(value: number, change: Partial<Pick<Segment, 'name' | 'color' | 'code'>>): void {
    const segments = this.segments.map((segment) => (segment.value === value ? { ...segment, ...change } : segment));
    this.#keep(change.name === undefined ? 'Recolour segment' : 'Rename segment', null, segments, []);
  }

  /** With its voxels; undo brings both back. */
  removeSegment(value: number): void {
    const open = this.open;
    if (open === null || this.locked.has(value)) return;
    this.cancelStroke();
    const stroke = new Stroke(open.labels, {
      value: 0,
      may: mayOver({ locked: new Set(), only: [value] }),
      within: null,
    });
    for (const [k, slice] of this.#measures.entries()) {
      const one = slice.get(value);
      if (one !== undefined) for (let y = one.y0; y < one.y1; y++) stroke.span(k, y, one.x0, one.x1);
    }
    const segments = this.segments.filter((segment) => segment.value !== value);
    this.#keep('Delete segment', stroke.difference(), [...segments], stroke.touched);
    if (this.value === value) this.value = segments[0]?.value ?? 1;
  }

  chooseSegment(by: 1 | -1): void {
    const at = this.segments.findIndex(({ value }) => value === this.value);
    const next = this.segments[(at + by + this.segments.length) % Math.max(1, this.segments.length)];
    if (next !== undefined) this.value = next.value;
  }
}
