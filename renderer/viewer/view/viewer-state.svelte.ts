import type { Vec3 } from '../../../models/kit/geometry.ts';
import { spacingOf } from '../../../models/kit/geometry.ts';
import type { Frame, Region, SeriesImages, VolumeShape } from '../../../preload/contract/index.ts';
import { type Session, wordsOf } from '../../session/index.ts';
import { openingIndex, type PixelStore } from '../data/pixel-store.ts';
import { rangeOf } from '../data/pixels.ts';
import type { SeriesPixels } from '../data/series-pixels.svelte.ts';
import type { ColorMapId } from '../display/color-maps.ts';
import { type Palette, paletteOf } from '../display/colored.ts';
import { measuresOf } from '../measure/measures.svelte.ts';
import type { Applied } from '../presentation/applied.svelte.ts';
import type { ToolId } from '../tools/index.ts';
import type { Board } from './board.svelte.ts';
import { type Presentation, toCanvas, UPRIGHT } from './camera.ts';
import { PLANES } from './cut.ts';
import { unevenGapsMm } from './gaps.ts';
import { openingWindow, presetsFor, type ShownWindow, tablesOf } from './presets.ts';
import { Reformat, type Reformatted } from './reformat.svelte.ts';
import { SceneView } from './scene-view.svelte.ts';
import { type SliceId, SliceView } from './slice-view.svelte.ts';

export type Layout = 'stack' | 'planes';
/** Images a second where the file wishes none. */
const DEFAULT_SPEED = 15;

export type ViewId = SliceId | '3d';

/** How a series was left, so that it looks the same when it is shown again. */
interface Left {
  readonly cursor: Vec3;
  readonly window: ShownWindow | null;
  readonly inverted: boolean;
  readonly colors: ColorMapId;
  readonly framesPerSecond: number;
  readonly sweep: boolean;
  readonly presentations: Readonly<Record<SliceId, Presentation>>;
  readonly reformatted: Reformatted;
}

/** Echoes, times and b-values of one place follow one another in place: only what is seen there changes. */
const onSameGrid = (a: SeriesImages, b: SeriesImages): boolean => {
  const [one, other] = [a.volume, b.volume];
  if (one.kind !== 'volume' || other.kind !== 'volume' || a.frameOfReferenceUid !== b.frameOfReferenceUid) return false;
  return (
    a.frameOfReferenceUid !== null &&
    one.dims.every((size, axis) => size === other.dims[axis]) &&
    one.affineVoxelToPatient.every((part, n) => Math.abs(part - (other.affineVoxelToPatient[n] ?? 0)) < 1e-3)
  );
};

/** What one cell shows, where and how. Pictures, cameras and marks are derived from it. */
export class ViewerState {
  readonly board: Board;
  readonly session: Session;
  readonly store: PixelStore;
  /** The series that is shown or on its way; null: the cell is empty. */
  seriesId = $state<string | null>(null);
  pixels = $state.raw<SeriesPixels | null>(null);
  /** Words where the series could not be opened. */
  trouble = $state<string | null>(null);
  opening = $state(false);
  layout = $state<Layout>('stack');
  maximised = $state<ViewId | null>(null);
  activeId = $state<ViewId>('stack');
  cine = $state(false);
  framesPerSecond = $state(DEFAULT_SPEED);
  /** Back and forth instead of round and round. */
  sweep = $state(false);
  /** Voxel looked at: [column, row, slice]; the slice is the frame's index. */
  cursor = $state.raw<Vec3>([0, 0, 0]);
  /** The same point between the voxels (a voxel's middle is whole): where turned planes cross. */
  point = $state.raw<Vec3>([0, 0, 0]);
  /** Modality values; null: what the image opens with. */
  window = $state.raw<ShownWindow | null>(null);
  inverted = $state(false);
  /** Colours over the greys. */
  colors = $state<ColorMapId>('grey');
  /** The presentation that the stack is looked at by; null: none. */
  applied = $state.raw<Applied | null>(null);

  readonly stack: SliceView;
  readonly planes: readonly SliceView[];
  readonly reformat: Reformat;
  readonly scene: SceneView;
  readonly #left = new Map<string, Left>();
  #opening: AbortController | null = null;

