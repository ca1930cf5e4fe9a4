/// <reference lib="webworker" />
import { doWork, type Work, type WorkAnswer } from './work.ts';

const TELL_MS = 100;

addEventListener('message', ({ data }: MessageEvent<Work>) => {
  let told = performance.now();
  const post = (answer: WorkAnswer, transfer: Transferable[] = []): void => postMessage(answer, { transfer });
  try {
    const result = doWork(data, (fraction) => {
      const now = performance.now();
      if (now - told < TELL_MS) return;
      told = now;
      post({ kind: 'progress', fraction: Number.isFinite(fraction) ? Math.min(1, fraction) : null });
    });
    post({ kind: 'done', result }, [result.buffer]);
  } catch (error) {
    post({ kind: 'failed', reason: error instanceof Error ? error.message : 'unknown' });
  }
});
