/** Vectors of the reports: made by the text encoder, kept in the database, scanned in memory. */
import type { Base, Inference } from '../domains.ts';
import { textOf } from './reports.ts';
import { createVectors, type VectorHit, type Vectors } from './vectors.ts';

const BATCH = 32;

interface Missing {
  readonly row: number;
  readonly findings: string;
  readonly impression: string;
}

/** [n] float32 as stored, little endian (every machine that Electron runs on is). */
const toVector = (bytes: Uint8Array): Float32Array => new Float32Array(bytes.slice().buffer);
const toBytes = (vector: Float32Array): Uint8Array =>
  new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength).slice();

export interface Embeddings {
  /** Empty where there is no encoder: words alone then find. */
  nearest(text: string, limit: number, allowed: ReadonlySet<number> | null, signal: AbortSignal): Promise<VectorHit[]>;
  /** Embeds what has no vector of the present encoder. */
  embedMissing(signal: AbortSignal, progress: (done: number, total: number) => void): Promise<void>;
  forget(row: number): void;
  close(): Promise<void>;
}

export const createEmbeddings = ({ store, outside }: Base, inference: Inference): Embeddings => {
  let vectors: Vectors | null = null;
  let loadedFor = '';
  let tail: Promise<void> = Promise.resolve();

  /** 'name version' of the encoder in use; null where none is usable. */
  const encoder = async (): Promise<string | null> => {
    const { packages } = await inference.handlers.inference.packages({}, { signal: new AbortController().signal });
    const found = packages.find((p) => p.task === 'embedding' && p.refused === null);
    return found ? `${found.name} ${found.version}` : null;
  };
  const load = (name: string, dims: number): Vectors => {
    if (vectors && loadedFor === name) return vectors;
    const loaded = createVectors(dims);
    for (const { row, vector } of store.read.all<{ row: number; vector: Uint8Array }>(
      'SELECT row, vector FROM knowledge_embedding WHERE encoder = ?',
      name,
    )) {
      const values = toVector(vector);
      if (values.length === dims) loaded.put(row, values);
    }
    vectors = loaded;
    loadedFor = name;
    return loaded;
  };

  const embedMissing: Embeddings['embedMissing'] = async (signal, progress) => {
    const name = await encoder();
    if (!name) return;
    const missing = store.read.all<Missing>(
      `SELECT k.row, k.findings, k.impression FROM knowledge k LEFT JOIN knowledge_embedding e ON e.row = k.row AND e.encoder = ?
       WHERE e.row IS NULL ORDER BY k.row`,
      name,
    );
    for (let at = 0; at < missing.length; at += BATCH) {
      signal.throwIfAborted();
      const batch = missing.slice(at, at + BATCH);
      const made = await inference.embed(batch.map(textOf), signal);
      if (!made) return;
      const index = load(name, made[0]?.length ?? 0);
      const kept = store.transaction((writer) =>
        batch.filter(({ row }, i) => {
          const vector = made[i];
          // Removed while its vector was made.
          if (!vector || !writer.get('SELECT 1 FROM knowledge WHERE row = ?', row)) return false;
          writer.run(
            `INSERT INTO knowledge_embedding (row, encoder, vector) VALUES (?, ?, ?)
             ON CONFLICT (row) DO UPDATE SET encoder = excluded.encoder, vector = excluded.vector`,
            row,
            name,
            toBytes(vector),
          );
          return true;
        }),
      );
      for (const { row } of kept) {
        const vector = made[batch.findIndex((b) => b.row === row)];
        if (vector) index.put(row, vector);
      }
      progress(Math.min(missing.length, at + BATCH), missing.length);
    }
  };

  return {
    // One at a time: two imports must not embed the same rows.
    embedMissing: (signal, progress) => {
      const run = tail.then(() => embedMissing(signal, progress));
      tail = run.catch(() => {});
      return run;
    },
    nearest: async (text, limit, allowed, signal) => {
      const name = await encoder();
      if (!name) return [];
      const query = (await inference.embed([text], signal))?.[0];
      if (!query) return [];
      const index = load(name, query.length);
      return index.nearest(query, limit, allowed ? (row) => allowed.has(row) : null, (row) => {
        const stored = store.read.get<{ vector: Uint8Array }>(
          'SELECT vector FROM knowledge_embedding WHERE row = ?',
          row,
        );
        return stored ? toVector(stored.vector) : undefined;
      });
    },
    forget: (row) => vectors?.remove(row),
    close: async () => {
      await tail.catch((error) => outside.log.error('embedding ended badly', error));
    },
  };
};
