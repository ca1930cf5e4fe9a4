import { SvelteMap } from 'svelte/reactivity';
import { frameOfPlace } from '../../../models/kit/measure/grid.ts';
import type { Measured, Measuring, SuvKind } from '../../../models/kit/measure/terms.ts';
import { measured } from '../../../models/kit/measure/values.ts';
import type {
  DrawnMeasurement,
  MeasurementKind,
  MeasurementPlace,
  MeasuringScales,
  SeriesImages,
} from '../../../preload/contract/index.ts';
import { type Session, wordsOf } from '../../session/index.ts';
import type { SeriesPixels } from '../data/series-pixels.svelte.ts';
import { drawnOnce } from '../data/stream.ts';

/** What values are computed from: images, what makes them certain, and the pixels that views have loaded. */
export class Sources {
  readonly session: Session;
  /** Which uptake is shown. */
  suv = $state<SuvKind>('bodyWeight');
  readonly #pixels = new SvelteMap<string, SeriesPixels>();
  /** How many views show each. */
  readonly #seen = new Map<SeriesPixels, number>();
  readonly #images = new SvelteMap<string, SeriesImages>();
  readonly #scales = new SvelteMap<string, MeasuringScales>();
  readonly #asked = new Set<string>();
  readonly #known = new WeakMap<DrawnMeasurement, { readonly of: readonly unknown[]; readonly measured: Measured }>();

  constructor(session: Session) {
    this.session = session;
  }

  clear(): void {
    this.#images.clear();
    this.#scales.clear();
    this.#asked.clear();
  }

  /** A series is shown: its pixels can be measured. Answers how to take it back. */
  see(pixels: SeriesPixels): () => void {
    const { seriesId } = pixels.images;
    this.#seen.set(pixels, (this.#seen.get(pixels) ?? 0) + 1);
    this.#pixels.set(seriesId, pixels);
    this.#images.set(seriesId, pixels.images);
    // Its picture comes first.
    void drawnOnce().then(() => this.ask(seriesId));
    return () => {
      const left = (this.#seen.get(pixels) ?? 1) - 1;
      this.#seen.set(pixels, left);
      if (left > 0) return;
      this.#seen.delete(pixels);
      if (this.#pixels.get(seriesId) === pixels) this.#pixels.delete(seriesId);
    };
  }

  /** Its images where no view shows them, and its scales; once. */
  async ask(seriesId: string): Promise<void> {
    if (this.#asked.has(seriesId)) return;
    this.#asked.add(seriesId);
    const { client } = this.session;
    const scales = client.measurements.scales({ seriesId }).catch((error): MeasuringScales => {
      this.#asked.delete(seriesId);
      return { seriesId, ultrasound: {}, suv: null, trouble: wordsOf(error) };
    });
    const images = this.#images.has(seriesId) ? null : client.studies.images({ seriesId }).catch(() => null);
    const [found, known] = [await scales, await images];
    if (known !== null && !this.#images.has(seriesId)) this.#images.set(seriesId, known);
    this.#scales.set(seriesId, found);
  }

  /**
   * The series that shows it: its own, or, where that was taken apart into several since (echoes, times), the one that its
   * image is in now.
   */
  homeOf(one: Pick<DrawnMeasurement, 'seriesId' | 'place'>): string {
    const { seriesId, place } = one;
    if (place.kind === 'patient' || this.#pixels.has(seriesId)) return seriesId;
    for (const [id, images] of this.#images) if (id !== seriesId && frameOfPlace(images, place)) return id;
    return seriesId;
  }

  imagesOf(seriesId: string): SeriesImages | null {
    return this.#images.get(seriesId) ?? null;
  }
  scalesOf(seriesId: string): MeasuringScales | null {
    return this.#scales.get(seriesId) ?? null;
  }

  measured(one: DrawnMeasurement): Measured {
    const home = this.homeOf(one);
    const images = this.#images.get(home);
    if (!images) return { values: [], remarks: [], source: '', histogram: null, waiting: true };
    const scales = this.#scales.get(home) ?? null;
    const pixels = this.#pixels.get(home);
    const of = [images, scales, pixels, this.suv];
    const known = this.#known.get(one);
    if (known && !known.measured.waiting && known.of.every((value, n) => value === of[n])) return known.measured;
    // Only what still waits is computed anew when more images have come.
    if (pixels) void pixels.version;
    const measuring: Measuring = { images, scales, suv: this.suv, frame: (index) => pixels?.frames[index] ?? null };
    const found = measured(one, measuring);
    this.#known.set(one, { of, measured: found });
    return found;
  }

  /** What a shape that is still being drawn would say. */
  preview(seriesId: string, kind: MeasurementKind, place: MeasurementPlace): Measured | null {
    const images = this.#images.get(seriesId);
    const pixels = this.#pixels.get(seriesId);
    if (!images) return null;
    const scales = this.#scales.get(seriesId) ?? null;
    return measured(
      { kind, place },
      { images, scales, suv: this.suv, frame: (index) => pixels?.frames[index] ?? null },
    );
  }
}
