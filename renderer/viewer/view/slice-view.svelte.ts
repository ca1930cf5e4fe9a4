import type { Vec3 } from '../../../models/kit/geometry.ts';
import { cross, orientationLetters, scale, subtract, voxelToPatient } from '../../../models/kit/geometry.ts';
import type { Frame, PixelBox } from '../../../preload/contract/index.ts';
import { blank, type PixelArray } from '../data/pixels.ts';
import { type ImageShape, linearOf, type Presentation, place, toImage, UPRIGHT } from './camera.ts';
import { axesOf, type Cut, cutInto, cutsOf, imageToVoxel, type PlaneName, STACK_CUT, voxelToImage } from './cut.ts';
import { levelsKey, levelsOf, needsLevels } from './levels.ts';
import { type ImagePlane, planeOf } from './link.ts';
import { windowEdges } from './presets.ts';
import type { ViewerState } from './viewer-state.svelte.ts';

export type SliceId = 'stack' | PlaneName;

/** What a painter needs to draw one image: derived, never changed in place. */
export interface Picture {
  /** Another key, other pixels. */
  readonly key: string;
  readonly image: ImageShape;
  readonly rgb: boolean;
  /** rows * columns stored values (times 3 where rgb). */
  readonly pixels: PixelArray;
  /** Stored values drawn black and white; low may be above high. */
  readonly edges: readonly [number, number];
}

export interface Probe {
  /** Image coordinates, outer corner 0, 0. */
  readonly x: number;
  readonly y: number;
  readonly text: string;
}

/** One view of slices: which cut of the series, where the reader has placed it, and all that follows from these. */
export class SliceView {
  readonly id: SliceId;
  readonly viewer: ViewerState;
  width = $state(0);
  height = $state(0);
  presentation = $state.raw<Presentation>(UPRIGHT);
  /** Pointer over the image, canvas pixels. */
  pointer = $state.raw<readonly [number, number] | null>(null);
  /** The last frame that could be painted stays until the next has come: no flashes. */
  #last: Picture | null = null;
  #planes: { key: string; pixels: PixelArray } | null = null;

  constructor(id: SliceId, viewer: ViewerState) {
    this.id = id;
    this.viewer = viewer;
  }

  readonly cut = $derived.by<Cut>(() => {
    const volume = this.viewer.volume;
    return this.id === 'stack' || volume === null ? STACK_CUT : cutsOf(volume.affineVoxelToPatient)[this.id];
  });
  readonly index = $derived.by(() => this.viewer.cursor[this.cut.normal]);
  readonly count = $derived.by(() => this.viewer.dims[this.cut.normal]);
  /** The frame shown, or for a plane across the frames one that speaks for all. */
  readonly frame = $derived.by<Frame | null>(() => {
    const frames = this.viewer.pixels?.images.frames ?? [];
    return frames[this.cut.normal === 2 ? this.index : Math.floor(frames.length / 2)] ?? null;
  });

  /** Millimetres of a pixel, [x, y]; null where they are not known. */
  readonly pixelSizeMm = $derived.by<readonly [number, number] | null>(() => {
    const frame = this.frame;
    if (frame === null) return null;
    if (this.cut === STACK_CUT || this.viewer.volume === null)
      return frame.calibration.kind === 'known'
        ? [frame.calibration.spacingMm[1], frame.calibration.spacingMm[0]]
        : null;
    const spacing = this.viewer.spacingMm;
    return [spacing[this.cut.x.axis], spacing[this.cut.y.axis]];
  });
  readonly image = $derived.by<ImageShape | null>(() => {
    const frame = this.frame;
    if (frame === null) return null;
    const pixelSize = this.pixelSizeMm ?? [1, 1];
    if (this.cut === STACK_CUT || this.viewer.volume === null)
      return { columns: frame.columns, rows: frame.rows, pixelSize };
    const dims = this.viewer.dims;
    return { columns: dims[this.cut.x.axis], rows: dims[this.cut.y.axis], pixelSize };
  });
  /** Where the image as shown lies in the patient; null where that is not known. Pixel centres. */
  readonly plane = $derived.by<ImagePlane | null>(() => {
    const { volume, cursor, dims } = this.viewer;
    if (volume === null || this.cut === STACK_CUT) return planeOf(this.frame);
    const affine = volume.affineVoxelToPatient;
    const first: [number, number, number] = [cursor[0], cursor[1], cursor[2]];
    for (const use of [this.cut.x, this.cut.y]) first[use.axis] = use.reversed ? dims[use.axis] - 1 : 0;
    const origin = voxelToPatient(affine, first);
    const step = (use: Cut['x']): Vec3 => {
      const next: [number, number, number] = [first[0], first[1], first[2]];
      next[use.axis] += use.reversed ? -1 : 1;
      return subtract(voxelToPatient(affine, next), origin);
    };
    const [right, down] = [step(this.cut.x), step(this.cut.y)];
    return { origin, right, down, normal: cross(right, down) };
  });
  readonly placement = $derived.by(() =>
    this.image === null || this.width === 0 || this.height === 0
      ? null
      : place(this.image, this.presentation, this.width, this.height),
  );

