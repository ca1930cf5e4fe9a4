import { Fault, type ImagePlace, type KeyImage } from '../../preload/contract/index.ts';
import { dicomFiles } from '../answers/files.ts';
import type { Base, KeyImages, Settings, Studies } from '../domains.ts';
import { createChanges } from '../process/changes.ts';
import { noteDone, type Reader, wasDone } from '../store/index.ts';
import { writeSelection } from './selection.ts';

interface Row {
  readonly id: string;
  readonly study_id: string;
  readonly series_id: string;
  readonly instance_uid: string;
  readonly frame_number: number;
}
interface Version {
  readonly revision: number;
  readonly reader: string;
  readonly at: string;
  readonly note: string | null;
}

/** Images that the reader marked as key: kept as it happens, every change a version of its own. */
export const createKeyImages = (
  base: Base,
  studies: Pick<Studies, 'study' | 'seriesOf' | 'images' | 'classes' | 'onRemove' | 'objects'>,
  settings: Pick<Settings, 'reader' | 'handlers'>,
): KeyImages => {
  const { store, outside, newId } = base;
  /** Of the study. */
  const changes = createChanges<string>();

  const rowOf = (reader: Reader, { seriesId, instanceUid, frameNumber }: ImagePlace): Row | undefined =>
    reader.get<Row>(
      'SELECT * FROM key_image WHERE series_id = ? AND instance_uid = ? AND frame_number = ?',
      seriesId,
      instanceUid,
      frameNumber,
    );
  const lastOf = (reader: Reader, id: string): Version | undefined =>
    reader.get<Version>(
      'SELECT revision, reader, at, note FROM key_image_version WHERE key_image_id = ? ORDER BY revision DESC LIMIT 1',
      id,
    );

  /** As it was last kept; null where it is key no more. */
  const shown = (reader: Reader, row: Row): KeyImage | null => {
    const last = lastOf(reader, row.id);
    if (!last || last.note === null) return null;
    return {
      studyId: row.study_id,
      seriesId: row.series_id,
      instanceUid: row.instance_uid,
      frameNumber: row.frame_number,
      note: last.note,
      revision: last.revision,
      reader: last.reader,
      markedAt: last.at,
    };
  };

  const ofStudy = (studyId: string): KeyImage[] =>
    store.read
      .all<Row>('SELECT * FROM key_image WHERE study_id = ?', studyId)
      .flatMap((row) => shown(store.read, row) ?? [])
      .sort((a, b) => a.markedAt.localeCompare(b.markedAt) || a.instanceUid.localeCompare(b.instanceUid));

  const present = (place: ImagePlace): KeyImage => {
    const row = rowOf(store.read, place);
    const one = row && shown(store.read, row);
    if (!one) throw new Fault('not-found', 'This image is no key image.', { seriesId: place.seriesId });
    return one;
  };

  const subjectOf = (place: ImagePlace): string => `${place.seriesId}/${place.instanceUid}/${place.frameNumber}`;
  const conflict = (revision: number): Fault =>
    new Fault('conflict', 'The key image was changed meanwhile.', { revision });

  const put = async (place: ImagePlace, note: string, revision: number, opId: string): Promise<KeyImage> => {
    const operation = { opId, kind: 'key-image.put', subject: subjectOf(place) };
    if (wasDone(store.read, operation)) return present(place);
    const { studyId } = studies.seriesOf(place.seriesId);
    const { frames } = await studies.images(place.seriesId);
    if (!frames.some((one) => one.instanceUid === place.instanceUid && one.frameNumber === place.frameNumber))
      throw new Fault('invalid', 'The image is not there in this series.', { seriesId: place.seriesId });
    const changed = store.transaction((writer) => {
      if (wasDone(writer, operation)) return false;
      const row = rowOf(writer, place);
      const last = row && lastOf(writer, row.id);
      // What was let go can be marked again by who never knew of it.
      const isFree = revision === 0 && last?.note === null;
      if (!isFree && (last?.revision ?? 0) !== revision) throw conflict(last?.revision ?? 0);
      const at = outside.now().toISOString();
      const id = row?.id ?? newId();
      if (!row)
        writer.run(
          'INSERT INTO key_image (id, study_id, series_id, instance_uid, frame_number) VALUES (?, ?, ?, ?, ?)',
          id,
          studyId,
          place.seriesId,
          place.instanceUid,
          place.frameNumber,
        );
      writer.run(
        'INSERT INTO key_image_version (key_image_id, revision, reader, at, note) VALUES (?, ?, ?, ?, ?)',
        id,
        (last?.revision ?? 0) + 1,
        settings.reader().pseudonym,
        at,
        note.trim(),
      );
      noteDone(writer, operation, studyId, at);
      return true;
    });
    if (changed) changes.tell(studyId);
    return present(place);
  };

  const remove = (place: ImagePlace, revision: number, opId: string): number => {
    const operation = { opId, kind: 'key-image.remove', subject: subjectOf(place) };
    const done = store.transaction((writer) => {
      const row = rowOf(writer, place);
      const last = row && lastOf(writer, row.id);
      if (!row || !last) throw new Fault('not-found', 'This image is no key image.', { seriesId: place.seriesId });
      if (wasDone(writer, operation)) return { revision: last.revision, studyId: null };
      if (last.revision !== revision) throw conflict(last.revision);
      const at = outside.now().toISOString();
      writer.run(
        'INSERT INTO key_image_version (key_image_id, revision, reader, at, note) VALUES (?, ?, ?, ?, NULL)',
        row.id,
        revision + 1,
        settings.reader().pseudonym,
        at,
      );
      noteDone(writer, operation, row.study_id, at);
      return { revision: revision + 1, studyId: row.study_id };
    });
    if (done.studyId !== null) changes.tell(done.studyId);
    return done.revision;
  };

  studies.onRemove((writer, studyId) => {
    writer.run('DELETE FROM key_image WHERE study_id = ?', studyId);
    return [];
  });

  /** key-images/<study>.dcm */
  const media = dicomFiles('key-images', 'key-images.dcm', async (studyId, signal) => {
    const { bytes } = await writeSelection(studies, settings, studyId, ofStudy(studyId), signal);
    return bytes;
  });

  return {
    ofStudy,
    media,
    handlers: {
      keyImages: {
        list: ({ studyId }) => {
          studies.study(studyId);
          return { images: ofStudy(studyId) };
        },
        ofFiles: async ({ studyId }, { signal }) => ({
          objects: (await studies.objects(studyId, signal)).flatMap((one) =>
            one.kind === 'key-object' ? [one.object] : [],
          ),
        }),
        put: ({ image, note, revision, opId }) => put(image, note, revision, opId),
        remove: ({ image, revision, opId }) => ({ revision: remove(image, revision, opId) }),
        studies: () => ({
          studies: store.read.all<{ studyId: string; count: number }>(
            `SELECT k.study_id AS studyId, count(*) AS count FROM key_image k
              JOIN key_image_version v ON v.key_image_id = k.id
              WHERE v.note IS NOT NULL
                AND v.revision = (SELECT max(revision) FROM key_image_version WHERE key_image_id = k.id)
              GROUP BY k.study_id ORDER BY max(v.at) DESC, k.study_id`,
          ),
        }),
        changed: ({ studyId }, emit, signal) =>
          changes.listen((changed) => {
            if (changed === studyId) emit({ studyId });
          }, signal),
      },
    },
  };
};
