import { Fault, type KnowledgeHit, type KnowledgeReport } from '../../preload/contract/index.ts';
import type { Base, Inference, Knowledge, Studies } from '../domains.ts';
import { createEmbeddings } from './embeddings.ts';
import { fused } from './fuse.ts';
import { parseReports } from './parse.ts';
import { priorsOf } from './priors.ts';
import {
  allowedRows,
  byRows,
  byWords,
  type Filters,
  insert,
  isFiltered,
  type KnowledgeRow,
  type NewReport,
  remove,
  textOf,
  toReport,
} from './reports.ts';

export { usable as usablePriors } from './priors.ts';

const BATCH = 200;

/** Reports of earlier studies: imported or signed here; searched by similarity and by words. */
export const createKnowledge = (base: Base, studies: Studies, inference: Inference): Knowledge => {
  const { store, newId, jobs } = base;
  const embeddings = createEmbeddings(base, inference);
  const now = (): string => base.outside.now().toISOString();

  studies.onRemove((writer, studyId) => {
    const own = writer.all<{ row: number }>('SELECT row FROM knowledge WHERE study_id = ?', studyId);
    for (const { row } of own) {
      remove(writer, row);
      embeddings.forget(row);
    }
    writer.run('DELETE FROM prior_confirmation WHERE study_id = ?', studyId);
    return [];
  });

  const search = async (
    text: string,
    filters: Filters,
    limit: number,
    signal: AbortSignal,
  ): Promise<KnowledgeHit[]> => {
    const deep = Math.max(50, limit * 2);
    const words = byWords(store.read, text, filters, deep);
    const near = await embeddings.nearest(
      text,
      deep,
      isFiltered(filters) ? allowedRows(store.read, filters) : null,
      signal,
    );
    const snippets = new Map(words.map(({ row, snippet }) => [row, snippet]));
    const best = fused(words, near).slice(0, limit);
    const rows = new Map(
      byRows(
        store.read,
        best.map(({ row }) => row),
      ).map((row) => [row.row, row]),
    );
    return best.flatMap(({ row, score, similarity }) => {
      const found = rows.get(row);
      if (!found) return [];
      const report = toReport(found);
      return [{ report, similarity, score, snippet: snippets.get(row) || textOf(report).slice(0, 240) }];
    });
  };

  const filtersFor = (
    studyId: string | null,
  ): Pick<Filters, 'excludeStudyId' | 'excludePatientId' | 'excludeBirthDate'> => {
    const patient = studyId === null ? null : studies.study(studyId).study.patient;
    return {
      excludeStudyId: studyId,
      excludePatientId: patient?.id ?? '',
      excludeBirthDate: patient?.birthDate ?? null,
    };
  };

  const importPath = (path: string): { jobId: string } => ({
    jobId: jobs.start({ kind: 'knowledge', title: 'Import of reports' }, async ({ signal, progress }) => {
      const counts = { added: 0, there: 0, refused: 0 };
      let firstRefusal = '';
      let batch: NewReport[] = [];
      const flush = (): void => {
        store.transaction((writer) => {
          for (const report of batch) {
            if (insert(writer, newId(), report, now()).added) counts.added++;
            else counts.there++;
          }
        });
        batch = [];
      };
      const say = (): string =>
        `${counts.added} added, ${counts.there} already there, ${counts.refused} refused${firstRefusal ? ` (${firstRefusal})` : ''}`;
      for await (const parsed of parseReports(path)) {
        signal.throwIfAborted();
        if (parsed.kind === 'refused') {
          counts.refused++;
          firstRefusal ||= `line ${parsed.line}: ${parsed.reason}`;
        } else batch.push({ ...parsed.report, studyId: null, source: 'imported' });
        if (batch.length >= BATCH) {
          flush();
          progress(null, say());
        }
      }
      flush();
      progress(0.5, say());
      await embeddings.embedMissing(signal, (done, total) =>
        progress(0.5 + (0.5 * done) / Math.max(1, total), `${say()}; ${done} of ${total} embedded`),
      );
      progress(1, say());
      return null;
    }),
  });

  const find = (knowledgeId: string): KnowledgeRow => {
    const row = store.read.get<KnowledgeRow>('SELECT * FROM knowledge WHERE id = ?', knowledgeId);
    if (!row) throw new Fault('not-found', 'This report is no longer in the index.', { knowledgeId });
    return row;
  };

  return {
    priors: (studyId) => priorsOf(store.read, studies.study(studyId).study),
    similar: (studyId, text, limit, signal) =>
      search(text, { modality: null, bodyPart: null, from: null, to: null, ...filtersFor(studyId) }, limit, signal),
    add: async (report) => {
      const { patientName: _never, ...rest } = report;
      // A report told again with its addendum takes the place of the one before.
      const { stored, older } = store.transaction((writer) => {
        const stored = insert(writer, newId(), rest, now());
        const older = writer.all<{ row: number }>(
          'SELECT row FROM knowledge WHERE study_id = ? AND row <> ?',
          rest.studyId,
          stored.row,
        );
        for (const { row } of older) remove(writer, row);
        return { stored, older };
      });
      for (const { row } of older) embeddings.forget(row);
      await embeddings.embedMissing(new AbortController().signal, () => {});
      return stored.id;
    },
    importPath,
    close: () => embeddings.close(),
    handlers: {
      knowledge: {
        import: ({ source }) => importPath(studies.resolve(source)),
        search: async ({ text, limit, excludeStudyId, ...filters }, { signal }) => {
          const start = performance.now();
          const hits = await search(text, { ...filters, ...filtersFor(excludeStudyId) }, limit, signal);
          return { hits, tookMs: performance.now() - start };
        },
        get: ({ knowledgeId }): KnowledgeReport => toReport(find(knowledgeId)),
        count: () => ({
          reports: store.read.get<{ n: number }>('SELECT count(*) AS n FROM knowledge')?.n ?? 0,
          embedded: store.read.get<{ n: number }>('SELECT count(*) AS n FROM knowledge_embedding')?.n ?? 0,
        }),
        remove: ({ knowledgeId }) => {
          const { row } = find(knowledgeId);
          store.transaction((writer) => remove(writer, row));
          embeddings.forget(row);
          return {};
        },
      },
      studies: {
        priors: ({ studyId }) => ({ priors: priorsOf(store.read, studies.study(studyId).study) }),
        confirmPrior: ({ studyId, knowledgeId, same }) => {
          studies.study(studyId);
          find(knowledgeId);
          store.transaction((writer) =>
            writer.run(
              `INSERT INTO prior_confirmation (study_id, knowledge_id, same, said_at) VALUES (?, ?, ?, ?)
               ON CONFLICT (study_id, knowledge_id) DO UPDATE SET same = excluded.same, said_at = excluded.said_at`,
              studyId,
              knowledgeId,
              same ? 1 : 0,
              now(),
            ),
          );
          studies.changed(studyId);
          return {};
        },
      },
    },
  };
};
