import type { Session } from '../../session/index.ts';
import type { Board } from '../view/board.svelte.ts';
import {
  HANGING_SETTING,
  MOST_PROTOCOLS,
  type Protocol,
  protocolFor,
  readProtocols,
  seriesFor,
  wayTo,
} from './protocol.ts';

/** The reader's hanging protocols, in her order, and the board that they are hung on. */
export class Hanging {
  readonly board: Board;
  readonly session: Session;
  protocols = $state.raw<readonly Protocol[]>([]);
  /** The one by which the study hangs; null where it lies as the reader left it. */
  hungId = $state<string | null>(null);

  constructor(board: Board) {
    this.board = board;
    this.session = board.session;
  }

  async load(): Promise<void> {
    const { value } = await this.session.client.settings.get({ key: HANGING_SETTING });
    this.protocols = readProtocols(value);
  }

  /** Shown at once, taken back where it could not be kept. */
  async keep(protocols: readonly Protocol[]): Promise<boolean> {
    const before = this.protocols;
    this.protocols = protocols.slice(0, MOST_PROTOCOLS);
    try {
      await this.session.client.settings.set({ key: HANGING_SETTING, value: JSON.stringify(this.protocols) });
      return true;
    } catch (error) {
      this.protocols = before;
      this.session.notices.fault(error, 'The hanging protocols could not be kept');
      return false;
    }
  }

  /** The first that is meant for the open study. */
  fitting(): Protocol | null {
    const { study } = this.session;
    return study === null ? null : protocolFor(this.protocols, study, this.board.others.length);
  }

  async hang(protocol: Protocol): Promise<void> {
    const { board } = this;
    board.arrange(protocol.grid);
    for (const cell of board.cells) cell.empty();
    await Promise.all(
      protocol.cells.slice(0, board.cells.length).map(async (hung, n) => {
        const cell = board.cells[n];
        const series = seriesFor(hung, this.session.series, board.others);
        if (cell === undefined || series === null) return;
        cell.layout = hung.layout;
        cell.activeId = hung.layout === 'planes' ? 'axial' : 'stack';
        await cell.select(series.id);
        // The reader may have put another series there meanwhile.
        if (hung.window !== null && cell.seriesId === series.id) cell.setWindow(hung.window);
      }),
    );
    board.activate(
      Math.max(
        0,
        board.cells.findIndex((cell) => cell.seriesId !== null),
      ),
    );
    this.hungId = protocol.id;
  }

  /** A protocol of what is on the screen, for studies like the open one. */
  fromScreen(id: string, name: string): Protocol {
    const { board } = this;
    const { study } = this.session;
    const usesOther = board.cells.some((cell) => cell.ofAnotherStudy);
    return {
      id,
      name,
      match: {
        modality: study?.modalities[0] ?? '',
        bodyPart: study?.bodyParts[0] ?? '',
        description: '',
        others: usesOther ? 1 : 0,
      },
      grid: board.grid,
      cells: board.cells.map((cell) => {
        const owner = cell.owner;
        const all =
          owner === null || !cell.ofAnotherStudy ? this.session.series : (board.seriesOf(owner.study.id) ?? []);
        const way = owner === null ? { words: '', number: 1 } : wayTo(owner.series, all);
        return {
          of: cell.ofAnotherStudy ? 'other' : 'this',
          ...way,
          layout: cell.layout,
          window: cell.window,
        } as const;
      }),
    };
  }
}
