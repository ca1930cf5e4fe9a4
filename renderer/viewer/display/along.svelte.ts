import { frameOfPlace, voxelOf } from '../../../models/kit/measure/grid.ts';
import type { MarksStore } from '../data/marks-store.svelte.ts';
import { measuresOf } from '../measure/measures.svelte.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';
import { boundsAlong, findLabels, type Run, runsOf } from './along.ts';

/** The hand draws: what is looked for waits until it rests. */
const REST_MS = 400;

/** What the bar beside a view shows. Call while a component is made. */
export class Along {
  readonly view: SliceView;
  readonly store: MarksStore;
  segmented = $state.raw<readonly Run[]>([]);

  constructor(view: SliceView, store: MarksStore) {
    this.view = view;
    this.store = store;
    $effect(() => this.#look());
  }

  readonly loaded = $derived.by<readonly Run[]>(() => {
    const { pixels } = this.view.viewer;
    void pixels?.version;
    return pixels === null || !this.view.isImage ? [] : pixels.runs();
  });

  /** Where regions lie, so that the eye finds them. */
  readonly findings = $derived.by<readonly { readonly at: number; readonly marked: boolean }[]>(() => {
    const { view } = this;
    const { session } = view.viewer;
    // Along a turned plane what is marked lies at no one place.
    if (view.free !== null) return [];
    return session.shownRegions.flatMap(({ region, sentenceId }) => {
      if (region.seriesId !== view.viewer.pixels?.images.seriesId) return [];
      const n = view.cut.normal;
      const middle =
        n === 2
          ? region.frameIndex
          : region.kind === 'label' && region.bounds !== null
            ? ((region.bounds[n] ?? 0) + (region.bounds[n + 3] ?? 0)) / 2
            : null;
      const marked = sentenceId !== null && session.marked?.sentenceId === sentenceId;
      return middle === null ? [] : [{ at: middle, marked }];
    });
  });

  readonly measured = $derived.by<readonly number[]>(() => {
    const { view } = this;
    const measures = measuresOf(view.viewer.session);
    const images = view.viewer.pixels?.images;
    if (images === undefined || view.free !== null || !view.viewer.session.marks.shown) return [];
    const n = view.cut.normal;
    return measures.list.flatMap((one) => {
      if (measures.sources.homeOf(one) !== images.seriesId) return [];
      const { place } = one;
      if (place.kind === 'image') {
        const frame = frameOfPlace(images, place);
        return frame && n === 2 ? [frame.index] : [];
      }
      const along = place.points.flatMap((point) => voxelOf(images, point)?.[n] ?? []);
      return along.length === 0 ? [] : [Math.floor(along.reduce((sum, at) => sum + at, 0) / along.length)];
    });
  });

  /** 'Image 70 of 140, segmented, 1 finding, 2 measurements': what a screen reader says of where the view stands. */
  readonly words = $derived.by(() => {
    const { view } = this;
    const here = (at: number): boolean => Math.floor(at) === view.index;
    const findings = this.findings.filter(({ at }) => here(at)).length;
    const measured = this.measured.filter(here).length;
    const many = (count: number, word: string): string => `${count} ${word}${count === 1 ? '' : 's'}`;
    return [
      `${view.isImage ? 'Image' : 'Plane'} ${view.imageNumber} of ${view.count}`,
      ...(view.isImage && !this.loaded.some(({ from, to }) => from <= view.index && view.index < to)
        ? ['loading']
        : []),
      ...(this.segmented.some(({ from, to }) => from <= view.index && view.index < to) ? ['segmented'] : []),
      ...(findings > 0 ? [many(findings, 'finding')] : []),
      ...(measured > 0 ? [many(measured, 'measurement')] : []),
    ].join(', ');
  });

  #look(): (() => void) | undefined {
    const { view, store } = this;
    const { marks } = view.viewer.session;
    const axis = view.cut.normal;
    const { count } = view;
    const images = view.viewer.pixels?.images;
    void store.version;
    void store.edits;
    const shown = marks.overlays.flatMap((overlay) => {
      if (overlay.kind !== 'labelmap' || overlay.seriesId !== images?.seriesId || view.free !== null) return [];
      if (overlay.dims[2] !== images.frames.length) return [];
      const wanted = new Set(
        overlay.labels.filter(({ value }) => marks.isShown(overlay.id, value)).map(({ value }) => value),
      );
      const labels = wanted.size === 0 ? null : store.labels(overlay);
      return labels === null ? [] : [{ overlay, wanted, labels }];
    });
    if (shown.length === 0) {
      this.segmented = [];
      return undefined;
    }
    const present = new Uint8Array(count);
    const work = (function* () {
      for (const { overlay, wanted, labels } of shown) {
        if (axis === 2) yield* findLabels(labels, wanted, present);
        else boundsAlong(overlay, wanted, axis, present);
      }
    })();
    let timer: ReturnType<typeof setTimeout>;
    const step = (): void => {
      if (work.next().done) this.segmented = runsOf(present);
      else timer = setTimeout(step);
    };
    timer = setTimeout(step, REST_MS);
    return () => clearTimeout(timer);
  }
}
