import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../../preload/contract/index.ts';
import type { Base, DecodedSeries } from '../domains.ts';
import { type DecodeProcess, decodeProcess } from './decode-process.ts';
import { diskFault, sourceMissing } from './faults.ts';
import type { Images, SeriesPlan } from './images.ts';
import { createRenditions, type Renditions } from './renditions.ts';

const WORKERS = 2;
/** Frames handed to a worker at once: small, so that a frame asked for out of turn comes soon. */
const CHUNK_FRAMES = 4;
const CHUNK_BYTES = 16 * 1024 * 1024;
const CACHE_BYTES = 40 * 2 ** 30;
const STREAM_BYTES = 2 * 1024 * 1024;

interface Decoding {
  readonly plan: SeriesPlan;
  readonly folder: string;
  /** Its file until all of it is there. */
  readonly part: string;
  readonly ready: Uint8Array;
  readonly ranges: (readonly [number, number] | null)[];
  readonly todo: Set<number>;
  /** Frames asked for, latest first: [from, to). */
  readonly wanted: { from: number; to: number }[];
  /** Frames that waiters wait for. */
  readonly waiters: Map<number, (() => void)[]>;
  /** Set when it has ended. */
  ended: 'complete' | Fault | null;
  readonly whole: Promise<void>;
  settle(fault: Fault | null): void;
  running: number;
  holds: number;
}