  /** Unit vectors in the patient to the right and down on the image as stored; null where not known. */
  readonly directions = $derived.by<readonly [Vec3, Vec3] | null>(() => {
    const volume = this.viewer.volume;
    const frame = this.frame;
    if (volume !== null && this.cut !== STACK_CUT) {
      const axes = axesOf(volume.affineVoxelToPatient);
      const along = (use: Cut['x']): Vec3 => scale(axes[use.axis], use.reversed ? -1 : 1);
      return [along(this.cut.x), along(this.cut.y)];
    }
    return frame?.rowDirection && frame.columnDirection ? [frame.rowDirection, frame.columnDirection] : null;
  });
  /** Letters at the right and lower edge as drawn, and their opposites at the left and upper. */
  readonly letters = $derived.by<{ right: string; bottom: string; left: string; top: string } | null>(() => {
    if (this.directions === null) return null;
    const [right, down] = this.directions;
    const [a, b, c, d] = linearOf(this.presentation);
    // The linear part is its own transpose's inverse: screen x lies along a·right + c·down.
    const toward = (p: number, q: number): string =>
      orientationLetters([0, 1, 2].map((n) => p * (right[n] ?? 0) + q * (down[n] ?? 0)) as unknown as Vec3);
    return { right: toward(a, c), left: toward(-a, -c), bottom: toward(b, d), top: toward(-b, -d) };
  });
  /** 'S 42.5 mm': where the plane stands along the patient axis nearest to its normal. */
  readonly position = $derived.by<string | null>(() => {
    const volume = this.viewer.volume;
    const mm =
      volume !== null
        ? voxelToPatient(volume.affineVoxelToPatient, this.viewer.cursor)
        : (this.frame?.positionMm ?? null);
    const normal = this.directions;
    if (mm === null || normal === null) return null;
    const [r, d] = normal;
    const n = [r[1] * d[2] - r[2] * d[1], r[2] * d[0] - r[0] * d[2], r[0] * d[1] - r[1] * d[0]];
    const axis = [0, 1, 2].toSorted((p, q) => Math.abs(n[q] ?? 0) - Math.abs(n[p] ?? 0))[0] ?? 2;
    const value = mm[axis] ?? 0;
    const letter = (value < 0 ? 'RAI' : 'LPS')[axis] ?? '';
    return `${letter} ${Math.abs(value).toFixed(1)} mm`;
  });

  /** Stored values of the plane, and whether all its frames had come when they were taken. */
  /**
   * 1 where a higher index is further down the stack as it is read (head to feet, front to back, right to left), -1 where
   * it is further up.
   */
  readonly order = $derived.by<1 | -1>(() => {
    const volume = this.viewer.volume;
    const frames = this.viewer.pixels?.images.frames ?? [];
    const [first, last] = [frames[0]?.positionMm, frames.at(-1)?.positionMm];
    const along =
      volume !== null
        ? axesOf(volume.affineVoxelToPatient)[this.cut.normal]
        : first && last
          ? ([last[0] - first[0], last[1] - first[1], last[2] - first[2]] as const)
          : null;
    if (along === null) return 1;
    const axis = ([0, 1, 2] as const).toSorted((p, q) => Math.abs(along[q]) - Math.abs(along[p]))[0] ?? 2;
    if (along[axis] === 0) return 1;
    return along[axis] > 0 === (axis !== 2) ? 1 : -1;
  });
  /** Counted from 1 in reading order. */
  readonly imageNumber = $derived.by(() => (this.order === 1 ? this.index + 1 : this.count - this.index));

