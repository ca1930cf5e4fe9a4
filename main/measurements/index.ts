import { type DrawnMeasurement, Fault, MeasurementDraft } from '../../preload/contract/index.ts';
import { dicomFiles } from '../answers/files.ts';
import type { Base, Measurements, Studies } from '../domains.ts';
import { createChanges } from '../process/changes.ts';
import { noteDone, type Reader, wasDone } from '../store/index.ts';
import { checkPlace } from './places.ts';
import { assembleReport, type ReportParts, writeReport } from './report.ts';

interface MeasurementRow {
  readonly id: string;
  readonly study_id: string;
  readonly series_id: string;
  readonly tracking_uid: string;
  readonly reader: string;
  readonly created_at: string;
}
interface VersionRow {
  readonly revision: number;
  readonly at: string;
  readonly body: string | null;
}

/** What the reader measured: kept as it happens, every change a version of its own. */
export const createMeasurements = (
  base: Base,
  studies: ReportParts['studies'] & Pick<Studies, 'onRemove'>,
  settings: ReportParts['settings'],
): Measurements => {
  const { store, outside } = base;
  /** Of the study. */
  const changes = createChanges<string>();
  const now = (): string => outside.now().toISOString();

  const rowOf = (reader: Reader, id: string): MeasurementRow | undefined =>
    reader.get<MeasurementRow>('SELECT * FROM measurement WHERE id = ?', id);
  const lastRevision = (reader: Reader, id: string): number =>
    reader.get<{ last: number | null }>(
      'SELECT max(revision) AS last FROM measurement_version WHERE measurement_id = ?',
      id,
    )?.last ?? 0;

  const draftOf = (version: VersionRow): MeasurementDraft | null => {
    try {
      return MeasurementDraft.parse(JSON.parse(version.body ?? ''));
    } catch (error) {
      outside.log.error('a version of a measurement cannot be read: the one before it is shown', error);
      return null;
    }
  };

  /** As it was last kept; null where it was removed. */
  const shown = (reader: Reader, row: MeasurementRow): DrawnMeasurement | null => {
    const versions = reader.all<VersionRow>(
      'SELECT revision, at, body FROM measurement_version WHERE measurement_id = ? ORDER BY revision DESC LIMIT 8',
      row.id,
    );
    const last = versions[0];
    if (!last || last.body === null) return null;
    for (const version of versions) {
      const draft = version.body === null ? null : draftOf(version);
      if (!draft) continue;
      return {
        ...draft,
        studyId: row.study_id,
        trackingUid: row.tracking_uid,
        // Also where an older version is shown: a change is made after the last one.
        revision: last.revision,
        reader: row.reader,
        createdAt: row.created_at,
        updatedAt: version.at,
      };
    }
    return null;
  };

  const ofStudy = (studyId: string): DrawnMeasurement[] =>
    store.read
      .all<MeasurementRow>('SELECT * FROM measurement WHERE study_id = ? ORDER BY created_at, id', studyId)
      .map((row) => shown(store.read, row))
      .filter((one) => one !== null);

  const present = (measurementId: string): DrawnMeasurement => {
    const row = rowOf(store.read, measurementId);
    const one = row && shown(store.read, row);
    if (!one) throw new Fault('not-found', 'There is no such measurement.', { measurementId });
    return one;
  };

  /** A UID from a random UUID. PS3.5 B.2 */
  const newUid = (): string => {
    const bytes = Buffer.from(outside.randomBytes(16));
    bytes.writeUInt8(((bytes[6] ?? 0) & 0x0f) | 0x40, 6);
    bytes.writeUInt8(((bytes[8] ?? 0) & 0x3f) | 0x80, 8);
    return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}`;
  };

  const checkRevision = (reader: Reader, measurementId: string, revision: number): void => {
    const last = lastRevision(reader, measurementId);
    if (last !== revision)
      throw new Fault('conflict', 'The measurement was changed meanwhile.', { measurementId, revision: last });
  };

  const put = async (draft: MeasurementDraft, revision: number, opId: string): Promise<DrawnMeasurement> => {
    const operation = { opId, kind: 'measurement.put', subject: draft.id };
    if (wasDone(store.read, operation)) return present(draft.id);
    const { studyId } = studies.seriesOf(draft.seriesId);
    checkPlace(draft, await studies.images(draft.seriesId));
    const changed = store.transaction((writer) => {
      if (wasDone(writer, operation)) return false;
      const row = rowOf(writer, draft.id);
      if (row && row.series_id !== draft.seriesId)
        throw new Fault('invalid', 'A measurement does not move to another series.', { measurementId: draft.id });
      checkRevision(writer, draft.id, revision);
      const at = now();
      const { pseudonym } = settings.reader();
      if (!row)
        writer.run(
          'INSERT INTO measurement (id, study_id, series_id, tracking_uid, reader, created_at) VALUES (?, ?, ?, ?, ?, ?)',
          draft.id,
          studyId,
          draft.seriesId,
          newUid(),
          pseudonym,
          at,
        );
      writer.run(
        'INSERT INTO measurement_version (measurement_id, revision, reader, at, body) VALUES (?, ?, ?, ?, ?)',
        draft.id,
        revision + 1,
        pseudonym,
        at,
        JSON.stringify(draft),
      );
      noteDone(writer, operation, studyId, at);
      return true;
    });
    if (changed) changes.tell(studyId);
    return present(draft.id);
  };

  const remove = (measurementId: string, revision: number, opId: string): number => {
    const operation = { opId, kind: 'measurement.remove', subject: measurementId };
    const studyId = store.transaction((writer) => {
      if (wasDone(writer, operation)) return null;
      const row = rowOf(writer, measurementId);
      if (!row) throw new Fault('not-found', 'There is no such measurement.', { measurementId });
      checkRevision(writer, measurementId, revision);
      const at = now();
      writer.run(
        'INSERT INTO measurement_version (measurement_id, revision, reader, at, body) VALUES (?, ?, ?, ?, NULL)',
        measurementId,
        revision + 1,
        settings.reader().pseudonym,
        at,
      );
      noteDone(writer, operation, row.study_id, at);
      return row.study_id;
    });
    if (studyId !== null) changes.tell(studyId);
    return lastRevision(store.read, measurementId);
  };

  studies.onRemove((writer, studyId) => {
    writer.run('DELETE FROM measurement WHERE study_id = ?', studyId);
    return [];
  });

  /** measurements/<study>.dcm */
  const media = dicomFiles('measurements', 'measurements.dcm', async (studyId, signal) => {
    const { bytes } = await writeReport({ studies, settings }, studyId, ofStudy(studyId), signal);
    return bytes;
  });

  return {
    ofStudy,
    media,
    handlers: {
      measurements: {
        list: ({ studyId }) => {
          studies.study(studyId);
          return { measurements: ofStudy(studyId) };
        },
        put: ({ measurement, revision, opId }) => put(measurement, revision, opId),
        remove: ({ measurementId, revision, opId }) => ({ revision: remove(measurementId, revision, opId) }),
        scales: ({ seriesId }) => studies.scales(seriesId),
        report: async ({ studyId }, { signal }) => {
          studies.study(studyId);
          const { groups, leftOut } = await assembleReport({ studies, settings }, ofStudy(studyId), signal);
          return { count: groups.length, leftOut };
        },
        studies: () => ({
          studies: store.read.all<{ studyId: string; count: number }>(
            `SELECT m.study_id AS studyId, count(*) AS count FROM measurement m
              JOIN measurement_version v ON v.measurement_id = m.id
              WHERE v.body IS NOT NULL
                AND v.revision = (SELECT max(revision) FROM measurement_version WHERE measurement_id = m.id)
              GROUP BY m.study_id ORDER BY max(v.at) DESC, m.study_id`,
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
