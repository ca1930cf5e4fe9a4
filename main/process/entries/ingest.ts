import type { IngestAnswer, IngestRequest } from '../../studies/ingest-messages.ts';
import { readFiles, sameBytes } from '../../studies/reading.ts';
import { workerLine } from '../worker-line.ts';

/** Reads untrusted files, away from the database. */
const line = workerLine();
line.onMessage(async (message) => {
  const request = message as IngestRequest;
  const post = (answer: IngestAnswer): void => line.post(answer);
  try {
    if (request.kind === 'read') post({ kind: 'read', id: request.id, files: await readFiles(request.files) });
    else post({ kind: 'same', id: request.id, same: request.pairs.map(([a, b]) => sameBytes(a, b)) });
  } catch (error) {
    // What the reader should know of a file is an outcome; this is a mistake here. The message may name a file: the kind only.
    post({ kind: 'failed', id: request.id, why: error instanceof Error ? error.name : 'unknown' });
  }
});
