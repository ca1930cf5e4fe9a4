/** Files that speak of images and hold none: key object selections and presentation states, read where untrusted bytes are. */
import { join } from 'node:path';
import { Fault, type KeyObject, type ListedPresentation } from '../../preload/contract/index.ts';
import {
  KEY_OBJECT_SELECTION,
  type KeyObjectWords,
  keyObjectWords,
  OTHER_STATES,
  openSource,
  type PresentationWords,
  parseHead,
  presentationWords,
  sentence,
} from '../dicom/index.ts';
import type { Base, StudyObject } from '../domains.ts';
import { askApart } from './ask-apart.ts';
import type { Images } from './images.ts';
import { opaque } from './places.ts';

export interface ObjectsRequest {
  readonly kind: 'objects';
  readonly id: number;
  readonly path: string;
  readonly what: StudyObject['kind'];
}
export interface ObjectsAnswer {
  readonly kind: 'objects';
  readonly id: number;
  /** JSON of what it says; null where it could not be read. */
  readonly words: string | null;
  readonly reason: string;
}

const LIMIT_MS = 30_000;
const MOST_FILES = 300;
const LARGEST_BYTES = 64 * 1024 * 1024;

/** Runs in the ingest process. */
export const readObjects = ({ id, path, what }: ObjectsRequest): ObjectsAnswer => {
  try {
    const source = openSource(path);
    try {
      const { dataSet } = parseHead(source).parsed;
      const words = what === 'key-object' ? keyObjectWords(dataSet) : presentationWords(dataSet);
      return { kind: 'objects', id, words: JSON.stringify(words), reason: '' };
    } finally {
      source.close();
    }
  } catch (error) {
    // Messages of ours name no patient; others may name a file.
    return { kind: 'objects', id, words: null, reason: error instanceof RangeError ? error.message : '' };
  }
};

interface FileRow {
  readonly id: number;
  readonly series_id: string;
  readonly sop_class_uid: string;
  readonly path: string;
  readonly copied: number;
  readonly bytes: number;
  readonly modified_ms: number;
  readonly missing: number;
}

const whatOf = (row: FileRow): StudyObject['kind'] =>
  row.sop_class_uid === KEY_OBJECT_SELECTION ? 'key-object' : 'presentation';

const momentOf = (local: string | null): string | null => {
  const at = local === null ? Number.NaN : new Date(local).getTime();
  return Number.isNaN(at) ? null : new Date(at).toISOString();
};

const objectOf = (row: FileRow, answer: ObjectsAnswer | null, why: string): StudyObject => {
  const trouble =
    answer?.words != null
      ? ''
      : sentence(`This file could not be read${why || answer?.reason ? `: ${why || answer?.reason}` : ''}`);
  if (whatOf(row) === 'key-object') {
    const words = answer?.words ? (JSON.parse(answer.words) as KeyObjectWords) : { title: '', note: '', images: [] };
    const images = words.images.map(({ instanceUid, frameNumbers }) => ({
      instanceUid,
      frameNumbers: [...frameNumbers],
      place: null,
    }));
    const object: KeyObject = { seriesId: row.series_id, title: words.title, note: words.note, images, trouble };
    return { kind: 'key-object', object };
  }
  const words = answer?.words ? (JSON.parse(answer.words) as PresentationWords) : null;
  const listed: ListedPresentation = {
    id: opaque(`presentation/${row.id}`),
    source: { kind: 'file', seriesId: row.series_id },
    createdAt: momentOf(words?.created ?? null),
    presentation: words?.presentation ?? null,
    remarks: words ? [...words.remarks] : [trouble],
  };
  return { kind: 'presentation', listed };
};

