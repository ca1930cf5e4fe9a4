import type { Session } from '../../session/index.ts';
import type { MarksStore } from '../data/marks-store.svelte.ts';
import { rangeOf } from '../data/pixels.ts';
import { type Domain, HU_DOMAIN, shapedRamp, transferTable } from '../view/transfer.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';
import { type PlacedMesh, placeMesh } from './mesh-points.ts';
import type { PickedVolume } from './pick.ts';
import type { Mesh } from './surface.ts';
import type { DrawnSurface } from './surface-pass.ts';
import { SurfaceSets } from './surfaces.svelte.ts';
import type { DrawnVolume } from './volume-pass.ts';
import type { VolumeSource } from './volume-texture.ts';

/** What there is to be drawn in 3D: the surfaces of the labels that are shown, and the volume where a preset asks for it. */
export class SceneModel {
  readonly #session: Session;
  readonly #viewer: () => ViewerState;
  readonly #store: () => MarksStore;
  readonly #sets = new SurfaceSets();
  readonly #placed = new WeakMap<Mesh, { readonly key: string; readonly mesh: PlacedMesh }>();

  constructor(session: Session, viewer: () => ViewerState, store: () => MarksStore) {
    this.#session = session;
    this.#viewer = viewer;
    this.#store = store;
  }

  readonly #overlays = $derived.by(() =>
    this.#session.marks.overlays
      .filter((overlay) => overlay.kind === 'labelmap')
      .filter((overlay) => overlay.seriesId === this.#viewer().pixels?.images.seriesId),
  );
  readonly #surfaces = $derived.by(() => {
    const volume = this.#viewer().volume;
    return volume === null ? [] : this.#sets.of(this.#overlays, this.#store(), volume.affineVoxelToPatient);
  });
  readonly hasLabels = $derived.by(() => this.#overlays.length > 0);
  readonly begun = $derived.by(() => this.#surfaces.length > 0);
  readonly made = $derived.by(() => this.#surfaces.reduce((sum, set) => sum + set.meshes.size, 0));
  readonly total = $derived.by(() => this.#surfaces.reduce((sum, set) => sum + set.total, 0));
  readonly trouble = $derived.by(() => this.#surfaces.find((set) => set.trouble !== null)?.trouble ?? null);

  /** Those that are shown, and with opacity 0 those that were: switched on again they are there at once. */
  readonly held = $derived.by<readonly DrawnSurface[]>(() => {
    const viewer = this.#viewer();
    const { marks } = this.#session;
    const affine = viewer.volume?.affineVoxelToPatient;
    if (affine === undefined) return [];
    const { surfaceOpacity, glass } = viewer.scene;
    return this.#surfaces.flatMap(({ overlay, meshes }) => {
      // What is large hides what is within.
      const largest = Math.max(...overlay.labels.map((label) => label.voxels));
      return overlay.labels.flatMap((label) => {
        const mesh = meshes.get(label.value);
        if (!mesh) return [];
        const isShown = marks.isShown(overlay.id, label.value);
        const key = `${overlay.id}@${overlay.createdAt}:${label.value} ${affine}`;
        let placed = this.#placed.get(mesh);
        if (placed?.key !== key) {
          if (!isShown) return [];
          placed = { key, mesh: placeMesh(mesh, affine) };
          this.#placed.set(mesh, placed);
        }
        const asGlass = glass && overlay.labels.length > 1 && label.voxels > largest * 0.3;
        const own = marks.opacity(overlay.id, label.value) * surfaceOpacity * (asGlass ? 0.35 : 1);
        const opacity = isShown ? own : 0;
        return [{ key, mesh: placed.mesh, color: marks.colorOf(overlay, label.value), opacity }];
      });
    });
  });

  readonly surfaces = $derived.by(() => this.held.filter(({ opacity }) => opacity > 0));

  /** Modality values from black to white: of HU the usual ones, else what the series has, from images all through it. */
  readonly #domain = $derived.by<Domain | null>(() => {
    const { pixels, scene } = this.#viewer();
    if (pixels === null || scene.preset === null || !pixels.complete) return null;
    if (scene.preset.of === 'HU') return HU_DOMAIN;
    const { frames } = pixels.images;
    const step = Math.max(1, Math.floor(frames.length / 24));
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let n = 0; n < frames.length; n += step) {
      const [frame, values] = [frames[n], pixels.frames[n]];
      if (!frame || !values) continue;
      for (const stored of rangeOf(values, frame.padding)) {
        const value = stored * frame.slope + frame.intercept;
        [low, high] = [Math.min(low, value), Math.max(high, value)];
      }
    }
    return high > low ? [low, high] : null;
  });
  readonly #source = $derived.by<VolumeSource | null>(() => {
    const { pixels, volume } = this.#viewer();
    const domain = this.#domain;
    if (pixels === null || volume === null || domain === null) return null;
    return {
      key: `${pixels.images.seriesId}/${pixels.images.pixelTag}/${domain}`,
      frames: pixels.images.frames,
      pixels: pixels.frames,
      affine: volume.affineVoxelToPatient,
      dims: volume.dims,
      domain,
    };
  });
  /** Null where no preset is chosen, or its images have not all come. */
  readonly volume = $derived.by<{
    readonly source: VolumeSource;
    readonly drawn: Omit<DrawnVolume, 'texture'>;
    readonly picked: PickedVolume;
  } | null>(() => {
    const source = this.#source;
    const { preset, shaping } = this.#viewer().scene;
    if (source === null || preset === null) return null;
    const { domain, affine } = source;
    const table = transferTable(preset, shaping, domain);
    const ramp = shapedRamp(preset, shaping);
    const part = (value: number): number =>
      preset.of === 'HU' ? (value - domain[0]) / (domain[1] - domain[0]) : value;
    const black = Math.min(0.999, Math.max(0, part(ramp[0])));
    const white = Math.max(black + 1e-3, part(ramp[1]));
    return {
      source,
      drawn: { preset, table, edges: [black, white], affine },
      picked: { ...source, kind: preset.kind, table },
    };
  });

  close(): void {
    this.#sets.close();
  }
}
