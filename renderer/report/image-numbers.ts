import { SvelteMap } from 'svelte/reactivity';
import type { Frame, Region } from '../../preload/contract/index.ts';
import type { Session } from '../session/index.ts';

/**
 * 1 where a later frame is further down the stack as it is read (head to feet, front to back, right to left), -1 where it
 * is further up: the viewer counts images this way.
 */
export const readingOrder = (frames: readonly Pick<Frame, 'positionMm'>[]): 1 | -1 => {
  const first = frames[0]?.positionMm;
  const last = frames.at(-1)?.positionMm;
  if (!first || !last) return 1;
  const along = [last[0] - first[0], last[1] - first[1], last[2] - first[2]] as const; // LPS, mm
  const axis = ([0, 1, 2] as const).toSorted((p, q) => Math.abs(along[q]) - Math.abs(along[p]))[0] ?? 2;
  if (along[axis] === 0) return 1;
  return along[axis] > 0 === (axis !== 2) ? 1 : -1;
};

/** The number that the viewer shows for a region's image, from 1 in reading order. */
export class ImageNumbers {
  readonly #session: Session;
  readonly #known = new SvelteMap<string, { readonly order: 1 | -1; readonly count: number }>();

  constructor(session: Session) {
    this.#session = session;
  }

  clear(): void {
    this.#known.clear();
  }

  /** Reads the series that are not known yet. */
  async look(seriesIds: Iterable<string>): Promise<void> {
    for (const seriesId of new Set(seriesIds)) {
      if (this.#known.has(seriesId)) continue;
      try {
        const { frames } = await this.#session.client.studies.images({ seriesId });
        this.#known.set(seriesId, { order: readingOrder(frames), count: frames.length });
      } catch {
        // The viewer tells what is wrong with the series; here only a number stays out.
      }
    }
  }

  /** Null until the series is known. */
  of(region: Region): number | null {
    const series = this.#known.get(region.seriesId);
    if (!series) return null;
    return series.order === 1 ? region.frameIndex + 1 : series.count - region.frameIndex;
  }
}
