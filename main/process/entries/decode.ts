import type { DecodeAnswer, DecodeRequest } from '../../studies/decode-messages.ts';
import { answerDecode } from '../../studies/decoding.ts';
import { workerLine } from '../worker-line.ts';

/** Decodes pixels of untrusted files, away from the database. One request after another. */
const line = workerLine();
const post = (answer: DecodeAnswer): void => line.post(answer);
let tail: Promise<void> = Promise.resolve();
line.onMessage((message) => {
  const request = message as DecodeRequest;
  tail = tail
    .then(() => {
      post({ kind: 'busy', id: request.id });
      return answerDecode(request, post);
    })
    .catch((error: unknown) => {
      const code = (error as { code?: unknown } | null)?.code;
      post({ kind: 'failed', id: request.id, why: typeof code === 'string' ? code : 'mistake' });
    });
});
