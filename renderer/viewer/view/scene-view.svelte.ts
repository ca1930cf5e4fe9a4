import { z } from 'zod';
import { type Extent, extentOf, fromSide, OPENING, type SceneCamera, type Side } from './scene-camera.ts';
import {
  boxHalfSpaces,
  type CutBox,
  type HalfSpace,
  isWhole,
  type PlaneCut,
  planeHalfSpace,
  WHOLE_BOX,
} from './scene-cut.ts';
import { type Shaping, UNSHAPED, type VolumePreset, volumePresets } from './transfer.ts';
import type { ViewerState } from './viewer-state.svelte.ts';

const Unit3 = z.tuple([z.number(), z.number(), z.number()]);
const Part2 = z.tuple([z.number().min(0).max(1), z.number().min(0).max(1)]);
/** As it is kept with the study. */
export const SceneMemory = z.object({
  camera: z.object({ back: Unit3, up: Unit3, zoom: z.number().positive(), pan: z.tuple([z.number(), z.number()]) }),
  preset: z.string().max(40).nullable(),
  shift: z.number(),
  widen: z.number().min(0.05).max(20),
  box: z.tuple([Part2, Part2, Part2]),
  cut: z
    .object({ plane: z.enum(['axial', 'sagittal', 'coronal']), keep: z.union([z.literal(1), z.literal(-1)]) })
    .nullable(),
  surfaces: z.number().min(0).max(1),
  glass: z.boolean(),
});
export type SceneMemory = z.infer<typeof SceneMemory>;

/** What the 3D view of a cell shows, and from where. */
export class SceneView {
  readonly viewer: ViewerState;
  camera = $state.raw<SceneCamera>(OPENING);
  /** Null: surfaces only. */
  presetId = $state<string | null>(null);
  shaping = $state.raw<Shaping>(UNSHAPED);
  box = $state.raw<CutBox>(WHOLE_BOX);
  cut = $state.raw<PlaneCut | null>(null);
  /** 0 to 1, over the labels' own. */
  surfaceOpacity = $state(1);
  /** Large labels are seen through, so that they do not hide what is within. */
  glass = $state(true);

  constructor(viewer: ViewerState) {
    this.viewer = viewer;
  }

  /** What the series' values are; presets depend on it. */
  readonly unit = $derived.by(() => this.viewer.pixels?.images.frames[0]?.unit ?? '');
  /** Why there is no volume rendering; null where there is. */
  readonly noVolume = $derived.by<string | null>(() => {
    const { viewer } = this;
    if (viewer.volume === null) return viewer.noPlanes ?? 'No series is open.';
    return viewer.volume.format === 'rgb8' ? 'Colour images have no volume rendering.' : null;
  });
  readonly presets = $derived.by<readonly VolumePreset[]>(() =>
    this.noVolume === null ? volumePresets(this.unit) : [],
  );
  /** A preset of another unit is none of this series. */
  readonly preset = $derived.by<VolumePreset | null>(() => this.presets.find(({ id }) => id === this.presetId) ?? null);
  readonly extent = $derived.by<Extent | null>(() => {
    const volume = this.viewer.volume;
    return volume === null ? null : extentOf(volume.affineVoxelToPatient, volume.dims);
  });
  readonly isCut = $derived.by(() => this.cut !== null || !isWhole(this.box));
  readonly cuts = $derived.by<readonly HalfSpace[]>(() => {
    const { extent, cut, viewer } = this;
    if (extent === null) return [];
    const plane = cut === null ? null : (viewer.planes.find(({ id }) => id === cut.plane)?.plane ?? null);
    const half = cut === null || plane === null ? null : planeHalfSpace(cut, plane);
    return [...boxHalfSpaces(this.box, extent), ...(half === null ? [] : [half])];
  });

  choose(presetId: string | null): void {
    if (presetId !== this.presetId) this.shaping = UNSHAPED;
    this.presetId = presetId;
  }

  /** The next in the list, none between the last and the first. */
  step(by: 1 | -1): void {
    const all = [null, ...this.presets.map(({ id }) => id)];
    const at = all.indexOf(this.preset?.id ?? null);
    this.choose(all[(at + by + all.length) % all.length] ?? null);
  }

  /** The hand on the opacity: canvas pixels to the right widen it, down shift it to higher values. */
  shape(dx: number, dy: number): void {
    const { preset, shaping } = this;
    if (preset === null) return;
    const widen = Math.min(4, Math.max(0.25, shaping.widen * 1.006 ** dx));
    this.shaping = { shift: shaping.shift + dy * (preset.of === 'HU' ? 2 : 0.002), widen };
  }

  look(side: Side): void {
    this.camera = fromSide(side, this.camera);
  }

  /** The plane's own cut, then its other side, then none. */
  stepCut(): void {
    const { activeId } = this.viewer;
    const now = this.cut;
    const plane =
      activeId === 'sagittal' || activeId === 'coronal' || activeId === 'axial' ? activeId : (now?.plane ?? 'axial');
    if (now === null || now.plane !== plane) this.cut = { plane, keep: -1 };
    else this.cut = now.keep === -1 ? { plane, keep: 1 } : null;
  }

  uncut(): void {
    this.box = WHOLE_BOX;
    this.cut = null;
  }

  reset(): void {
    this.camera = OPENING;
    this.shaping = UNSHAPED;
    this.uncut();
  }

  remember(): SceneMemory {
    const { back, up, zoom, pan } = this.camera;
    const [x, y, z] = this.box;
    return {
      camera: { back: [...back], up: [...up], zoom, pan: [...pan] },
      preset: this.presetId,
      ...this.shaping,
      box: [[...x], [...y], [...z]],
      cut: this.cut,
      surfaces: this.surfaceOpacity,
      glass: this.glass,
    };
  }

  recall(memory: SceneMemory): void {
    this.camera = memory.camera;
    this.presetId = memory.preset;
    this.shaping = { shift: memory.shift, widen: memory.widen };
    this.box = memory.box;
    this.cut = memory.cut;
    this.surfaceOpacity = memory.surfaces;
    this.glass = memory.glass;
  }
}
