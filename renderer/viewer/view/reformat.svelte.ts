/** How planes lie and how thick they are, where that is not the volume's own single planes. */
import { cross, gantryTiltDegrees, normalize, type Vec3 } from '../../../models/kit/geometry.ts';
import { cutsOf, PLANES, type PlaneName } from './cut.ts';
import { normalOf, ownTurn, sameTurn, type Turn, turned } from './free-plane.ts';
import { SLAB_KINDS, type Slab, type SlabKind, THICKNESSES_MM } from './slab.ts';
import type { SliceId, SliceView } from './slice-view.svelte.ts';
import type { ViewerState } from './viewer-state.svelte.ts';

type Turns = Readonly<Partial<Record<PlaneName, Turn>>>;
type Slabs = Readonly<Partial<Record<SliceId, Slab>>>;

export interface Reformatted {
  readonly turns: Turns;
  readonly slabs: Slabs;
}
const FIRST_MM = 10;

export class Reformat {
  readonly viewer: ViewerState;
  turns = $state.raw<Turns>({});
  slabs = $state.raw<Slabs>({});

  constructor(viewer: ViewerState) {
    this.viewer = viewer;
  }

  /** Of the gantry; 0 where slices stand upright on one another. */
  readonly tiltDegrees = $derived.by(() => {
    const { volume } = this.viewer;
    return volume === null ? 0 : gantryTiltDegrees(volume.affineVoxelToPatient, volume.dims);
  });
  readonly isTurned = $derived.by(() => Object.keys(this.turns).length > 0);
  /** Places between voxels can be looked at. */
  readonly isFree = $derived.by(() => this.isTurned || this.tiltDegrees > 0);

  /** As the plane lies in the patient; null where there is no volume. */
  turnOf(id: PlaneName): Turn | null {
    const { volume } = this.viewer;
    if (volume === null) return null;
    return this.turns[id] ?? ownTurn(volume.affineVoxelToPatient, cutsOf(volume.affineVoxelToPatient)[id]);
  }

  /** Whether it is cut through the patient rather than along the voxels. */
  isResampled(id: SliceId): boolean {
    const { volume } = this.viewer;
    if (id === 'stack' || volume === null) return false;
    if (this.turns[id] !== undefined) return true;
    const acquired = cutsOf(volume.affineVoxelToPatient)[id].normal === 2 && this.slabs[id] === undefined;
    return this.tiltDegrees > 0 && !acquired;
  }

  /** Why there can be no slab; null where there can. */
  noSlab(id: SliceId): string | null {
    if (this.viewer.volume === null) return this.viewer.noPlanes ?? 'the series is no volume.';
    if (id === 'stack' && this.tiltDegrees > 0)
      return 'the images are tilted against their stack. The planes make slabs of them.';
    return null;
  }

  slabOf(id: SliceId): Slab | null {
    return this.noSlab(id) === null ? (this.slabs[id] ?? null) : null;
  }

  setSlab(ids: readonly SliceId[], slab: Slab | null): void {
    const kept = Object.entries(this.slabs).filter(([id]) => !ids.includes(id as SliceId));
    const views = this.#views(ids);
    this.#keeping(views, () => {
      this.slabs = Object.fromEntries([...kept, ...(slab === null ? [] : ids.map((id) => [id, slab]))]) as Slabs;
    });
  }

  /** None, then each kind in turn. */
  nextKind({ id }: SliceView): void {
    const { kind, thicknessMm } = this.slabOf(id) ?? { kind: null, thicknessMm: this.#lastMm };
    const next: SlabKind | undefined = kind === null ? SLAB_KINDS[0] : SLAB_KINDS[SLAB_KINDS.indexOf(kind) + 1];
    this.setSlab([id], next === undefined ? null : { kind: next, thicknessMm });
  }

  thicker({ id }: SliceView, by: 1 | -1): void {
    const slab = this.slabOf(id);
    if (slab === null)
      return by > 0 ? this.setSlab([id], { kind: 'mip', thicknessMm: THICKNESSES_MM[2] ?? 3 }) : undefined;
    const next =
      by > 0
        ? THICKNESSES_MM.find((mm) => mm > slab.thicknessMm)
        : THICKNESSES_MM.findLast((mm) => mm < slab.thicknessMm);
    if (next !== undefined) this.#lastMm = next;
    if (next !== undefined || by < 0) this.setSlab([id], next === undefined ? null : { ...slab, thicknessMm: next });
  }
  #lastMm = FIRST_MM;

  /** Turns planes about an axis of the patient through the point looked at. */
  rotate(names: readonly PlaneName[], axis: Vec3, degrees: number): void {
    const { volume } = this.viewer;
    if (volume === null || degrees === 0) return;
    const next: Partial<Record<PlaneName, Turn>> = { ...this.turns };
    for (const name of names) {
      const before = this.turnOf(name);
      if (before === null) continue;
      const after = turned(before, normalize(axis), degrees);
      const own = ownTurn(volume.affineVoxelToPatient, cutsOf(volume.affineVoxelToPatient)[name]);
      if (sameTurn(after, own)) delete next[name];
      else next[name] = after;
    }
    // A line that was turned alone may turn back onto its own plane.
    this.#keeping(this.#views(PLANES), () => {
      this.turns = next;
      this.viewer.settle();
    });
  }

  /** The active plane about one of its own axes: across the screen, down it, or into it. */
  rotateWithin(view: SliceView, about: 'right' | 'down' | 'normal', degrees: number): void {
    if (view.id === 'stack') return;
    const turn = this.turnOf(view.id);
    if (turn === null) return;
    this.rotate([view.id], about === 'normal' ? normalOf(turn) : turn[about], degrees);
  }

  /** All planes back to the volume's own. */
  straighten(): void {
    this.#keeping(this.#views(PLANES), () => {
      this.turns = {};
      this.viewer.settle();
    });
  }

  get state(): Reformatted {
    return { turns: this.turns, slabs: this.slabs };
  }
  restore(state: Reformatted | null): void {
    this.turns = state?.turns ?? {};
    this.slabs = state?.slabs ?? {};
  }

  #views(ids: readonly SliceId[]): SliceView[] {
    return [this.viewer.stack, ...this.viewer.planes].filter((view) => ids.includes(view.id));
  }

  /** The point looked at stays where it is on the screen, and millimetres stay as long. */
  #keeping(views: readonly SliceView[], change: () => void): void {
    const held = views.map((view) => view.hold());
    change();
    for (const [n, view] of views.entries()) view.keep(held[n] ?? null);
  }
}

/** Unit normal of a view's image in the patient, into the screen; null where that is not known. */
export const normalIn = (view: SliceView): Vec3 | null => {
  const { directions } = view;
  return directions === null ? null : normalize(cross(...directions));
};