export interface Pixels {
  /** Has a decode process ready for the series where it is not decoded yet. */
  warm(plan: SeriesPlan): void;
  /** Ranges of stored values by frame where the series is decoded; else null. */
  ranges(plan: SeriesPlan): Promise<(readonly [number, number] | null)[] | null>;
  stream(plan: SeriesPlan, from: number, to: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  /** One frame, without the others. */
  frameAhead(plan: SeriesPlan, index: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
  decoded(plan: SeriesPlan, signal: AbortSignal): Promise<DecodedSeries>;
  readonly thumbnail: Renditions['thumbnail'];
  readonly overlayPlanes: Renditions['overlayPlanes'];
  /** Folder of everything cached for a series. */
  folderOf(seriesId: string): string;
  close(): Promise<void>;
}

const notDecoded = (): Fault => new Fault('internal', 'The images could not be decoded.');

export const createPixels = (base: Base, images: Images): Pixels => {
  const cache = join(base.outside.storeFolder, 'cache');
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  const decodings = new Map<string, Decoding>();
  const processes: (DecodeProcess | null)[] = [];
  const busy = new Set<number>();
  let closed = false;
  /** Names of its own, so that nobody else's cleaning up removes what is being written. */
  const run = base.newId();
  let parts = 0;
  const newPart = (folder: string): string => join(folder, `${run}-${++parts}.part`);

  /** One folder a series (removed with it), one below it a pixel tag. */
  const seriesFolder = (seriesId: string): string =>
    join(cache, createHash('sha256').update(seriesId).digest('base64url').slice(0, 22));
  const folderOf = (plan: SeriesPlan): string => join(seriesFolder(plan.images.seriesId), plan.images.pixelTag);
  /** Made before it is looked whether the series is still there: what is removed after that takes its folder with it. */
  const makeFolder = async (plan: SeriesPlan): Promise<string> => {
    const folder = folderOf(plan);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { seriesId } = plan.images;
    if (base.store.read.get('SELECT 1 FROM series WHERE id = ?', seriesId)) return folder;
    await rm(seriesFolder(seriesId), { recursive: true, force: true });
    throw new Fault('not-found', 'There is no such series.', { seriesId });
  };
  const totalBytes = (plan: SeriesPlan): number =>
    plan.images.frames.reduce((sum, frame) => Math.max(sum, frame.byteOffset + frame.byteLength), 0);

  const process = (i: number): DecodeProcess => {
    const known = processes[i];
    if (known) return known;
    const made = decodeProcess(base.outside, cache, i === 0);
    processes[i] = made;
    return made;
  };

  const isCached = async (plan: SeriesPlan): Promise<boolean> => {
    try {
      const path = join(folderOf(plan), 'pixels.bin');
      const found = await stat(path);
      if (found.size !== totalBytes(plan)) return false;
      await utimes(path, new Date(), found.mtime);
      return true;
    } catch {
      return false;
    }
  };

  const start = async (plan: SeriesPlan): Promise<Decoding> => {
    const key = folderOf(plan);
    const known = decodings.get(key);
    if (known && !(known.ended instanceof Fault)) return known;
    let settle: Decoding['settle'] = () => {};
    const whole = new Promise<void>((resolve, reject) => {
      settle = (fault) => (fault ? reject(fault) : resolve());
    });
    whole.catch(() => {});
    const count = plan.images.frames.length;
    const decoding: Decoding = {
      plan,
      folder: key,
      part: newPart(key),
      ready: new Uint8Array(count),
      ranges: Array.from({ length: count }, () => null),
      // Nothing before the file is there: the worker that asks for more takes from whatever is known.
      todo: new Set(),
      wanted: [],
      waiters: new Map(),
      ended: null,
      whole,
      settle,
      running: 0,
      holds: 0,
    };
    decodings.set(key, decoding);
    try {
      await makeFolder(plan);
      const file = await open(decoding.part, 'w', 0o600);
      await file.truncate(totalBytes(plan)).finally(() => file.close());
      if (!decoding.ended) for (let i = 0; i < count; i++) decoding.todo.add(i);
    } catch (error) {
      end(decoding, diskFault(error));
      throw diskFault(error);
    }
    return decoding;
  };

  const wake = (decoding: Decoding, index: number): void => {
    const waiting = decoding.waiters.get(index);
    decoding.waiters.delete(index);
    for (const go of waiting ?? []) go();
  };
  const end = (decoding: Decoding, how: 'complete' | Fault): void => {
    if (decoding.ended) return;
    decoding.ended = how;
    decoding.todo.clear();
    if (how instanceof Fault) {
      decodings.delete(decoding.folder);
      void rm(decoding.part, { force: true }).catch(() => {});
    }
    decoding.settle(how instanceof Fault ? how : null);
    for (const index of [...decoding.waiters.keys()]) wake(decoding, index);
  };

  /** The next frames to decode: those asked for last come first. */
  const chunkOf = (decoding: Decoding): number[] => {
    const chunk: number[] = [];
    let bytes = 0;
    const take = (index: number): boolean => {
      const frame = decoding.plan.images.frames[index];
      if (!frame || chunk.length >= CHUNK_FRAMES || (chunk.length > 0 && bytes + frame.byteLength > CHUNK_BYTES))
        return false;
      chunk.push(index);
      bytes += frame.byteLength;
      return true;
    };
    for (const { from, to } of decoding.wanted) {
      for (let i = from; i < to; i++) if (decoding.todo.has(i) && !take(i)) return chunk;
      if (chunk.length > 0) return chunk;
    }
    for (const index of decoding.todo) if (!take(index)) break;
    return chunk;
  };

  const limitMs = (decoding: Decoding, chunk: readonly number[]): number =>
    4_000 + Math.max(...chunk.map((i) => decoding.plan.images.frames[i]?.byteLength ?? 0)) / 1_000;

  const work = async (decoding: Decoding, i: number, chunk: number[]): Promise<void> => {
    const { plan } = decoding;
    let fault: Fault | null = null;
    const left = new Set(chunk);
    const ending = await process(i).ask(
      { kind: 'frames', out: decoding.part, files: images.fileOf(plan, chunk) },
      limitMs(decoding, chunk),
      (answer) => {
        if (answer.kind === 'frame') {
          left.delete(answer.index);
          decoding.ready[answer.index] = 1;
          decoding.ranges[answer.index] = answer.range;
          wake(decoding, answer.index);
        } else if (answer.kind === 'broken') {
          left.delete(answer.index);
          images.refuse(plan, answer.index, answer.reason);
          fault = new Fault('conflict', 'An image of this series cannot be read and is left out.', {
            seriesId: plan.images.seriesId,
          });
        } else if (answer.kind === 'missing') {
          left.delete(answer.index);
          fault = sourceMissing(plan);
        }
      },
    );
    if (closed) return;
    if (fault) {
      if ((fault as Fault).code !== 'conflict') await images.verify(plan);
      return end(decoding, fault);
    }
    if (ending === 'done' && left.size === 0) return;
    if (ending === 'not-begun') return end(decoding, notDecoded());
    if (typeof ending === 'object') return end(decoding, diskFault({ code: ending.failed }));
    // It hung or crashed: the frames one by one, and the one that does it alone is refused.
    const [first, ...others] = left;
    if (first === undefined) return;
    if (chunk.length > 1) {
      for (const index of [first, ...others]) if (!decoding.ended) await work(decoding, i, [index]);
      return;
    }
    const reason =
      ending === 'timed-out'
        ? 'Decoding the image took too long.'
        : 'Decoding the image needed too much memory or crashed.';
    images.refuse(plan, first, reason);
    end(
      decoding,
      new Fault('conflict', 'An image of this series cannot be read and is left out.', {
        seriesId: plan.images.seriesId,
      }),
    );
  };

  const finish = async (decoding: Decoding): Promise<void> => {
    const { folder } = decoding;
    try {
      await writeFile(join(folder, 'ranges.json'), JSON.stringify(decoding.ranges), { mode: 0o600 });
      await rename(decoding.part, join(folder, 'pixels.bin'));
      end(decoding, 'complete');
      // What was decoded alone before is among the others now.
      for (const name of await readdir(folder))
        if (name.startsWith('frame-')) await rm(join(folder, name), { force: true });
      await evict();
    } catch (error) {
      end(decoding, diskFault(error));
    }
    decodings.delete(folder);
  };

  /** Keeps the workers busy with what was asked for last. */
  const pump = (): void => {
    if (closed) return;
    for (let i = 0; i < WORKERS; i++) {
      if (busy.has(i)) continue;
      const next = [...decodings.values()].reverse().find((d) => !d.ended && d.todo.size > 0);
      if (!next) return;
      const chunk = chunkOf(next);
      for (const index of chunk) next.todo.delete(index);
      busy.add(i);
      next.running += 1;
      void work(next, i, chunk)
        .catch((error: unknown) => {
          base.outside.log.error('decoding failed', error);
          end(next, notDecoded());
        })
        .finally(() => {
          busy.delete(i);
          next.running -= 1;
          if (!next.ended && next.todo.size === 0 && next.running === 0) void finish(next).finally(pump);
          pump();
        });
    }
  };

  const frameReady = (decoding: Decoding, index: number): Promise<void> => {
    if (decoding.ready[index] === 1 || decoding.ended) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = decoding.waiters.get(index) ?? [];
      waiting.push(resolve);
      decoding.waiters.set(index, waiting);
    });
  };

