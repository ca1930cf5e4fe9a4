const APART_MS = 1000;

/**
 * Aborts when the user stops the program, and ends it at once when told again. One key press can arrive more than
 * once: the terminal tells the whole group, and npm passes on what it was told.
 */
export const abortWhenStopped = (controller: AbortController): void => {
  let first = 0;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      const now = performance.now();
      if (!controller.signal.aborted) {
        first = now;
        controller.abort();
      } else if (now - first > APART_MS) process.exit(130);
    });
  }
};
