import type { Vec3 } from '../../../models/kit/geometry.ts';
import {
  cross,
  dot,
  invert,
  orientationLetters,
  scale,
  subtract,
  voxelToPatient,
} from '../../../models/kit/geometry.ts';
import type { Frame, PixelBox } from '../../../preload/contract/index.ts';
import { blank, type PixelArray } from '../data/pixels.ts';
import { coloredOf } from '../display/colored.ts';
import { type ImageShape, linearOf, type Presentation, panned, place, toCanvas, UPRIGHT } from './camera.ts';
import { axesOf, type Cut, cutInto, cutsOf, imageToVoxel, type PlaneName, STACK_CUT, voxelToImage } from './cut.ts';
import {
  countOf,
  type FreePlane,
  freePlane,
  imageAt,
  indexOf,
  outlineIn,
  patientAt,
  withinVolume,
} from './free-plane.ts';
import { levelsKey, levelsOf, levelsOfSamples, needsLevels } from './levels.ts';
import { type ImagePlane, planeOf } from './link.ts';
import { freeJob, type Samples, slabJob } from './plane-pixels.ts';
import { windowEdges } from './presets.ts';
import { probeOf } from './probe.ts';
import { Refiner } from './refine.svelte.ts';
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
  /** Patient mm under the pointer; null where that is not known. */
  readonly mm: Vec3 | null;
  /** Value of the pixel stream, also between pixels; where the image has one channel and the pixel is no fill. */
  readonly stored?: number;
}

/** The pixels of a view: those of the file, or samples among them. */
interface Taken {
  readonly pixels: PixelArray;
  readonly whole: boolean;
  readonly key: string;
  /** Null: voxels as they are. */
  readonly samples: Samples | null;
  /** False: coarse, until the hand rests. */
  readonly full?: boolean;
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
  /** A rectangle that the hand draws, canvas pixels: two corners across. */
  rectangle = $state.raw<readonly [number, number, number, number] | null>(null);
  /** The last frame that could be painted stays until the next has come: no flashes. */
  #last: Picture | null = null;
  #planes: { key: string; pixels: PixelArray } | null = null;
  readonly #refiner = new Refiner<Samples>();

  constructor(id: SliceId, viewer: ViewerState) {
    this.id = id;
    this.viewer = viewer;
  }

  readonly cut = $derived.by<Cut>(() => {
    const volume = this.viewer.volume;
    return this.id === 'stack' || volume === null ? STACK_CUT : cutsOf(volume.affineVoxelToPatient)[this.id];
  });
  /** The plane in the patient where it does not run along the voxels; null: `cut` says all. */
  readonly free = $derived.by<FreePlane | null>(() => {
    const { volume, point, reformat } = this.viewer;
    if (volume === null || this.id === 'stack' || !reformat.isResampled(this.id)) return null;
    const turn = reformat.turnOf(this.id);
    return turn && freePlane(volume, turn, voxelToPatient(volume.affineVoxelToPatient, point));
  });
  readonly slab = $derived.by(() => this.viewer.reformat.slabOf(this.id));
  /** A plane of voxels as they were acquired is seen: what is drawn on it lies on an image. */
  readonly isImage = $derived.by(() => this.free === null && this.cut.normal === 2);
  /** Between two planes of this view. */
  readonly stepMm = $derived.by(() => this.free?.stepMm ?? this.viewer.spacingMm[this.cut.normal]);
  readonly index = $derived.by(() => (this.free === null ? this.viewer.cursor[this.cut.normal] : indexOf(this.free)));
  readonly count = $derived.by(() => (this.free === null ? this.viewer.dims[this.cut.normal] : countOf(this.free)));
  /** The frame shown, or for a plane across the frames one that speaks for all. */
  readonly frame = $derived.by<Frame | null>(() => {
    const frames = this.viewer.pixels?.images.frames ?? [];
    return frames[this.isImage ? this.index : Math.floor(frames.length / 2)] ?? null;
  });

