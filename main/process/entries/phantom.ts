import { writeDemonstration } from '../../dicom/write/demonstration.ts';
import { workerLine } from '../worker-line.ts';

/** Renders the demonstration patient beside the backend: it takes seconds of the processor. */
const line = workerLine();
line.onMessage((message) => {
  const { folder } = message as { folder: string };
  writeDemonstration(folder).then(
    (files) => line.post({ kind: 'done', files }),
    (error: unknown) => line.post({ kind: 'failed', why: error instanceof Error ? error.message : 'unknown' }),
  );
});
