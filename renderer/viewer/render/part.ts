/** A part of the window that is loaded only when it is needed. */

/** What the reader is told where a part cannot be had. */
export class PartMissing extends Error {
  constructor(cause: unknown) {
    super('A part of this window could not be loaded.', { cause });
  }
}

const WAITS_MS: readonly number[] = [200, 600, 1500, 4000];

/**
 * Loads it, and tries again where that fails: a busy machine and a host that starts again answer a moment later.
 * Throws PartMissing.
 */
export const loadPart = async <T>(load: () => Promise<T>, waitsMs = WAITS_MS): Promise<T> => {
  for (let attempt = 0; ; attempt++) {
    try {
      return await load();
    } catch (error) {
      const waitMs = waitsMs[attempt];
      if (waitMs === undefined) throw new PartMissing(error);
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
};
