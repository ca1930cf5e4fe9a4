import { createHash } from 'node:crypto';
import { Fault, type ListedPresentation, Presentation } from '../../preload/contract/index.ts';
import { dicomFiles } from '../answers/files.ts';
import { presentationStateFile } from '../dicom/write/index.ts';
import type { Base, Presentations, Settings, Studies } from '../domains.ts';
import { createChanges } from '../process/changes.ts';
import { noteDone, wasDone } from '../store/index.ts';

interface Row {
  readonly id: string;
  readonly study_id: string;
  readonly series_id: string;
  readonly reader: string;
  readonly at: string;
  readonly removed: number;
  readonly body: string;
}

const SERIES_NUMBER = 9003;

/** How images are looked at: states of files, and the reader's own, kept until she removes them. */
export const createPresentations = (
  base: Base,
  studies: Pick<Studies, 'study' | 'seriesOf' | 'images' | 'classes' | 'onRemove' | 'objects'>,
  settings: Pick<Settings, 'reader' | 'handlers'>,
): Presentations => {
  const { store, outside } = base;
  /** Of the study. */
  const changes = createChanges<string>();

  const listed = (row: Row): ListedPresentation => {
    let presentation: Presentation | null = null;
    try {
      presentation = Presentation.parse(JSON.parse(row.body));
    } catch (error) {
      outside.log.error('a kept presentation cannot be read', error);
    }
    return {
      id: row.id,
      source: { kind: 'reader', reader: row.reader },
      createdAt: row.at,
      presentation,
      remarks: presentation ? [] : ['What was kept of it cannot be read any more.'],
    };
  };
  const rowOf = (id: string): Row | undefined => store.read.get<Row>('SELECT * FROM presentation WHERE id = ?', id);
  const rowsOf = (studyId: string): Row[] =>
    store.read.all<Row>('SELECT * FROM presentation WHERE study_id = ? AND removed = 0 ORDER BY at, id', studyId);

  /** Faults where it speaks of what is not in the series, or of what grayscale states cannot hold. */
  const check = async (seriesId: string, presentation: Presentation): Promise<void> => {
    const { frames } = await studies.images(seriesId);
    const numbers = Map.groupBy(frames, (frame) => frame.instanceUid);
    const named = [
      ...presentation.images,
      ...[...presentation.windows, ...presentation.areas, ...presentation.graphics].flatMap(({ images }) => images),
    ];
    if (presentation.images.length === 0) throw new Fault('invalid', 'A presentation needs an image.', { seriesId });
    for (const { instanceUid, frameNumbers } of named) {
      const own = numbers.get(instanceUid);
      if (!own || frameNumbers.some((number) => !own.some((frame) => frame.frameNumber === number)))
        throw new Fault('invalid', 'An image of the presentation is not in this series.', { seriesId });
    }
    const chosen = new Set(presentation.images.map(({ instanceUid }) => instanceUid));
    const shown = frames.filter(({ instanceUid }) => chosen.has(instanceUid));
    if (shown.some(({ format }) => format === 'rgb8'))
      throw new Fault('refused', 'Presentation states of grey images hold no colour images.', { seriesId });
    const { slope, intercept } = presentation.rescale;
    if (shown.some((frame) => frame.slope !== slope || frame.intercept !== intercept))
      throw new Fault('refused', 'The images have values of different scales: keep them one by one.', { seriesId });
  };

  const put = async (
    opId: string,
    id: string,
    seriesId: string,
    presentation: Presentation,
  ): Promise<ListedPresentation> => {
    const operation = { opId, kind: 'presentation.put', subject: id };
    const { studyId } = studies.seriesOf(seriesId);
    if (!wasDone(store.read, operation)) {
      await check(seriesId, presentation);
      const changed = store.transaction((writer) => {
        if (wasDone(writer, operation)) return false;
        if (writer.get('SELECT 1 FROM presentation WHERE id = ?', id))
          throw new Fault('conflict', 'There is a presentation of this id.', { id });
        const at = outside.now().toISOString();
        writer.run(
          'INSERT INTO presentation (id, study_id, series_id, reader, at, body) VALUES (?, ?, ?, ?, ?, ?)',
          id,
          studyId,
          seriesId,
          settings.reader().pseudonym,
          at,
          JSON.stringify(presentation),
        );
        noteDone(writer, operation, studyId, at);
        return true;
      });
      if (changed) changes.tell(studyId);
    }
    const row = rowOf(id);
    if (!row) throw new Fault('not-found', 'There is no such presentation.', { id });
    return listed(row);
  };

  const remove = (opId: string, id: string): void => {
    const operation = { opId, kind: 'presentation.remove', subject: id };
    const studyId = store.transaction((writer) => {
      if (wasDone(writer, operation)) return null;
      const row = writer.get<Row>('SELECT * FROM presentation WHERE id = ?', id);
      if (!row) throw new Fault('not-found', 'There is no such presentation.', { id });
      writer.run('UPDATE presentation SET removed = 1 WHERE id = ?', id);
      noteDone(writer, operation, row.study_id, outside.now().toISOString());
      return row.study_id;
    });
    if (studyId !== null) changes.tell(studyId);
  };

  /** The file. The same presentation gives the same file. */
  const write = async (row: Row, signal: AbortSignal): Promise<Uint8Array> => {
    const { presentation } = listed(row);
    if (!presentation) throw new Fault('refused', 'What was kept of it cannot be read any more.', { id: row.id });
    const { name } = settings.reader();
    const { version: software } = await settings.handlers.settings.workstation({}, { signal });
    const { study } = studies.study(row.study_id);
    const own = store.read.all<{ id: string }>(
      'SELECT id FROM presentation WHERE study_id = ? ORDER BY at, id',
      row.study_id,
    );
    return presentationStateFile({
      study,
      seriesUid: studies.seriesOf(row.series_id).uid,
      classes: studies.classes(row.series_id),
      presentation,
      key: `presentation/${study.uid}/${row.study_id}`,
      edition: createHash('sha256')
        .update(JSON.stringify([row.id, row.body, name, software]))
        .digest('hex'),
      software,
      seriesNumber: SERIES_NUMBER,
      instanceNumber: own.findIndex(({ id }) => id === row.id) + 1,
      at: new Date(row.at),
      creator: name,
    }).bytes;
  };

  studies.onRemove((writer, studyId) => {
    writer.run('DELETE FROM presentation WHERE study_id = ?', studyId);
    return [];
  });

  /** presentation/<id>.dcm */
  const media = dicomFiles('presentation', 'presentation.dcm', (id, signal) => {
    const row = rowOf(id);
    if (!row || row.removed) throw new Fault('not-found', 'There is no such presentation of the reader.', { id });
    return write(row, signal);
  });

  return {
    media,
    handlers: {
      presentations: {
        list: async ({ studyId }, { signal }) => {
          studies.study(studyId);
          const ofFiles = (await studies.objects(studyId, signal)).flatMap((one) =>
            one.kind === 'presentation' ? [one.listed] : [],
          );
          return { presentations: [...ofFiles, ...rowsOf(studyId).map(listed)] };
        },
        put: ({ opId, id, seriesId, presentation }) => put(opId, id, seriesId, presentation),
        remove: ({ opId, id }) => {
          remove(opId, id);
          return {};
        },
        changed: ({ studyId }, emit, signal) =>
          changes.listen((changed) => {
            if (changed === studyId) emit({ studyId });
          }, signal),
      },
    },
  };
};