  const requireSources = async (plan: SeriesPlan): Promise<void> => {
    if (!(await images.verify(plan))) throw sourceMissing(plan);
  };

  const renditions = createRenditions(base, images, { cache, folderOf, makeFolder, newPart, requireSources });

  /** fileBegins: what of the series the file's first byte is. */
  const streamFile = (
    file: FileHandle,
    plan: SeriesPlan,
    from: number,
    to: number,
    signal: AbortSignal,
    ready: (index: number) => Promise<number>,
    fileBegins = 0,
  ): ReadableStream<Uint8Array> => {
    let next = from;
    let closedFile = false;
    const close = async (): Promise<void> => {
      if (closedFile) return;
      closedFile = true;
      await file.close();
    };
    // Part of a frame still to send, for frames larger than one chunk.
    let within = 0;
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        try {
          if (next >= to || signal.aborted) {
            await close();
            if (signal.aborted) controller.error(new Fault('cancelled', 'Cancelled.'));
            else controller.close();
            return;
          }
          const until = Math.min(to, await ready(next));
          const first = plan.images.frames[next];
          if (!first) throw new Error('no such frame');
          const start = first.byteOffset + within;
          let end = start;
          while (next < until) {
            const frame = plan.images.frames[next];
            if (!frame) break;
            const frameEnd = frame.byteOffset + frame.byteLength;
            if (frameEnd - start > STREAM_BYTES) {
              if (end === start) {
                end = Math.min(frameEnd, start + STREAM_BYTES);
                within = end === frameEnd ? 0 : end - frame.byteOffset;
                if (within === 0) next += 1;
              }
              break;
            }
            end = frameEnd;
            within = 0;
            next += 1;
          }
          const bytes = Buffer.allocUnsafeSlow(end - start);
          let done = 0;
          while (done < bytes.length) {
            const { bytesRead } = await file.read(bytes, done, bytes.length - done, start + done - fileBegins);
            if (bytesRead === 0) throw new Error('the decoded pixels are cut short');
            done += bytesRead;
          }
          controller.enqueue(bytes);
        } catch (error) {
          await close();
          controller.error(error);
        }
      },
      cancel: close,
    });
  };

  const evict = async (): Promise<void> => {
    const entries: { folder: string; bytes: number; usedMs: number }[] = [];
    for (const series of await readdir(cache)) {
      for (const tag of await readdir(join(cache, series)).catch(() => [])) {
        const folder = join(cache, series, tag);
        const found = await stat(join(folder, 'pixels.bin')).catch(() => null);
        if (found) entries.push({ folder, bytes: found.size, usedMs: found.atimeMs });
      }
    }
    let total = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    entries.sort((a, b) => a.usedMs - b.usedMs);
    for (const { folder, bytes } of entries.slice(0, -1)) {
      if (total <= CACHE_BYTES) return;
      if ((held.get(folder) ?? 0) > 0) continue;
      await rm(folder, { recursive: true, force: true });
      total -= bytes;
    }
  };
  const held = new Map<string, number>();
  /** Half-written files of a run that ended in the middle. */
  const sweep = async (): Promise<void> => {
    for (const series of await readdir(cache))
      for (const tag of await readdir(join(cache, series)).catch(() => []))
        for (const name of await readdir(join(cache, series, tag)).catch(() => []))
          if (name.endsWith('.part') && !name.startsWith(run))
            await rm(join(cache, series, tag, name), { force: true });
  };
  const swept = sweep().catch((error: unknown) => base.outside.log.error('half-written pixels are still there', error));

  return {
    warm: (plan) => {
      void isCached(plan).then((cached) => {
        if (cached || closed) return;
        const [file] = images.fileOf(plan, [Math.floor(plan.images.frames.length / 2)]);
        if (file) process(0).rehearse(file);
      });
    },
    ranges: async (plan) => {
      try {
        return JSON.parse(await readFile(join(folderOf(plan), 'ranges.json'), 'utf8')) as (
          | readonly [number, number]
          | null
        )[];
      } catch {
        return null;
      }
    },
    stream: async (plan, from, to, signal) => {
      if (await isCached(plan)) {
        // What is yet to be decoded is looked at file by file as it is read.
        await requireSources(plan);
        const file = await open(join(folderOf(plan), 'pixels.bin'), 'r');
        return streamFile(file, plan, from, to, signal, async () => to);
      }
      const decoding = await start(plan);
      decoding.wanted.unshift({ from, to });
      if (decoding.wanted.length > 16) decoding.wanted.pop();
      decodings.delete(decoding.folder);
      decodings.set(decoding.folder, decoding);
      pump();
      await frameReady(decoding, from);
      if (decoding.ended instanceof Fault) throw decoding.ended;
      const file = await open(decoding.ended ? join(decoding.folder, 'pixels.bin') : decoding.part, 'r').catch(() =>
        // Renamed between the two lines.
        open(join(decoding.folder, 'pixels.bin'), 'r'),
      );
      return streamFile(file, plan, from, to, signal, async (index) => {
        await frameReady(decoding, index);
        if (decoding.ended instanceof Fault) throw decoding.ended;
        if (decoding.ended === 'complete') return to;
        let until = index + 1;
        while (until < to && decoding.ready[until] === 1) until += 1;
        return until;
      });
    },
    frameAhead: async (plan, index, signal) => {
      const ofWhole = async (): Promise<ReadableStream<Uint8Array>> => {
        await requireSources(plan);
        const whole = await open(join(folderOf(plan), 'pixels.bin'), 'r');
        return streamFile(whole, plan, index, index + 1, signal, async () => index + 1);
      };
      if (await isCached(plan)) return ofWhole();
      let alone: FileHandle;
      try {
        alone = await open(await renditions.frameAlone(plan, index), 'r');
      } catch (error) {
        // All of them were decoded meanwhile, and the one that was alone is gone.
        if ((error as { code?: unknown }).code === 'ENOENT' && (await isCached(plan))) return ofWhole();
        throw error;
      }
      const begins = plan.images.frames[index]?.byteOffset;
      return streamFile(alone, plan, index, index + 1, signal, async () => index + 1, begins);
    },
    decoded: async (plan, signal) => {
      await requireSources(plan);
      const folder = folderOf(plan);
      held.set(folder, (held.get(folder) ?? 0) + 1);
      let released = false;
      const release = (): void => {
        if (released) return;
        released = true;
        held.set(folder, (held.get(folder) ?? 1) - 1);
      };
      try {
        if (!(await isCached(plan))) {
          const decoding = await start(plan);
          pump();
          const aborted = new Promise<never>((_, reject) => {
            signal.addEventListener('abort', () => reject(new Fault('cancelled', 'Cancelled.')), { once: true });
            if (signal.aborted) reject(new Fault('cancelled', 'Cancelled.'));
          });
          await Promise.race([decoding.whole, aborted]);
        }
        return { images: plan.images, path: join(folder, 'pixels.bin'), release };
      } catch (error) {
        release();
        throw error;
      }
    },
    thumbnail: renditions.thumbnail,
    overlayPlanes: renditions.overlayPlanes,
    folderOf: seriesFolder,
    close: async () => {
      closed = true;
      await swept;
      for (const decoding of decodings.values()) end(decoding, new Fault('closed', 'Sightline is closing.'));
      for (const one of processes) one?.close();
      renditions.close();
    },
  };
};
