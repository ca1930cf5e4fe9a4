import { spacingOf } from '../../../models/kit/geometry.ts';
import type { Affine, Overlay } from '../../../preload/contract/index.ts';
import type { MarksStore } from '../data/marks-store.svelte.ts';
import type { Mesh } from './surface.ts';
import type { SurfaceAnswer, SurfaceRequest } from './surface-worker.ts';

type Labelmap = Extract<Overlay, { kind: 'labelmap' }>;

/** Surfaces of the labels of one labelmap, made one after another in a worker, largest last so that something is soon seen. */
export class Surfaces {
  readonly overlay: Labelmap;
  /** By label value; null where the label has no surface. */
  meshes = $state.raw<ReadonlyMap<number, Mesh | null>>(new Map());
  trouble = $state<string | null>(null);
  readonly total: number;
  readonly #worker: Worker;

  constructor(overlay: Labelmap, slices: readonly Uint8Array[], affine: Affine) {
    this.overlay = overlay;
    this.#worker = new Worker(new URL('./surface-worker.ts', import.meta.url), { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<SurfaceAnswer>) => {
      this.meshes = new Map(this.meshes).set(data.value, data.mesh);
      if (this.meshes.size === this.total) this.#worker.terminate();
    });
    this.#worker.addEventListener('error', () => {
      this.trouble = 'The surfaces could not be made.';
    });
    const present = overlay.labels.filter((label) => label.bounds !== null).toSorted((a, b) => a.voxels - b.voxels);
    this.total = present.length;
    const [columns, rows, count] = overlay.dims;
    const bytes = new Uint8Array(columns * rows * count);
    for (const [k, slice] of slices.entries()) bytes.set(slice, k * columns * rows);
    this.#post({ kind: 'labels', bytes, dims: [columns, rows, count] }, [bytes.buffer]);
    for (const { value, bounds } of present)
      if (bounds !== null) this.#post({ kind: 'surface', value, bounds: [...bounds], spacingMm: spacingOf(affine) });
  }

  get ready(): boolean {
    return this.meshes.size === this.total;
  }

  close(): void {
    this.#worker.terminate();
  }

  #post(request: SurfaceRequest, transfer: Transferable[] = []): void {
    this.#worker.postMessage(request, transfer);
  }
}

/** The surfaces of the overlays that are shown, made again only where an overlay is new. */
export class SurfaceSets {
  readonly #sets = new Map<string, Surfaces>();

  of(overlays: readonly Labelmap[], store: MarksStore, affine: Affine): Surfaces[] {
    const wanted = new Map<string, Surfaces>();
    for (const overlay of overlays) {
      const key = `${overlay.id}@${overlay.createdAt}`;
      const labels = store.labels(overlay);
      const known = this.#sets.get(key);
      if (known !== undefined) wanted.set(key, known);
      else if (labels !== null) wanted.set(key, new Surfaces(overlay, labels.slices, affine));
    }
    for (const [key, surfaces] of this.#sets) if (!wanted.has(key)) surfaces.close();
    this.#sets.clear();
    for (const [key, surfaces] of wanted) this.#sets.set(key, surfaces);
    return [...wanted.values()];
  }

  close(): void {
    for (const surfaces of this.#sets.values()) surfaces.close();
    this.#sets.clear();
  }
}
