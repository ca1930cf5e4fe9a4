import { untrack } from 'svelte';
import type { ViewerState } from './view/viewer-state.svelte.ts';

const WAIT_MS = 1000;

/** Takes the reader back to where she left the study, and remembers where she is. Call while a component is made. */
export const rememberView = (viewer: ViewerState): void => {
  const { session } = viewer;
  const study = session.study;
  if (study === null) return;
  let recalled = $state(false);

  const first = (): string | undefined =>
    (
      session.series.find((series) => series.kind === 'image' && series.refused === null && series.frameCount > 1) ??
      session.series.find((series) => series.kind === 'image' && series.refused === null)
    )?.id;

  const recall = async (): Promise<void> => {
    const { view } = await session.client.studies.recall({ studyId: study.id }).catch(() => ({ view: null }));
    // The report may have asked for a place meanwhile: that wish comes first.
    if (viewer.pixels !== null || viewer.opening) return;
    const known = session.series.find((series) => series.id === view?.seriesId && series.refused === null);
    const seriesId = known?.id ?? first();
    if (seriesId === undefined) return;
    if (view !== null && known !== undefined && view.layout === 'planes') {
      viewer.layout = 'planes';
      viewer.activeId = 'axial';
    }
    await viewer.select(seriesId, known === undefined ? null : (view?.frameIndex ?? null));
  };
  untrack(() => void recall().finally(() => (recalled = true)));

  $effect(() => {
    const seriesId = session.activeSeriesId;
    const frameIndex = viewer.cursor[2];
    const layout = viewer.layout;
    if (!recalled || seriesId === null) return;
    const timer = setTimeout(() => {
      session.client.studies
        .remember({ studyId: study.id, view: { seriesId, frameIndex, layout, state: '' } })
        .catch(() => undefined);
    }, WAIT_MS);
    return () => clearTimeout(timer);
  });
};