  readonly #taken = $derived.by<{ pixels: PixelArray; whole: boolean } | null>(() => {
    const series = this.viewer.pixels;
    if (series === null) return null;
    void series.version;
    if (this.cut === STACK_CUT) {
      const pixels = series.frames[this.index];
      return pixels ? { pixels, whole: true } : null;
    }
    const volume = this.viewer.volume;
    const image = this.image;
    if (volume === null || image === null) return null;
    const key = `${series.images.pixelTag}/${this.id}/${this.index}`;
    if (this.#planes?.key === key) return { pixels: this.#planes.pixels, whole: true };
    const pixels = blank(volume.format, image.columns * image.rows);
    const low = this.viewer.lowest;
    if (low !== 0) pixels.fill(low);
    const whole = cutInto(series.frames, volume.dims, this.cut, this.index, pixels);
    if (whole) this.#planes = { key, pixels };
    return this.cut.normal !== 2 || whole ? { pixels, whole } : null;
  });
  readonly pixels = $derived.by(() => this.#taken?.pixels ?? null);

  readonly picture = $derived.by<Picture | null>(() => {
    const frame = this.frame;
    const image = this.image;
    const series = this.viewer.pixels;
    const taken = this.#taken;
    const pixels = taken?.pixels ?? null;
    const window = this.viewer.windowFor(frame);
    if (frame === null || image === null || series === null) return null;
    if (taken === null || pixels === null || window === null)
      return this.#last?.key.startsWith(`${series.images.seriesId}/`) ? this.#last : null;
    const key = `${series.images.seriesId}/${series.images.pixelTag}/${this.cut === STACK_CUT ? 'stack' : this.id}/${this.index}${taken.whole ? '' : `/${series.version}`}`;
    const dark = this.viewer.inverted !== frame.inverted;
    const rgb = frame.format === 'rgb8';
    if (needsLevels(frame, window, dark)) {
      this.#last = {
        key: `${key}/${levelsKey(window, dark)}`,
        image,
        rgb,
        pixels: levelsOf(pixels, frame, window, dark),
        edges: [0, 255],
      };
      return this.#last;
    }
    const slope = frame.slope === 0 ? 1 : frame.slope;
    const [low, high] = windowEdges(window).map((edge) => (rgb ? edge : (edge - frame.intercept) / slope)) as [
      number,
      number,
    ];
    this.#last = { key, image, rgb, pixels, edges: dark ? [high, low] : [low, high] };
    return this.#last;
  });
  /** True where what is painted is the frame that is asked for. */
  readonly ready = $derived.by(() => this.picture !== null && this.pixels !== null);

  readonly probe = $derived.by<Probe | null>(() => {
    const { pointer, placement, image, frame, pixels } = this;
    if (pointer === null || placement === null || image === null || frame === null || pixels === null) return null;
    const [x, y] = toImage(placement, pointer[0], pointer[1]);
    if (x < 0 || y < 0 || x >= image.columns || y >= image.rows) return null;
    const at = Math.floor(y) * image.columns + Math.floor(x);
    if (frame.format === 'rgb8') {
      const [r, g, b] = [pixels[at * 3] ?? 0, pixels[at * 3 + 1] ?? 0, pixels[at * 3 + 2] ?? 0];
      return { x, y, text: `R ${r} G ${g} B ${b}` };
    }
    const stored = pixels[at] ?? 0;
    const { padding } = frame;
    if (padding !== undefined && stored >= padding[0] && stored <= padding[1]) return { x, y, text: 'no value (fill)' };
    const value = stored * frame.slope + frame.intercept;
    const digits = Number.isInteger(frame.slope) && frame.format !== 'float32' ? 0 : 2;
    return { x, y, text: `${value.toFixed(digits)}${frame.unit === '' ? '' : ` ${frame.unit}`}` };
  });

  /** Half-open voxel bounds of a pixel box on this view, and the box of such bounds. */
  boxOf(bounds: readonly [Vec3, Vec3]): PixelBox {
    const dims = this.viewer.dims;
    const [ax, ay] = voxelToImage(this.cut, dims, bounds[0]);
    const [bx, by] = voxelToImage(this.cut, dims, bounds[1]);
    return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
  }

  /** Continuous voxel coordinates under an image point; along the normal the middle of the slice. */
  voxelAt(x: number, y: number): Vec3 {
    return imageToVoxel(this.cut, this.viewer.dims, x, y, this.index + 0.5);
  }

  /** By so many images in reading order. */
  scroll(by: number): void {
    this.goToIndex(this.index + by * this.order);
  }

  /** 1 is the first in reading order. */
  goToImage(number: number): void {
    const within = Math.min(this.count, Math.max(1, Math.round(number)));
    this.goToIndex(this.order === 1 ? within - 1 : this.count - within);
  }

  goToIndex(index: number): void {
    const next = [...this.viewer.cursor] as [number, number, number];
    next[this.cut.normal] = Math.min(this.count - 1, Math.max(0, Math.round(index)));
    this.viewer.moveTo(next);
  }

  reset(): void {
    this.presentation = UPRIGHT;
  }
}