  constructor(board: Board) {
    this.board = board;
    this.session = board.session;
    this.store = board.store;
    this.reformat = new Reformat(this);
    this.stack = new SliceView('stack', this);
    this.planes = PLANES.map((name) => new SliceView(name, this));
    this.scene = new SceneView(this);
  }

  /** Of all cells. */
  get tool(): ToolId {
    return this.board.tool;
  }
  set tool(tool: ToolId) {
    this.board.tool = tool;
  }
  get textShown(): boolean {
    return this.board.textShown;
  }
  set textShown(shown: boolean) {
    this.board.textShown = shown;
  }

  /** Whose images these are, and which series; null while that is not known. */
  readonly owner = $derived.by(() => this.board.owner(this.seriesId));
  /** Another study of the same patient lies here: nothing drawn on it belongs to the open study's report. */
  readonly ofAnotherStudy = $derived.by(() => this.owner !== null && this.owner.study.id !== this.session.study?.id);

  readonly volume = $derived.by<Extract<VolumeShape, { kind: 'volume' }> | null>(() => {
    const volume = this.pixels?.images.volume;
    return volume?.kind === 'volume' && this.pixels?.whole === true ? volume : null;
  });
  /** Why there are no planes; null where there are. */
  readonly noPlanes = $derived.by<string | null>(() => {
    const pixels = this.pixels;
    if (pixels === null) return 'No series is open.';
    if (pixels.images.volume.kind === 'none') return pixels.images.volume.reason;
    if (pixels.whole) return null;
    const size = `${(pixels.totalBytes / 1e9).toFixed(1)} GB`;
    return pixels.short
      ? `This machine's memory does not hold the series (${size}): images are loaded around the one shown.`
      : `The series has ${size}: too large for planes.`;
  });
  readonly unevenGapsMm = $derived.by(() => (this.pixels === null ? null : unevenGapsMm(this.pixels.images)));
  readonly dims = $derived.by<Vec3>(() => {
    if (this.volume !== null) return this.volume.dims;
    const frame = this.pixels?.images.frames[this.cursor[2]];
    return [frame?.columns ?? 1, frame?.rows ?? 1, this.pixels?.images.frames.length ?? 1];
  });
  readonly spacingMm = $derived.by<Vec3>(() =>
    this.volume === null ? [1, 1, 1] : spacingOf(this.volume.affineVoxelToPatient),
  );
  readonly frame = $derived.by<Frame | null>(() => this.pixels?.images.frames[this.cursor[2]] ?? null);
  /** Range of stored values for presets and for windows that the file does not give; of a volume, that of its middle. */
  readonly range = $derived.by<readonly [number, number] | null>(() => {
    const series = this.pixels;
    const frame = this.#speaker(this.frame);
    if (series === null || frame === null || frame.format === 'rgb8') return null;
    if (frame.range !== null) return frame.range;
    void series.version;
    const pixels = series.frames[frame.index] ?? series.frames[this.cursor[2]];
    return pixels ? rangeOf(pixels, frame.padding) : null;
  });
  /** Stored value that stands for what is not there yet. */
  readonly lowest = $derived.by(() => this.range?.[0] ?? 0);
  readonly voiTables = $derived.by(() => tablesOf(this.pixels?.images.voiTables));
  /** SUV of body weight that one modality value stands for; null where that is not certain. */
  readonly suvPerValue = $derived.by<number | null>(() => {
    const suv = measuresOf(this.session).sources.scalesOf(this.pixels?.images.seriesId ?? '')?.suv;
    return suv?.kind === 'known' ? suv.bodyWeight : null;
  });
  readonly presets = $derived.by(() =>
    this.frame === null ? [] : presetsFor(this.frame, this.range, this.voiTables, this.suvPerValue),
  );
  readonly shownLayout = $derived.by<Layout>(() => (this.volume === null ? 'stack' : this.layout));
  readonly views = $derived.by<readonly SliceView[]>(() => (this.shownLayout === 'stack' ? [this.stack] : this.planes));
  readonly active = $derived.by<SliceView>(
    () => this.views.find((view) => view.id === this.activeId) ?? this.views[0] ?? this.stack,
  );

