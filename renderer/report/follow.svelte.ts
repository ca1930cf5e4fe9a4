import { untrack } from 'svelte';
import type { Session } from '../session/index.ts';
import { ReportDesk } from './desk.svelte.ts';

/** Ties the desk to what is open, to the line, to the backend's events and to the viewer, for the window's life. */
const follow = (desk: ReportDesk, session: Session): void => {
  $effect.root(() => {
    const studyId = $derived(session.study?.id ?? null);
    $effect(() => {
      const id = studyId;
      untrack(() => void desk.open(id));
      if (id === null) return;
      return session.client.reports.changed({ studyId: id }, ({ reportId, revision }) => {
        if (desk.report?.id !== reportId || revision > desk.report.revision) void desk.reload();
      });
    });
    $effect(() => {
      if (!session.connected) return;
      untrack(() => {
        desk.retry();
        if (desk.phase.kind !== 'loading') void desk.reload();
      });
    });
    $effect(() =>
      session.jobs.onEnd((job) => {
        if (job.kind === 'draft' && job.studyId === desk.studyId) void desk.reload();
      }),
    );
    // Leaving the page with text on its way asks first.
    $effect(() => {
      const leave = (event: BeforeUnloadEvent): void => {
        desk.flush();
        if (desk.savingShown.kind === 'saving' || desk.savingShown.kind === 'unsaved') event.preventDefault();
      };
      window.addEventListener('beforeunload', leave);
      return () => window.removeEventListener('beforeunload', leave);
    });
    // The sentence is selected in the reader's other window too; what is being typed here is not left for it.
    $effect(() => {
      const { selectedId } = desk;
      untrack(() => session.twin.share('sentence', selectedId));
    });
    $effect(() =>
      session.twin.on('sentence', (id) => {
        const known = id === null || desk.rows.some((row) => row.sentence.id === id);
        if (desk.editingId !== null || !known) return false;
        desk.select(id, { go: false });
        return true;
      }),
    );
    $effect(() => session.onRegionClicked((region, sentenceId) => desk.regionClicked(region, sentenceId)));
    $effect(() => {
      const places = desk.sentences.flatMap((sentence) => sentence.regions.map((region) => region.seriesId));
      if (session.activeSeriesId !== null) places.push(session.activeSeriesId);
      untrack(() => void desk.images.look(places));
    });
    $effect(() => {
      session.shownRegions = desk.sentences
        .filter((sentence) => sentence.decision !== 'deleted')
        .flatMap((sentence) =>
          sentence.regions.map((region) => ({
            region,
            color: null,
            label: sentence.findingKey.replaceAll('-', ' '),
            sentenceId: sentence.id,
          })),
        );
    });
  });
};

const desks = new WeakMap<Session, ReportDesk>();

/**
 * One desk a window: it keeps unsent text while the reader looks at another pane. Made for the first time outside of any
 * component (prepare in ReportPane.svelte): what a component makes stands still once it is gone, and the next study would
 * be shown beside the last one's sentences.
 */
export const deskOf = (session: Session): ReportDesk => {
  const known = desks.get(session);
  if (known) return known;
  const desk = new ReportDesk(session);
  desks.set(session, desk);
  follow(desk, session);
  return desk;
};
