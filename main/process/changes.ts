import { EventEmitter } from 'node:events';

/** Tells what has changed to whoever listens. */
export interface Changes<Change> {
  tell(change: Change): void;
  /** Until the signal is aborted. */
  listen(hear: (change: Change) => void, signal: AbortSignal): void;
}

export const createChanges = <Change>(): Changes<Change> => {
  const events = new EventEmitter<{ changed: [Change] }>();
  // As many as there are windows.
  events.setMaxListeners(0);
  return {
    tell: (change) => {
      events.emit('changed', change);
    },
    listen: (hear, signal) => {
      events.on('changed', hear);
      signal.addEventListener('abort', () => events.off('changed', hear));
    },
  };
};
