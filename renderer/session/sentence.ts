import { Fault, type ReportEdit } from '../../preload/contract/index.ts';
import type { Session } from './session.svelte.ts';

type NewSentence = Omit<Extract<ReportEdit, { kind: 'add' }>['sentence'], 'id' | 'section'>;

/**
 * A sentence of the reader's, at the end of the findings, with its place in the images: from any screen beside the report,
 * which is begun where there is none. Answers whether it was added; where it was not, it has said why.
 */
export const addToReport = async (
  session: Session,
  studyId: string,
  sentence: NewSentence,
  refused: string,
): Promise<boolean> => {
  const { client, notices } = session;
  const opId = crypto.randomUUID();
  const edit: ReportEdit = {
    kind: 'add',
    sentence: { ...sentence, id: crypto.randomUUID(), section: 'findings' },
    beforeId: null,
  };
  const add = async (): Promise<void> => {
    const report =
      (await client.reports.get({ studyId })).report ??
      (await client.reports.begin({ studyId, draftId: null, replace: false }));
    await client.reports.edit({ reportId: report.id, opId, revision: report.revision, edit });
  };
  try {
    await add().catch((error) => {
      // What is being typed beside it was kept meanwhile: once more, on what stands now.
      if (error instanceof Fault && error.code === 'conflict') return add();
      throw error;
    });
    notices.tell('Added to the report.', 'good', {
      title: 'Show',
      run: () => {
        session.pane = 'report';
      },
    });
    return true;
  } catch (error) {
    notices.fault(error, refused);
    return false;
  }
};