  /** The window that this frame is drawn with: the reader's, or what it opens with. */
  windowFor(frame: Frame | null): ShownWindow | null {
    if (this.window !== null || frame === null) return this.window;
    const given = this.applied?.windowOn(frame) ?? null;
    if (given !== null) return given;
    return openingWindow(this.#speaker(frame) ?? frame, this.range, this.voiTables);
  }

  /** One window for all slices of a volume, taken from its middle, so that scrolling does not flicker. */
  #speaker(frame: Frame | null): Frame | null {
    const frames = this.pixels?.images.frames ?? [];
    return this.volume === null ? frame : (frames[Math.floor(frames.length / 2)] ?? frame);
  }
  readonly shownWindow = $derived.by(() => this.windowFor(this.frame));

  /** Shows a series where it was left, or at the given slice. */
  async select(seriesId: string, at: number | null = null): Promise<void> {
    if (this.pixels?.images.seriesId === seriesId && this.trouble === null && !this.pixels.stale) {
      if (at !== null) this.moveTo([this.cursor[0], this.cursor[1], at]);
      return;
    }
    this.#opening?.abort();
    const opening = new AbortController();
    this.#opening = opening;
    this.#leave();
    const before = this.pixels?.images ?? null;
    this.opening = true;
    this.trouble = null;
    this.cine = false;
    this.seriesId = seriesId;
    this.board.forget(this);
    this.#tell();
    try {
      const pixels = await this.store.open(seriesId, opening.signal);
      if (opening.signal.aborted) return;
      const first = pixels.images.frames[0];
      if (first === undefined) throw new Error('This series has no image that can be shown.');
      const left = this.#left.get(seriesId);
      const follows = before !== null && onSameGrid(before, pixels.images);
      const middle = openingIndex(pixels.images);
      const fresh = [Math.floor(first.columns / 2), Math.floor(first.rows / 2), middle] as const;
      const cursor = follows ? this.cursor : (left?.cursor ?? fresh);
      this.pixels = pixels;
      this.window = left?.window ?? null;
      this.inverted = left?.inverted ?? this.#opensInverted();
      this.colors = left?.colors ?? 'grey';
      this.framesPerSecond = left?.framesPerSecond ?? pixels.images.cine?.framesPerSecond ?? DEFAULT_SPEED;
      this.sweep = left?.sweep ?? pixels.images.cine?.sweep ?? false;
      if (!follows) {
        this.reformat.restore(left?.reformatted ?? null);
        for (const view of [this.stack, ...this.planes]) view.presentation = left?.presentations[view.id] ?? UPRIGHT;
      }
      this.moveTo([cursor[0], cursor[1], at ?? cursor[2]]);
    } catch (error) {
      if (opening.signal.aborted) return;
      this.pixels = null;
      this.trouble = wordsOf(error);
    } finally {
      if (!opening.signal.aborted) this.opening = false;
    }
  }

  /** To a voxel: whole, or continuous coordinates within it (outer corner 0, 0, 0). */
  moveTo(voxel: Vec3): void {
    const at = this.#within(voxel.map((value) => Math.floor(value + 1e-9)) as unknown as Vec3);
    if (at !== null) this.#look(at, at);
  }

  /** To a place between the voxels (a voxel's middle is whole), no farther than the volume's faces. */
  moveToPoint(point: Vec3): void {
    const { volume } = this;
    const voxel = this.#within(point.map(Math.round) as unknown as Vec3);
    if (voxel === null || volume === null) return;
    const within = (n: 0 | 1 | 2): number => Math.min(volume.dims[n] - 0.5, Math.max(-0.5, point[n]));
    this.#look([within(0), within(1), within(2)], voxel);
  }

  /** Onto the voxel again, where no plane needs a place between them. */
  settle(): void {
    if (!this.reformat.isFree) this.point = this.cursor;
  }

