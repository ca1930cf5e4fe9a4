import type { Session } from '../../session/index.ts';
import type { ViewerState } from '../view/viewer-state.svelte.ts';
import {
  MOST_OWN_WINDOWS,
  OWN_WINDOWS_SETTING,
  type OwnWindow,
  ownWindowsFor,
  readOwnWindows,
  shownWindow,
} from './own-windows.ts';

/** What the reader is asked for: numbers, a name for the window shown, or all of her windows. */
export type Asking = 'numbers' | 'name' | 'all';

/** The reader's own windows and the dialogs about them; one for the whole window. */
export class Windows {
  readonly session: Session;
  own = $state.raw<readonly OwnWindow[]>([]);
  asking = $state<Asking | null>(null);

  constructor(session: Session) {
    this.session = session;
    session.client.settings.get({ key: OWN_WINDOWS_SETTING }).then(
      ({ value }) => {
        this.own = readOwnWindows(value);
      },
      (error) => session.notices.fault(error, 'Your windows could not be read'),
    );
  }

  /** Shown at once, taken back where it could not be kept. */
  async keep(own: readonly OwnWindow[]): Promise<boolean> {
    const before = this.own;
    this.own = own.slice(0, MOST_OWN_WINDOWS);
    try {
      await this.session.client.settings.set({ key: OWN_WINDOWS_SETTING, value: JSON.stringify(this.own) });
      return true;
    } catch (error) {
      this.own = before;
      this.session.notices.fault(error, 'Your windows could not be kept');
      return false;
    }
  }

  /** Those for what the cell shows. */
  for(cell: ViewerState): readonly OwnWindow[] {
    if (cell.frame === null || cell.frame.format === 'rgb8') return [];
    return ownWindowsFor(this.own, cell.owner?.series.modality ?? '', cell.frame.unit);
  }

  use(cell: ViewerState, index: number): void {
    const one = this.for(cell)[index];
    if (one !== undefined) cell.setWindow(shownWindow(one));
    else this.session.notices.tell('You have kept no such window for these images.');
  }

  /** The window that the cell shows, to be kept under a name; null where there is none. */
  fromShown(cell: ViewerState, name: string): OwnWindow | null {
    const { shownWindow: shown, frame } = cell;
    if (shown === null || frame === null || frame.format === 'rgb8') return null;
    return {
      id: crypto.randomUUID(),
      name,
      modality: (cell.owner?.series.modality ?? '').toUpperCase().slice(0, 16),
      unit: frame.unit,
      center: shown.center,
      width: shown.width,
      ...(shown.function === undefined ? {} : { function: shown.function }),
    };
  }
}

const all = new WeakMap<Session, Windows>();

/** The one of this window. */
export const windowsOf = (session: Session): Windows => {
  const known = all.get(session) ?? new Windows(session);
  all.set(session, known);
  return known;
};
