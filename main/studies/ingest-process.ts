import type { Child, Outside } from '../outside.ts';
import type { Unpacked } from './forms/archive.ts';
import {
  decodeRead,
  type FileToRead,
  type IngestAnswer,
  type IngestRequest,
  type ReadFile,
} from './ingest-messages.ts';
import { patience } from './patience.ts';

/** A file that takes longer is given up. */
const FILE_LIMIT_MS = 4_500;
/** A batch is given up sooner, to be read again one by one: which file it was is then known. */
const BATCH_LIMIT_MS = 3_000;
const HEAP_MB = 1024;

class TimedOut extends Error {}
class Ended extends Error {}
/** Ended by what stood before it in line: this was not begun. */
class NotBegun extends Ended {}

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
  interface Waiting {
    readonly asked: Child;
    readonly resolve: (answer: IngestAnswer) => void;
    readonly reject: (error: Error) => void;
    readonly begin: () => void;
    begun: boolean;
  }
  const waiting = new Map<number, Waiting>();

  const start = (): Child => {
    const started = outside.spawn('ingest', { heapMb: HEAP_MB, read: 'all', write: [scratch], native: false });
    let spoke = false;
    started.onMessage((message) => {
      spoke = true;
      const answer = message as IngestAnswer;
      if (answer.kind === 'busy') waiting.get(answer.id)?.begin();
      else waiting.get(answer.id)?.resolve(answer);
    });
    started.onExit(() => {
      if (child === started) child = null;
      // Of a process that never spoke the start has failed: another would end the same way.
      for (const { asked, begun, reject } of [...waiting.values()])
        if (asked === started) reject(begun || !spoke ? new Ended('it ended') : new NotBegun('another ended it'));
    });
    return started;
  };

  const askOnce = (body: Body, limitMs: number): Promise<IngestAnswer> => {
    if (closed) return Promise.reject(new Ended('closed'));
    const id = ++serial;
    return new Promise<IngestAnswer>((resolve, reject) => {
      child ??= start();
      const asked = child;
      const over = (): void => {
        const [first] = [...waiting].filter(([, one]) => one.asked === asked);
        if (first?.[0] !== id) {
          clock = patience(asked.pid, limitMs, false, over);
          return;
        }
        asked.kill();
        if (child === asked) child = null;
        waiting.delete(id);
        reject(new TimedOut());
      };
      // Until its first word it is still starting, or another stands before it: that is not the file's time.
      let clock = patience(asked.pid, limitMs, false, over);
      const settle = <T>(use: (value: T) => void): ((value: T) => void) => {
        return (value) => {
          clock.stop();
          waiting.delete(id);
          use(value);
        };
      };
      const begin = (): void => {
        const mine = waiting.get(id);
        if (mine) mine.begun = true;
        clock.restart();
      };
      waiting.set(id, { asked, resolve: settle(resolve), reject: settle(reject), begin, begun: false });
      asked.post({ ...body, id });
    });
  };
  const ask = async (body: Body, limitMs: number): Promise<IngestAnswer> => {
    for (;;) {
      try {
        return await askOnce(body, limitMs);
      } catch (error) {
        if (!(error instanceof NotBegun) || closed) throw error;
      }
    }
  };

  const readOnce = async (files: readonly FileToRead[], limitMs: number): Promise<ReadFile[] | null> => {
    try {
      const answer = await ask({ kind: 'read', files }, limitMs);
      if (answer.kind !== 'read') return null;
      const read = decodeRead(answer.files);
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
