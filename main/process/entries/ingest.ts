import { type HeadersRequest, readHeaders } from '../../studies/headers.ts';
import { encodeRead, type IngestAnswer, type IngestRequest } from '../../studies/ingest-messages.ts';
import { type MeasuringRequest, readMeasuring } from '../../studies/measuring.ts';
import { type ObjectsRequest, readObjects } from '../../studies/objects.ts';
import { readFiles, sameBytes, unpackFile } from '../../studies/reading.ts';
import { readStructures, type StructuresRequest } from '../../studies/structures-on.ts';
import { workerLine } from '../worker-line.ts';

/** Reads untrusted files, away from the database. */
const line = workerLine();

type Asked = IngestRequest | HeadersRequest | MeasuringRequest | StructuresRequest | ObjectsRequest;

const answer = async (asked: Asked): Promise<void> => {
  if (asked.kind === 'headers') return line.post(readHeaders(asked));
  if (asked.kind === 'measuring') return line.post(readMeasuring(asked));
  if (asked.kind === 'structures') return line.post(readStructures(asked));
  if (asked.kind === 'objects') return line.post(readObjects(asked));
  const request = asked;
  const post = (message: IngestAnswer): void => line.post(message);
  const busy = (): void => post({ kind: 'busy', id: request.id });
  try {
    // The clock of the one who waits starts anew: starting this process is not the file's time.
    busy();
    if (request.kind === 'read')
      post({ kind: 'read', id: request.id, files: encodeRead(await readFiles(request.files, busy)) });
    else if (request.kind === 'unpack') post(await unpackFile(request.id, request.path, request.folder, busy));
    else post({ kind: 'same', id: request.id, same: request.pairs.map(([a, b]) => sameBytes(a, b)) });
  } catch (error) {
    // What the reader should know of a file is an outcome; this is a mistake here. The message may name a file: the kind only.
    post({ kind: 'failed', id: request.id, why: error instanceof Error ? error.name : 'unknown' });
  }
};

/** One after the other: they share a buffer, and the time that one takes must not count for the next. */
let tail: Promise<void> = Promise.resolve();
line.onMessage((message) => {
  tail = tail.then(() => answer(message as Asked));
});
