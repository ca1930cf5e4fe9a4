import { type HeadersRequest, readHeaders } from '../../studies/headers.ts';
import type { IngestAnswer, IngestRequest } from '../../studies/ingest-messages.ts';
import { type MeasuringRequest, readMeasuring } from '../../studies/measuring.ts';
import { readFiles, sameBytes, unpackFile } from '../../studies/reading.ts';
import { workerLine } from '../worker-line.ts';

/** Reads untrusted files, away from the database. */
const line = workerLine();
line.onMessage(async (message) => {
  const asked = message as IngestRequest | HeadersRequest | MeasuringRequest;
  if (asked.kind === 'headers') return line.post(readHeaders(asked));
  if (asked.kind === 'measuring') return line.post(readMeasuring(asked));
  const request = asked;
  const post = (answer: IngestAnswer): void => line.post(answer);
  const busy = (): void => post({ kind: 'busy', id: request.id });
  try {
    // The clock of the one who waits starts anew: starting this process is not the file's time.
    busy();
    if (request.kind === 'read')
      post({ kind: 'read', id: request.id, files: JSON.stringify(await readFiles(request.files, busy)) });
    else if (request.kind === 'unpack') post(await unpackFile(request.id, request.path, request.folder, busy));
    else post({ kind: 'same', id: request.id, same: request.pairs.map(([a, b]) => sameBytes(a, b)) });
  } catch (error) {
    // What the reader should know of a file is an outcome; this is a mistake here. The message may name a file: the kind only.
    post({ kind: 'failed', id: request.id, why: error instanceof Error ? error.name : 'unknown' });
  }
});