  #within(voxel: Vec3): Vec3 | null {
    const pixels = this.pixels;
    if (pixels === null) return null;
    const within = (value: number, size: number): number => Math.min(size - 1, Math.max(0, value));
    const k = within(voxel[2], pixels.images.frames.length);
    const frame = pixels.images.frames[k];
    return [within(voxel[0], frame?.columns ?? 1), within(voxel[1], frame?.rows ?? 1), k];
  }

  #look(point: Vec3, voxel: Vec3): void {
    this.point = point;
    this.cursor = voxel;
    this.#tell();
    this.pixels?.want(voxel[2]);
    this.board.follow(this);
  }

  /** To the region: its series, slice and place, in whatever layout is shown. */
  async goTo(region: Region): Promise<void> {
    this.cine = false;
    await this.select(region.seriesId, region.frameIndex);
    const pixels = this.pixels;
    if (pixels?.images.seriesId !== region.seriesId) return;
    // The image is what is meant: its number in the series may have changed since, its UID has not.
    const byUid = pixels.images.frames.filter((frame) => frame.instanceUid === region.instanceUid);
    const frame = byUid.find((one) => one.index === region.frameIndex) ?? byUid[0];
    if (frame === undefined) {
      this.session.notices.tell('The image of this region is no longer in the series.', 'warning');
      return;
    }
    const box = region.kind === 'box' ? region.box : null;
    const bounds = region.kind === 'label' ? region.bounds : null;
    const x = box ? (box[0] + box[2]) / 2 : bounds ? (bounds[0] + bounds[3]) / 2 : this.cursor[0];
    const y = box ? (box[1] + box[3]) / 2 : bounds ? (bounds[1] + bounds[4]) / 2 : this.cursor[1];
    this.moveTo([x, y, frame.index]);
    for (const view of this.views) this.#bringIntoView(view);
  }

  /** To a place (a voxel's middle is whole), brought into each view that does not show it. */
  lookAt(point: Vec3): void {
    if (this.reformat.isFree) this.moveToPoint(point);
    else this.moveTo([point[0] + 0.5, point[1] + 0.5, point[2] + 0.5]);
    for (const view of this.views) this.#bringIntoView(view);
  }

  setWindow(window: ShownWindow | null): void {
    this.window = window;
  }

  preset(index: number): void {
    const preset = this.presets[index];
    if (preset !== undefined) this.window = preset;
  }

  resetViews(): void {
    this.window = null;
    this.inverted = this.#opensInverted();
    this.colors = 'grey';
    for (const view of this.views) view.reset();
    if (this.shownLayout === 'planes') this.scene.reset();
  }

  /** Colours that the file lays over this image; null where there are none. */
  paletteOf(frame: Frame): Palette | null {
    const encoded = frame.palette === undefined ? undefined : this.pixels?.images.palettes?.[frame.palette];
    return encoded === undefined ? null : paletteOf(encoded);
  }

  /** Uptake is read dark on white. */
  #opensInverted(): boolean {
    return this.owner?.series.modality === 'PT' && this.pixels?.images.frames[0]?.format !== 'rgb8';
  }

  /** Nothing is shown here any more; how the series was left is remembered. */
  empty(): void {
    this.#opening?.abort();
    this.#leave();
    this.cine = false;
    this.maximised = null;
    this.opening = false;
    this.trouble = null;
    this.seriesId = null;
    this.pixels = null;
    this.board.forget(this);
  }

  close(): void {
    this.empty();
  }

  #tell(): void {
    if (this.board.active === this) this.board.tellSession();
  }

  /** Where the cursor would be off the canvas, the image is moved so that it is in the middle. */
  #bringIntoView(view: SliceView): void {
    const { image, placement } = view;
    if (image === null || placement === null) return;
    const [i, j, k] = this.point;
    const [ix, iy] = view.imageOf([i + 0.5, j + 0.5, k + 0.5]);
    const [cx, cy] = toCanvas(placement, ix, iy);
    const margin = 24;
    if (cx > margin && cy > margin && cx < view.width - margin && cy < view.height - margin) return;
    view.presentation = {
      ...view.presentation,
      center: [(ix - image.columns / 2) * image.pixelSize[0], (iy - image.rows / 2) * image.pixelSize[1]],
    };
  }

  #leave(): void {
    this.applied?.leave();
    const pixels = this.pixels;
    if (pixels === null) return;
    const all = [this.stack, ...this.planes].map((view) => [view.id, view.presentation] as const);
    this.#left.set(pixels.images.seriesId, {
      cursor: this.cursor,
      window: this.window,
      inverted: this.inverted,
      colors: this.colors,
      framesPerSecond: this.framesPerSecond,
      sweep: this.sweep,
      presentations: Object.fromEntries(all) as Record<SliceId, Presentation>,
      reformatted: this.reformat.state,
    });
  }
}
