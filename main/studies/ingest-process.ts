import type { Child, Outside } from '../outside.ts';
import type { Unpacked } from './forms/archive.ts';
import type { FileToRead, IngestAnswer, IngestRequest, ReadFile } from './ingest-messages.ts';
import { patience } from './patience.ts';

/** A file that takes longer is given up. */
const FILE_LIMIT_MS = 4_500;
/** A batch is given up sooner, to be read again one by one: which file it was is then known. */
const BATCH_LIMIT_MS = 3_000;
const HEAP_MB = 1024;

class TimedOut extends Error {}
class Ended extends Error {}

type Body = IngestRequest extends infer R ? (R extends unknown ? Omit<R, 'id'> : never) : never;

export interface IngestProcess {
  /** Starts the process ahead of the first file. */
  start(): void;
  /** One answer for each file, in order. A file that hangs or crashes the process is refused; the rest goes on. */
  read(files: readonly FileToRead[]): Promise<ReadFile[]>;
  same(pairs: readonly (readonly [string, string])[]): Promise<boolean[]>;
  /** Unpacks an archive; `refused` says why it was not, or not wholly. */
  unpack(path: string, folder: string): Promise<{ files: Unpacked[]; refused: string | null }>;
  close(): void;
}

/** One process at a time, started when needed and again after it was killed. */
export const ingestProcess = (outside: Outside, scratch: string): IngestProcess => {
  let child: Child | null = null;
  let closed = false;
  let serial = 0;
  const waiting = new Map<
    number,
    { resolve: (answer: IngestAnswer) => void; reject: (error: Error) => void; wind: () => void }
  >();

  const start = (): Child => {
    const started = outside.spawn('ingest', { heapMb: HEAP_MB, read: 'all', write: [scratch], native: false });
    started.onMessage((message) => {
      const answer = message as IngestAnswer;
      if (answer.kind === 'busy') waiting.get(answer.id)?.wind();
      else waiting.get(answer.id)?.resolve(answer);
    });
    started.onExit(() => {
      if (child === started) child = null;
      for (const { reject } of waiting.values()) reject(new Ended('the process ended'));
    });
    return started;
  };

  const ask = (body: Body, limitMs: number): Promise<IngestAnswer> => {
    if (closed) return Promise.reject(new Ended('closed'));
    const id = ++serial;
    return new Promise<IngestAnswer>((resolve, reject) => {
      child ??= start();
      const asked = child;
      // Until its first word it is still starting: that is not the file's time.
      const clock = patience(asked.pid, limitMs, false, () => {
        asked.kill();
        if (child === asked) child = null;
        waiting.delete(id);
        reject(new TimedOut());
      });
      const settle = <T>(use: (value: T) => void): ((value: T) => void) => {
        return (value) => {
          clock.stop();
          waiting.delete(id);
          use(value);
        };
      };
      waiting.set(id, { resolve: settle(resolve), reject: settle(reject), wind: clock.restart });
      asked.post({ ...body, id });
    });
  };

  const readOnce = async (files: readonly FileToRead[], limitMs: number): Promise<ReadFile[] | null> => {
    try {
      const answer = await ask({ kind: 'read', files }, limitMs);
      if (answer.kind !== 'read') return null;
      const read = JSON.parse(answer.files) as ReadFile[];
      return read.length === files.length ? read : null;
    } catch (error) {
      if (closed || !(error instanceof TimedOut || error instanceof Ended)) throw error;
      if (files.length > 1) return null;
      const reason =
        error instanceof TimedOut
          ? `Reading the file took longer than ${FILE_LIMIT_MS / 1000} s.`
          : 'Reading the file needed too much memory or crashed.';
      return [{ kind: 'refused', reason }];
    }
  };

  return {
    start: () => {
      if (!closed) child ??= start();
    },
    read: async (files) => {
      const together = files.length > 1 ? await readOnce(files, BATCH_LIMIT_MS) : null;
      if (together) return together;
      const answers: ReadFile[] = [];
      for (const file of files) {
        const one = await readOnce([file], FILE_LIMIT_MS);
        answers.push(one?.[0] ?? { kind: 'refused', reason: 'The file could not be read.' });
      }
      return answers;
    },
    same: async (pairs) => {
      try {
        const answer = await ask({ kind: 'same', pairs }, 60_000);
        return answer.kind === 'same' ? answer.same : pairs.map(() => false);
      } catch (error) {
        if (closed) throw error;
        return pairs.map(() => false);
      }
    },
    unpack: async (path, folder) => {
      try {
        const answer = await ask({ kind: 'unpack', path, folder }, 30_000);
        if (answer.kind === 'unpacked') return answer;
      } catch (error) {
        if (closed) throw error;
      }
      return { files: [], refused: 'Unpacking the archive took too long, needed too much memory or crashed.' };
    },
    close: () => {
      closed = true;
      child?.kill();
    },
  };
};
