import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { safeColor } from '../../models/kit/labels/colors.ts';
import type { Finding, Overlay } from '../../preload/contract/index.ts';

/** Which marks are shown, and how strongly. Presentation only: the marks themselves are the backend's. */
export class Marks {
  #overlays = $state.raw<readonly Overlay[]>([]);
  /** All marks on or off at once. */
  shown = $state(true);
  /** 0 to 1, labelmaps. */
  fillOpacity = $state(0.25);
  /** 0 to 1, heat maps. */
  heatOpacity = $state(0.45);
  outline = $state(true);
  /** Colours that are told apart with any form of colour blindness, in place of those that marks came with. */
  safeColors = $state(false);
  readonly #hidden = new SvelteSet<string>();
  /** By 'overlay:value'; 1 where there is none. */
  readonly #opacities = new SvelteMap<string, number>();
  /** Marks being edited here: what the backend lists under their ids is older. */
  readonly #held = new Map<string, Overlay>();

  /** The overlays of the open study, newest version of each. */
  get overlays(): readonly Overlay[] {
    return this.#overlays;
  }
  set overlays(overlays: readonly Overlay[]) {
    const known = new Set(this.#overlays.map(({ id }) => id));
    for (const overlay of overlays) {
      if (known.has(overlay.id)) continue;
      // Several heat maps at once tint the whole film, and none can be read: each is off until it is asked for.
      if (overlay.kind === 'heatmap') this.set(overlay.id, null, false);
      if (overlay.kind !== 'labelmap') continue;
      // The body's outline covers every other mark and every grey: off until it is asked for.
      for (const label of overlay.labels) if (/^body$/i.test(label.name)) this.set(overlay.id, label.value, false);
    }
    this.#overlays = overlays.map((overlay) => this.#held.get(overlay.id) ?? overlay);
  }

  /** Shown in place of what the backend lists under its id, until it is let go. */
  hold(overlay: Overlay): void {
    this.#held.set(overlay.id, overlay);
    const listed = this.#overlays.some(({ id }) => id === overlay.id);
    this.#overlays = listed
      ? this.#overlays.map((other) => (other.id === overlay.id ? overlay : other))
      : [...this.#overlays, overlay];
  }
  letGo(overlayId: string): void {
    this.#held.delete(overlayId);
  }

  colorOf(overlay: Extract<Overlay, { kind: 'labelmap' }>, value: number): readonly [number, number, number] {
    const at = overlay.labels.findIndex((label) => label.value === value);
    return this.safeColors ? safeColor(Math.max(0, at)) : (overlay.labels[at]?.color ?? [255, 255, 255]);
  }

  /** 0 to 1, over the opacity of all. */
  opacity(overlayId: string, value: number): number {
    return this.#opacities.get(`${overlayId}:${value}`) ?? 1;
  }
  setOpacity(overlayId: string, value: number, opacity: number): void {
    if (opacity >= 1) this.#opacities.delete(`${overlayId}:${value}`);
    else this.#opacities.set(`${overlayId}:${value}`, opacity);
  }

  isShown(overlayId: string, value: number | null = null): boolean {
    return this.shown && !this.#hidden.has(overlayId) && (value === null || !this.#hidden.has(`${overlayId}:${value}`));
  }

  /** As isShown, apart from the switch for all: what the eye in the list shows. */
  isOn(overlayId: string, value: number | null = null): boolean {
    return !this.#hidden.has(value === null ? overlayId : `${overlayId}:${value}`);
  }

  set(overlayId: string, value: number | null, shown: boolean): void {
    const key = value === null ? overlayId : `${overlayId}:${value}`;
    if (shown) this.#hidden.delete(key);
    else this.#hidden.add(key);
  }

  /** The heat map of what a model found, and no other of the series. */
  showHeat({ seriesId, maker, name }: Pick<Finding, 'seriesId' | 'maker' | 'name'>): void {
    const madeBy = maker.kind === 'model' ? maker.package : null;
    for (const overlay of this.#overlays) {
      if (overlay.kind !== 'heatmap' || overlay.seriesId !== seriesId) continue;
      const own = overlay.maker.kind === 'model' && overlay.maker.package === madeBy && overlay.label === name;
      this.set(overlay.id, null, own);
    }
  }

  /** Only this label, or all again where it is the only one already. */
  solo(overlay: Extract<Overlay, { kind: 'labelmap' }>, value: number): void {
    const others = overlay.labels.filter((label) => label.value !== value);
    const alone = this.isOn(overlay.id, value) && others.every((label) => !this.isOn(overlay.id, label.value));
    for (const label of others) this.set(overlay.id, label.value, alone);
    this.set(overlay.id, value, true);
  }

  clear(): void {
    this.#held.clear();
    this.overlays = [];
    this.#hidden.clear();
    this.#opacities.clear();
  }
}
