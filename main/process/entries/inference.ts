import type { InferenceAnswer, InferenceRequest } from '../../inference/messages.ts';
import { faultOf, work } from '../../inference/work.ts';
import { workerLine } from '../worker-line.ts';

/** Owns the sessions of ONNX Runtime: no database, no network. One request after another; a cancel is heard between two runs. */
const line = workerLine();
const post = (answer: InferenceAnswer): void => line.post(answer);
const cancelled = new Set<number>();
let tail: Promise<void> = Promise.resolve();

line.onMessage((message) => {
  const request = message as InferenceRequest;
  if (request.kind === 'cancel') {
    cancelled.add(request.id);
    return;
  }
  const { id, ...ask } = request;
  tail = tail
    .then(() =>
      work(ask, {
        cancelled: () => cancelled.has(id),
        progress: (fraction, step) => post({ kind: 'progress', id, fraction, step }),
      }),
    )
    .then(
      ({ value, provider }) => post({ kind: 'done', id, value, provider }),
      (error: unknown) => post({ kind: 'failed', id, ...faultOf(error) }),
    )
    .finally(() => cancelled.delete(id));
});