/** objectsOf(study): in the order of their files; read once as long as the files stay as they are. */
export const createObjects = ({ store, outside }: Base, imagesOf: Pick<Images, 'plan'>) => {
  const known = new Map<string, { readonly key: string; readonly objects: Promise<StudyObject[]> }>();

  const ask = async (rows: readonly FileRow[], signal: AbortSignal): Promise<ReadonlyMap<number, ObjectsAnswer>> => {
    const requests = rows.map((row, id): ObjectsRequest => {
      const path = row.copied ? join(outside.storeFolder, 'files', row.path) : row.path;
      return { kind: 'objects', id, path, what: whatOf(row) };
    });
    const options = { heapMb: 512, limitMs: LIMIT_MS, signal };
    const { answers, why } = await askApart<ObjectsAnswer>(outside, requests, options);
    if (why === 'cancelled') throw new Fault('cancelled', 'Cancelled.');
    return answers;
  };

  const read = async (rows: readonly FileRow[], signal: AbortSignal): Promise<StudyObject[]> => {
    const readable = rows.filter((row) => row.missing === 0 && row.bytes <= LARGEST_BYTES).slice(0, MOST_FILES);
    const answers = readable.length === 0 ? new Map<number, ObjectsAnswer>() : await ask(readable, signal);
    return rows.map((row) => {
      const at = readable.indexOf(row);
      const why =
        row.missing !== 0
          ? 'it is no longer where it was imported from'
          : row.bytes > LARGEST_BYTES
            ? 'it is too large'
            : at < 0
              ? `only ${MOST_FILES} such files of a study are read`
              : answers.has(at)
                ? ''
                : 'reading it took too long';
      return objectOf(row, answers.get(at) ?? null, why);
    });
  };

  /** Where the images that are selected are shown now. */
  const placed = (studyId: string, objects: readonly StudyObject[]): StudyObject[] => {
    if (!objects.some(({ kind }) => kind === 'key-object')) return [...objects];
    const rows = store.read.all<{ id: string }>(
      "SELECT id FROM series WHERE study_id = ? AND kind = 'image' AND refused IS NULL ORDER BY variant, id",
      studyId,
    );
    const frames = new Map<string, { seriesId: string; frameIndex: number }>();
    for (const { id } of rows) {
      try {
        for (const { instanceUid, frameNumber, index } of imagesOf.plan(id).images.frames)
          for (const name of [instanceUid, `${instanceUid}/${frameNumber}`])
            if (!frames.has(name)) frames.set(name, { seriesId: id, frameIndex: index });
      } catch (error) {
        // A series without images that can be shown shows none of these.
        if (!(error instanceof Fault)) throw error;
      }
    }
    return objects.map((one) => {
      if (one.kind !== 'key-object') return one;
      const images = one.object.images.map((image) => {
        const [first] = image.frameNumbers;
        const name = first === undefined ? image.instanceUid : `${image.instanceUid}/${first}`;
        return { ...image, place: frames.get(name) ?? null };
      });
      return { ...one, object: { ...one.object, images } };
    });
  };

  return async (studyId: string, signal: AbortSignal): Promise<StudyObject[]> => {
    const rows = store.read.all<FileRow>(
      `SELECT i.id, i.series_id, i.sop_class_uid, i.path, i.copied, i.bytes, i.modified_ms, i.missing
        FROM instances i JOIN series s ON s.id = i.series_id
        WHERE s.study_id = ?1 AND s.kind <> 'image' AND (i.sop_class_uid = ?2 OR i.sop_class_uid LIKE ?3)
        ORDER BY i.id`,
      studyId,
      KEY_OBJECT_SELECTION,
      `${OTHER_STATES}%`,
    );
    if (rows.length === 0) return [];
    const key = rows.map((row) => `${row.id} ${row.path} ${row.modified_ms} ${row.missing}`).join('\n');
    for (;;) {
      const held = known.get(studyId);
      const objects = held?.key === key ? held.objects : read(rows, signal);
      if (objects !== held?.objects) {
        known.set(studyId, { key, objects });
        if (known.size > 32) known.delete(known.keys().next().value ?? '');
        // What failed is tried again when it is asked for again.
        objects.catch(() => known.get(studyId)?.objects === objects && known.delete(studyId));
      }
      try {
        return placed(studyId, await objects);
      } catch (error) {
        // Who began it has left; this one has not.
        const left = error instanceof Fault && error.code === 'cancelled';
        if (!left || signal.aborted) throw error;
      }
    }
  };
};
