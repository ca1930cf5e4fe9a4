import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ExportPreview, Fault, type PreferenceOptions } from '../../preload/contract/index.ts';
import { answerFile } from '../answers/files.ts';
import type { Base, Drafting, Exports, JobContext, MediaHandler, Ratings, Reports, Studies } from '../domains.ts';
import { assemble, type Sources } from './assemble.ts';
import { pixelsRefused } from './pixels.ts';
import { DATA_FILE, dataBytes, sweep, writeFolder, writeOut } from './write.ts';

interface ExportRow {
  readonly id: string;
  readonly op_id: string;
  readonly created_at: string;
  readonly format: string;
  readonly lines: number;
  readonly files: string;
}

const SAMPLE = 3;
const TYPES: Readonly<Record<string, string>> = { jsonl: 'application/jsonl; charset=utf-8', png: 'image/png' };

/** Preference data without identity: shown before, written whole, listed, and gone with a study that is in it. */
export const createExports = (
  base: Base,
  studies: Sources['studies'] & Pick<Studies, 'onRemove'>,
  drafting: Pick<Drafting, 'drafts'>,
  reports: Pick<Reports, 'report' | 'readers'>,
  ratings: Pick<Ratings, 'ratings' | 'comparisons'>,
): Exports => {
  const { store, jobs, newId, outside } = base;
  const sources: Sources = { base, studies, drafting, reports, ratings };
  const folder = join(store.folder, 'exports');
  const running = new Map<string, string>();

  const rows = (): ExportRow[] => store.read.all<ExportRow>('SELECT * FROM export ORDER BY created_at DESC, id');
  const byOperation = (opId: string): ExportRow | undefined =>
    store.read.get<ExportRow>('SELECT * FROM export WHERE op_id = ?', opId);

  /** Before anything is written: what a crash left is known by having no row. */
  const swept = sweep(folder, new Set(rows().map((row) => row.id))).then(
    (count) => {
      if (count > 0) outside.log.info('unfinished exports deleted', { count });
    },
    (error: unknown) => outside.log.error('unfinished exports could not be deleted', error),
  );

  studies.onRemove((writer, studyId) => {
    const held = writer.all<{ id: string }>('SELECT export_id AS id FROM export_study WHERE study_id = ?', studyId);
    for (const { id } of held) writer.run('DELETE FROM export WHERE id = ?', id);
    return held.map(({ id }) => join(folder, id));
  });

  const clear = new Map<string, string>();
  /** Headers do not change while their series is what it is: asked once. */
  const burnedIn = async (seriesId: string, signal: AbortSignal): Promise<string> => {
    const series = studies.seriesOf(seriesId);
    const key = `${seriesId} ${series.frameCount}`;
    const known = clear.get(key);
    if (known !== undefined) return known;
    const headers = (await studies.headers?.(series.studyId, signal))?.find((one) => one.seriesId === seriesId) ?? null;
    const reason = pixelsRefused(series, headers) ?? '';
    if (clear.size > 256) clear.clear();
    clear.set(key, reason);
    return reason;
  };

  const preview = async (options: PreferenceOptions, signal: AbortSignal): Promise<ExportPreview> => {
    const assembled = await assemble(sources, options, signal);
    const files = [{ path: DATA_FILE, bytes: dataBytes(assembled).length }];
    for (const image of assembled.images) files.push({ path: image.path, bytes: (await image.bytes()).length });
    return {
      lines: assembled.lines.length,
      bytes: files.reduce((sum, one) => sum + one.bytes, 0),
      files,
      sample: assembled.lines.slice(0, SAMPLE),
      replaced: assembled.replaced,
      leftOut: assembled.leftOut,
    };
  };

  const write = async (options: PreferenceOptions, opId: string, context: JobContext): Promise<string> => {
    await swept;
    const there = byOperation(opId);
    if (there) return there.id;
    const assembled = await assemble(sources, options, context.signal, (fraction) =>
      context.progress(fraction * 0.9, 'Taking identity out'),
    );
    if (assembled.lines.length === 0) throw new Fault('refused', 'There is nothing to export: the preview says why.');
    const id = newId();
    context.progress(0.9, 'Writing');
    const files = await writeFolder(folder, id, assembled, context.signal);
    store.transaction((writer) => {
      writer.run(
        'INSERT INTO export (id, op_id, created_at, format, lines, files) VALUES (?, ?, ?, ?, ?, ?)',
        id,
        opId,
        outside.now().toISOString(),
        options.format,
        assembled.lines.length,
        JSON.stringify(files),
      );
      for (const studyId of assembled.studyIds)
        writer.run('INSERT INTO export_study (export_id, study_id) VALUES (?, ?)', id, studyId);
    });
    return id;
  };

  const run = (options: PreferenceOptions, opId: string): string => {
    const under = running.get(opId);
    if (under) return under;
    const jobId = jobs.start({ kind: 'export', title: 'Export of preferences' }, (context) =>
      write(options, opId, context).finally(() => running.delete(opId)),
    );
    running.set(opId, jobId);
    return jobId;
  };

  const media: MediaHandler = (request, segments) => {
    const [first, id = '', ...rest] = segments;
    if (first !== 'export') return null;
    return answerFile(request, async () => {
      const row = store.read.get<ExportRow>('SELECT * FROM export WHERE id = ?', id);
      const path = rest.join('/');
      // Only paths that the export lists: nothing is resolved.
      if (!row || !(JSON.parse(row.files) as string[]).includes(path)) return null;
      const bytes = await readFile(join(folder, row.id, ...rest)).catch(() => null);
      if (!bytes) return null;
      const name = rest.at(-1) ?? '';
      return {
        body: bytes,
        type: TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
        disposition: `attachment; filename="${name}"`,
      };
    });
  };

  return {
    media,
    write: async (options, out) => {
      const assembled = await assemble(sources, options, new AbortController().signal);
      return { lines: assembled.lines.length, files: await writeOut(out, assembled) };
    },
    handlers: {
      exports: {
        preview: (options, { signal }) => preview(options, signal),
        run: ({ opId, ...options }) => ({ jobId: run(options, opId) }),
        burnedIn: async ({ seriesId }, { signal }) => ({ reason: await burnedIn(seriesId, signal) }),
        list: () => ({
          exports: rows().map((row) => ({
            id: row.id,
            createdAt: row.created_at,
            format: row.format,
            lines: row.lines,
            files: JSON.parse(row.files) as string[],
          })),
        }),
      },
    },
  };
};
