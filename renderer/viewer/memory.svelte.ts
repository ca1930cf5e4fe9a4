import { untrack } from 'svelte';
import { z } from 'zod';
import type { SeriesSummary, StudySummary } from '../../preload/contract/index.ts';
import type { Hanging } from './hanging/hanging.svelte.ts';
import { type Board, GRIDS, type Grid } from './view/board.svelte.ts';
import { SceneMemory } from './view/scene-view.svelte.ts';

const WAIT_MS = 1000;

/** How the cells lay: kept with the study as it was left, and for studies of the same kind without their series. */
const CellMemory = z.object({
  seriesId: z.string().nullable().catch(null),
  layout: z.enum(['stack', 'planes']).catch('stack'),
  frameIndex: z.number().int().nonnegative().catch(0),
  scene: SceneMemory.optional().catch(undefined),
});
const BoardMemory = z.object({
  grid: z.tuple([z.number(), z.number()]),
  active: z.number().int().nonnegative().catch(0),
  cells: z.array(CellMemory).max(9),
});
type BoardMemory = z.infer<typeof BoardMemory>;

/** What is stored may come from another version: what is not understood is as if it were not there. */
const read = (text: string | null | undefined): BoardMemory | null => {
  if (!text) return null;
  try {
    const memory = BoardMemory.parse(JSON.parse(text));
    return GRIDS.some(([rows, columns]) => rows === memory.grid[0] && columns === memory.grid[1]) ? memory : null;
  } catch {
    return null;
  }
};

const kindKey = (study: StudySummary): string =>
  `layout ${study.modalities.toSorted().join('/')} ${study.bodyParts.toSorted().join('/')}`.slice(0, 64).trim();

/** Takes the reader back to where she left the study, and remembers where she is. Call while a component is made. */
export const rememberView = (board: Board, hanging: Hanging): void => {
  const { session } = board;
  const study = session.study;
  if (study === null) return;
  let recalled = $state(false);
  const shows = (series: SeriesSummary): boolean => series.kind === 'image' && series.refused === null;
  const first = (): string | undefined =>
    (session.series.find((series) => shows(series) && series.frameCount > 1) ?? session.series.find(shows))?.id;

  const lay = async (memory: BoardMemory): Promise<void> => {
    board.arrange(memory.grid as Grid);
    await Promise.all(
      memory.cells.slice(0, board.cells.length).map(async (kept, n) => {
        const cell = board.cells[n];
        if (cell === undefined) return;
        cell.layout = kept.layout;
        if (kept.layout === 'planes') cell.activeId = 'axial';
        if (kept.scene !== undefined) cell.scene.recall(kept.scene);
        const known = session.series.find((series) => series.id === kept.seriesId && shows(series));
        if (known !== undefined) await cell.select(known.id, kept.frameIndex);
      }),
    );
    if (memory.active < board.cells.length) board.activate(memory.active);
  };

  const recall = async (): Promise<void> => {
    const [{ view }, kind] = await Promise.all([
      session.client.studies.recall({ studyId: study.id }).catch(() => ({ view: null })),
      session.client.settings.get({ key: kindKey(study) }).catch(() => ({ value: null })),
      board.loadOthers(),
      hanging.load().catch((error) => session.notices.fault(error, 'The hanging protocols could not be read')),
    ]);
    // The report may have asked for a place meanwhile: that wish comes first.
    if (board.active.seriesId !== null) return;
    const left = read(view?.state);
    const protocol = left === null ? hanging.fitting() : null;
    const memory = left ?? (protocol === null ? read(kind.value) : null);
    if (protocol !== null) await hanging.hang(protocol);
    else if (memory !== null) await lay(memory);
    if (board.cells.every((cell) => cell.seriesId === null)) {
      const seriesId = session.series.find((series) => series.id === view?.seriesId && shows(series))?.id ?? first();
      if (seriesId !== undefined)
        await board.active.select(seriesId, seriesId === view?.seriesId ? (view?.frameIndex ?? null) : null);
    }
    // As the last study of its kind lay; one that the reader has left with empty cells keeps them empty.
    if (left === null && memory !== null) await board.fill();
  };
  untrack(() => void recall().finally(() => (recalled = true)));

  $effect(() => {
    const seriesId = board.active.ofAnotherStudy ? null : board.active.seriesId;
    const frameIndex = board.active.cursor[2];
    const { layout } = board.active;
    const cells = board.cells.map((cell) => ({
      seriesId: cell.ofAnotherStudy ? null : cell.seriesId,
      layout: cell.layout,
      frameIndex: cell.cursor[2],
      scene: cell.scene.remember(),
    }));
    const memory: BoardMemory = { grid: [board.grid[0], board.grid[1]], active: board.activeIndex, cells };
    // The first of two windows is the one that the study is found in again.
    if (!recalled || board.active.seriesId === null || session.twin.isSecond) return;
    const timer = setTimeout(() => {
      session.client.studies
        .remember({ studyId: study.id, view: { seriesId, frameIndex, layout, state: JSON.stringify(memory) } })
        .catch(() => undefined);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  });
  $effect(() => {
    const cells = board.cells.map(({ layout }) => ({ seriesId: null, layout, frameIndex: 0 }));
    const memory: BoardMemory = { grid: [board.grid[0], board.grid[1]], active: 0, cells };
    if (!recalled || session.twin.isSecond) return;
    const timer = setTimeout(() => {
      session.client.settings.set({ key: kindKey(study), value: JSON.stringify(memory) }).catch(() => undefined);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  });
};