  /** Millimetres of a pixel, [x, y]; null where they are not known. */
  readonly pixelSizeMm = $derived.by<readonly [number, number] | null>(() => {
    const frame = this.frame;
    if (frame === null) return null;
    if (this.free !== null) return [this.free.pixelMm, this.free.pixelMm];
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
    if (this.free !== null) return { columns: this.free.columns, rows: this.free.rows, pixelSize };
    if (this.cut === STACK_CUT || this.viewer.volume === null)
      return { columns: frame.columns, rows: frame.rows, pixelSize };
    const dims = this.viewer.dims;
    return { columns: dims[this.cut.x.axis], rows: dims[this.cut.y.axis], pixelSize };
  });
  /** Where the image as shown lies in the patient; null where that is not known. Pixel centres. */
  readonly plane = $derived.by<ImagePlane | null>(() => {
    const { volume, cursor, dims } = this.viewer;
    const { free } = this;
    if (free !== null)
      return {
        origin: patientAt(free, 0.5, 0.5),
        right: scale(free.right, free.pixelMm),
        down: scale(free.down, free.pixelMm),
        normal: free.normal,
      };
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
    if (this.free !== null) return [this.free.right, this.free.down];
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
        ? voxelToPatient(volume.affineVoxelToPatient, this.viewer.point)
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

  /**
   * 1 where a higher index is further down the stack as it is read (head to feet, front to back, right to left), -1 where
   * it is further up.
   */
  readonly order = $derived.by<1 | -1>(() => {
    const volume = this.viewer.volume;
    const frames = this.viewer.pixels?.images.frames ?? [];
    const [first, last] = [frames[0]?.positionMm, frames.at(-1)?.positionMm];
    const along =
      this.free !== null
        ? this.free.normal
        : volume !== null
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

  #taking: Taken | null = null;
  /** Stored values of the plane, and whether all its frames had come when they were taken. */
  readonly #taken = $derived.by<Taken | null>(() => {
    const series = this.viewer.pixels;
    if (series === null) return null;
    void series.version;
    const { volume, lowest } = this.viewer;
    const { image, free, slab, cut, index, id } = this;
    if (volume !== null && image !== null && (free !== null || slab !== null)) {
      const job =
        free !== null
          ? freeJob(series, volume, free, slab)
          : slabJob(series, volume, cut, index, slab ?? { kind: 'mip', thicknessMm: 0 }, image);
      const { value, full } = this.#refiner.take(job);
      return { pixels: value.values, whole: true, key: `${id}/${job.key}/${full}`, samples: value, full };
    }
    this.#refiner.stop();
    const key = `${cut === STACK_CUT ? 'stack' : id}/${index}`;
    if (cut === STACK_CUT) {
      const pixels = series.frames[index];
      if (!pixels) return null;
      // The same answer for the same image: others that come meanwhile paint nothing again.
      if (this.#taking?.pixels !== pixels) this.#taking = { pixels, whole: true, key, samples: null };
      return this.#taking;
    }
    if (volume === null || image === null) return null;
    const held = `${series.images.pixelTag}/${key}`;
    if (this.#planes?.key === held) return { pixels: this.#planes.pixels, whole: true, key, samples: null };
    const pixels = blank(volume.format, image.columns * image.rows);
    if (lowest !== 0) pixels.fill(lowest);
    const whole = cutInto(series.frames, volume.dims, cut, index, pixels);
    if (whole) this.#planes = { key: held, pixels };
    return cut.normal !== 2 || whole ? { pixels, whole, key, samples: null } : null;
  });
  readonly pixels = $derived.by(() => this.#taken?.pixels ?? null);
  /** Not a coarse one that follows the hand. */
  readonly isFull = $derived.by(() => this.#taken?.full !== false);
  /** Pixels of the full picture that are drawn as one, each way: above 1 while a hand moves a plane. */
  readonly grain = $derived.by(() => this.#taken?.samples?.factor ?? 1);

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
    const key = `${series.images.seriesId}/${series.images.pixelTag}/${taken.key}${taken.whole ? '' : `/${series.version}`}`;
    const dark = this.viewer.inverted !== frame.inverted;
    const rgb = frame.format === 'rgb8';
    const { samples } = taken;
    // Between two entries of the file's own palette lies no colour of it.
    const palette = samples === null ? this.viewer.paletteOf(frame) : null;
    const map = this.viewer.colors;
    if (!rgb && (map !== 'grey' || palette !== null)) {
      const scaled = samples === null ? frame : ({ ...frame, format: 'float32' } as const);
      this.#last = {
        key: `${key}/${levelsKey(window, dark)}/${map}`,
        image: samples?.image ?? image,
        rgb: true,
        pixels: coloredOf(samples?.values ?? pixels, scaled, window, dark, map, palette),
        edges: [0, 255],
      };
      return this.#last;
    }
    if (samples !== null) {
      this.#last = {
        key: `${key}/${levelsKey(window, dark)}`,
        image: samples.image,
        rgb: false,
        pixels: levelsOfSamples(samples.values, frame, window, dark),
        edges: [0, 255],
      };
      return this.#last;
    }
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

  readonly probe = $derived.by<Probe | null>(() => (this.pointer === null ? null : probeOf(this, this.pointer)));

  /** Image point of continuous voxel coordinates, outer corner 0, 0, 0: the foot on the plane of what lies off it. */
  imageOf(voxel: Vec3): readonly [number, number] {
    const { free, viewer } = this;
    if (free === null || viewer.volume === null) return voxelToImage(this.cut, viewer.dims, voxel);
    const middle: Vec3 = [voxel[0] - 0.5, voxel[1] - 0.5, voxel[2] - 0.5];
    const { x, y } = imageAt(free, voxelToPatient(viewer.volume.affineVoxelToPatient, middle));
    return [x, y];
  }

  /** Where half-open voxel bounds are cut by this plane, as a box around it; null where they are not. */
  boxOf(bounds: readonly [Vec3, Vec3]): PixelBox | null {
    const { free, viewer, cut, index } = this;
    if (free !== null && viewer.volume !== null) {
      const points = outlineIn(free, viewer.volume.affineVoxelToPatient, bounds);
      if (points.length < 3) return null;
      const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
      return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    }
    if (index < bounds[0][cut.normal] || index >= bounds[1][cut.normal]) return null;
    const [ax, ay] = voxelToImage(cut, viewer.dims, bounds[0]);
    const [bx, by] = voxelToImage(cut, viewer.dims, bounds[1]);
    return [Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)];
  }

  /** Continuous voxel coordinates under an image point; along the normal of a plane of voxels the middle of the slice. */
  voxelAt(x: number, y: number): Vec3 {
    const { free, viewer } = this;
    if (free === null || viewer.volume === null) return imageToVoxel(this.cut, viewer.dims, x, y, this.index + 0.5);
    const [i, j, k] = voxelToPatient(invert(viewer.volume.affineVoxelToPatient), patientAt(free, x, y));
    return [i + 0.5, j + 0.5, k + 0.5];
  }

  /** Patient mm of an image point; null where that is not known. */
  patientOf(x: number, y: number): Vec3 | null {
    const { plane } = this;
    if (plane === null) return null;
    const at = (n: 0 | 1 | 2): number => plane.origin[n] + (x - 0.5) * plane.right[n] + (y - 0.5) * plane.down[n];
    return [at(0), at(1), at(2)];
  }

  /** The other planes go through this image point. */
  lookAt(x: number, y: number): void {
    const { viewer, free } = this;
    if (free !== null && viewer.volume !== null) {
      // Beside the volume the nearest that lies in it: this plane stays where it is.
      const at = withinVolume(viewer.volume, free.normal, free.depthMm, patientAt(free, x, y));
      if (at !== null) viewer.moveToPoint(voxelToPatient(invert(viewer.volume.affineVoxelToPatient), at));
      return;
    }
    const [i, j, k] = this.voxelAt(x, y);
    if (viewer.reformat.isFree) viewer.moveToPoint([i - 0.5, j - 0.5, k - 0.5]);
    else viewer.moveTo([i, j, k]);
  }

  /** Millimetres that this point of the patient lies in front of or behind the plane; null where that is not known. */
  offMm(mm: Vec3): number | null {
    const { plane } = this;
    if (plane === null) return null;
    return dot(subtract(mm, plane.origin), plane.normal) / Math.hypot(...plane.normal);
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
    const { free, viewer } = this;
    if (free !== null && viewer.volume !== null) {
      const depth = free.depthMm + (Math.round(index) - this.index) * free.stepMm;
      const within = Math.min(free.lastMm, Math.max(free.firstMm, depth));
      const here = voxelToPatient(viewer.volume.affineVoxelToPatient, viewer.point);
      const at = withinVolume(viewer.volume, free.normal, within, here);
      if (at !== null) viewer.moveToPoint(voxelToPatient(invert(viewer.volume.affineVoxelToPatient), at));
      return;
    }
    const whole = Math.min(this.count - 1, Math.max(0, Math.round(index)));
    const { isFree } = viewer.reformat;
    const next = [...(isFree ? viewer.point : viewer.cursor)] as [number, number, number];
    next[this.cut.normal] = whole;
    if (isFree) viewer.moveToPoint(next);
    else viewer.moveTo(next);
  }

  reset(): void {
    this.presentation = UPRIGHT;
  }

  /** Where the point looked at is on the canvas, and how long a millimetre: for keep. */
  hold(): { readonly scale: number; readonly at: readonly [number, number] } | null {
    const { placement } = this;
    return placement && { scale: placement.scale, at: toCanvas(placement, ...this.#pointOnImage()) };
  }

  /** However the plane lies now, that point is where it was, and millimetres are as long. */
  keep(held: ReturnType<SliceView['hold']>): void {
    const { image, width, height } = this;
    if (held === null || image === null || width === 0) return;
    const whole = place(image, { ...this.presentation, zoom: 1, center: [0, 0] }, width, height);
    const shown: Presentation = { ...this.presentation, zoom: held.scale / whole.scale, center: [0, 0] };
    const [x, y] = toCanvas(place(image, shown, width, height), ...this.#pointOnImage());
    this.presentation = panned(image, shown, [width, height], held.at[0] - x, held.at[1] - y);
  }

  #pointOnImage(): readonly [number, number] {
    const [i, j, k] = this.viewer.point;
    return this.imageOf([i + 0.5, j + 0.5, k + 0.5]);
  }
}
