import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryStudies } from '../../main/studies/test-base.ts';
import type { VoiTable } from '../../models/kit/voi.ts';
import { type Frame, media } from '../../preload/contract/index.ts';
import type { PixelArray } from '../../renderer/viewer/data/pixels.ts';
import { streamFrames } from '../../renderer/viewer/data/stream.ts';
import { windowed } from '../../renderer/viewer/render/canvas-painter.ts';
import { levelsOf, needsLevels } from '../../renderer/viewer/view/levels.ts';
import { openingWindow, tablesOf, windowEdges } from '../../renderer/viewer/view/presets.ts';

/**
 * One file's outcome with pydicom, by hash of the file: made by expected.py. NIfTI and pictures lie in the same folders;
 * pydicom reads neither, so only what was read as DICOM is compared.
 */
interface Expected {
  readonly kind: 'image' | 'undecodable' | 'no-pixels' | 'no-dicom' | 'directory';
  readonly folder: string;
  /** Lossless: equal or wrong. */
  readonly exact?: boolean;
  /** SHA-256 of all stored values. */
  readonly pixels?: string;
  readonly mean?: number;
  readonly deviation?: number;
  /** Stored values at places evenly over all of them, where they need not be equal. */
  readonly samples?: readonly number[];
  /** SHA-256 of all modality values (HU), float64, and of them as float32. */
  readonly values?: string;
  readonly values32?: string;
  /** Greys 0 to 255 of the first frame by the file's own table or window, at places evenly over it. */
  readonly greys?: readonly number[];
}

/** What the window was given of one file. */
interface Received {
  readonly pixels: string;
  readonly mean: number;
  readonly values: string | null;
  readonly scaled: boolean;
  at(samples: number): number[];
  greys(samples: number): number[] | null;
}

const DATA = join(import.meta.dirname, '../../../shared/data');
const FOLDERS = ['dicom', 'malformed', 'ct', 'pet'];
/** Whole before its pixels and torn after them, where pydicom gives up: its pixels are as its header says. */
const TORN_AFTER_PIXELS = new Set(['c6eb9839f6b38024e17ecdddb6c882229e406d07195d44a3f2ab8ce40012fea5']);
/** Rounding of lossy decoders and of colour conversion, in grey levels of the mean. */
const LOSSY_TOLERANCE = 0.1;
/** Of single values: decoders round their transforms by a level; where colour is enlarged, they differ at edges. */
const LOSSY_NEAR = 1;
const LOSSY_NEAR_PART = 0.97;
/** Two ways to round a grey. */
const GREY_TOLERANCE = 1;

const bytesOf = (array: PixelArray | Float64Array): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const placesOf = (count: number, samples: number): number[] =>
  Array.from({ length: samples }, (_, k) => Math.floor(((k + 0.5) * count) / samples));

const receivedOf = (frames: readonly Frame[], pixels: readonly PixelArray[], tables: readonly VoiTable[]): Received => {
  const hash = createHash('sha256');
  for (const one of pixels) hash.update(bytesOf(one));
  const count = pixels.reduce((sum, one) => sum + one.length, 0);
  let sum = 0;
  for (const one of pixels) for (const value of one) sum += value;
  const [frame] = frames;
  const [first] = pixels;
  const mono = frame !== undefined && frame.format !== 'rgb8';
  const values = createHash('sha256');
  for (const [n, one] of pixels.entries()) {
    const { slope = 1, intercept = 0 } = frames[n] ?? {};
    if (mono) values.update(bytesOf(Float64Array.from(one, (stored) => stored * slope + intercept)));
  }
  return {
    pixels: hash.digest('hex'),
    mean: sum / count,
    values: mono ? values.digest('hex') : null,
    scaled: frame?.format === 'float32',
    at: (samples) => {
      const places = placesOf(count, samples);
      return places.map((place) => {
        let left = place;
        for (const one of pixels) {
          if (left < one.length) return one[left] ?? Number.NaN;
          left -= one.length;
        }
        return Number.NaN;
      });
    },
    greys: (samples) => {
      if (frame === undefined || first === undefined || !mono || frame.windows.length === 0) return null;
      const window = openingWindow(frame, null, tables);
      if (window === null) return null;
      if (needsLevels(frame, window, frame.inverted)) {
        const levels = levelsOf(first, frame, window, frame.inverted);
        return placesOf(levels.length, samples).map((place) => levels[place] ?? Number.NaN);
      }
      const edges = windowEdges(window).map((edge) => (edge - frame.intercept) / frame.slope) as [number, number];
      const out = new Uint32Array(first.length);
      const image = { columns: frame.columns, rows: frame.rows, pixelSize: [1, 1] as const };
      const drawn = frame.inverted ? ([edges[1], edges[0]] as const) : edges;
      windowed({ key: '', image, rgb: false, pixels: first, edges: drawn }, out);
      return placesOf(out.length, samples).map((place) => (out[place] ?? 0) & 255);
    },
  };
};

test('every file of the shared data has the outcome that pydicom gives it', { timeout: 600_000 }, async (t) => {
  if (!existsSync(DATA)) return t.skip('shared data absent');
  const fetchBefore = globalThis.fetch;
  const expected = JSON.parse(readFileSync(join(import.meta.dirname, 'expected.json'), 'utf8')) as Record<
    string,
    Expected
  >;
  const s = temporaryStudies();
  try {
    for (const folder of FOLDERS) await s.import(join(DATA, folder));
    const hashes = new Map<string, string>();
    const hashOf = (path: string): string => {
      let hash = hashes.get(path);
      if (!hash) {
        hash = createHash('sha256').update(readFileSync(path)).digest('hex');
        hashes.set(path, hash);
      }
      return hash;
    };
    // As the window asks for them.
    globalThis.fetch = (address) => s.media(String(address));
    /** By file hash: what the window is given of its frames, in the file's own order. */
    const shown = new Map<string, Received>();
    const parts = new Map<string, { frame: Frame; given: PixelArray }[]>();
    for (const { series } of s.list()) {
      for (const one of series) {
        if (one.refused) continue;
        // An image that turns out to be unreadable leaves its series: then the rest is asked for again.
        for (let attempt = 0; attempt < 400; attempt++) {
          const images = await s.studies.images(one.id).catch(() => null);
          if (!images) break;
          const pixels: PixelArray[] = [];
          const address = media.pixels(one.id, images.pixelTag, 0, images.frames.length);
          const came = await streamFrames(
            address,
            images.frames,
            (frame, given) => {
              pixels[frame.index] = given;
            },
            new AbortController().signal,
          ).then(
            () => true,
            () => false,
          );
          if (!came) continue;
          const rows = s.base.store.read.all<{
            sop_instance_uid: string;
            path: string;
            copied: number;
            frames: number;
          }>(
            `SELECT i.sop_instance_uid, i.path, i.copied, i.frames FROM instances i JOIN series s ON s.id = i.series_id
              WHERE s.id = (SELECT coalesce(base_id, id) FROM series WHERE id = ?) AND i.refused IS NULL
                AND s.form = 'dicom'`,
            one.id,
          );
          const tables = tablesOf(images.voiTables);
          for (const row of rows) {
            if (row.copied) continue;
            // Frames of one file may lie in several parts of its series.
            const own = images.frames
              .filter((frame) => frame.instanceUid === row.sop_instance_uid)
              .flatMap((frame) => {
                const given = pixels[frame.index];
                return given ? [{ frame, given }] : [];
              });
            const all = [...(parts.get(row.path) ?? []), ...own];
            parts.set(row.path, all);
            if (own.length === 0 || all.length < row.frames) continue;
            parts.delete(row.path);
            all.sort((a, b) => a.frame.frameNumber - b.frame.frameNumber);
            const received = receivedOf(
              all.map(({ frame }) => frame),
              all.map(({ given }) => given),
              tables,
            );
            shown.set(hashOf(row.path), received);
          }
          break;
        }
      }
    }
    const counts = {
      images: 0,
      imported: 0,
      malformedImages: 0,
      malformedShown: 0,
      compared: 0,
      equal: 0,
      withinTolerance: 0,
      refused: 0,
      wrong: 0,
      valuesEqual: 0,
      greysCompared: 0,
    };
    const lost: string[] = [];
    const wrong: string[] = [];
    for (const [hash, entry] of Object.entries(expected)) {
      const got = shown.get(hash);
      if (entry.kind !== 'image') {
        if (got && !TORN_AFTER_PIXELS.has(hash))
          wrong.push(`shown, but pydicom gives no pixels: ${hash} (${entry.kind})`);
        continue;
      }
      const malformed = entry.folder === 'malformed';
      counts[malformed ? 'malformedImages' : 'images'] += 1;
      if (!got) {
        counts.refused += 1;
        if (!malformed) lost.push(hash);
        continue;
      }
      counts[malformed ? 'malformedShown' : 'imported'] += 1;
      counts.compared += 1;
      const before = wrong.length;
      // Slices that are scaled one by one come as modality values: those are compared below.
      if (got.pixels === entry.pixels) counts.equal += 1;
      else if (got.scaled && got.pixels === entry.values32) counts.equal += 1;
      else if (entry.exact !== false) wrong.push(`other pixels: ${hash}`);
      else {
        const expectedSamples = entry.samples ?? [];
        const samples = got.at(expectedSamples.length);
        const near = samples.filter((value, n) => Math.abs(value - (expectedSamples[n] ?? Number.NaN)) <= LOSSY_NEAR);
        const good =
          Math.abs(got.mean - (entry.mean ?? Number.NaN)) < LOSSY_TOLERANCE &&
          near.length >= LOSSY_NEAR_PART * expectedSamples.length;
        if (good) counts.withinTolerance += 1;
        else
          wrong.push(`other pixels: ${hash}, ${near.length} of ${samples.length} near, mean ${got.mean} ${entry.mean}`);
      }
      if (entry.values && entry.exact && !got.scaled) {
        if (got.values === entry.values) counts.valuesEqual += 1;
        else wrong.push(`other modality values: ${hash}`);
      } else if (entry.values && entry.exact) {
        if (got.pixels === entry.values32) counts.valuesEqual += 1;
        else if (got.values === entry.values) counts.valuesEqual += 1;
        else wrong.push(`other modality values: ${hash}`);
      }
      const greys = entry.greys && entry.exact ? got.greys(entry.greys.length) : null;
      if (greys !== null) {
        counts.greysCompared += 1;
        const off = greys.filter((grey, n) => !(Math.abs(grey - (entry.greys?.[n] ?? Number.NaN)) <= GREY_TOLERANCE));
        if (off.length > 0) wrong.push(`other greys: ${hash}: ${greys} for ${entry.greys}`);
      } else if (entry.greys && entry.exact) wrong.push(`no window where pydicom has one: ${hash}`);
      if (wrong.length > before) counts.wrong += 1;
    }
    t.diagnostic(JSON.stringify(counts));
    assert.deepEqual(wrong, []);
    assert.ok(counts.images > 400, 'the shared data is there');
    assert.ok(counts.imported >= 0.99 * counts.images, `${lost.length} images lost: ${lost.slice(0, 20)}`);
    assert.deepEqual(
      s.logged.filter((line) => !line.startsWith('worker')),
      [],
    );
  } finally {
    globalThis.fetch = fetchBefore;
    await s.close();
    s.remove();
  }
});

test('a phantom with uneven gaps and a tilted gantry is never a volume, whole or in parts', async (t) => {
  const folder = join(DATA, 'ct/variable-gap');
  if (!existsSync(folder)) return t.skip('shared data absent');
  const s = temporaryStudies();
  try {
    await s.import(folder);
    const series = s.list().flatMap((one) => one.series.filter(({ kind, refused }) => kind === 'image' && !refused));
    assert.ok(series.length > 0);
    for (const one of series) {
      const { volume, frames } = await s.studies.images(one.id);
      assert.ok(volume.kind === 'none' && /uneven gaps|gantry tilt/.test(volume.reason), JSON.stringify(volume));
      // Within an image millimetres are certain all the same.
      for (const { calibration } of frames) assert.equal(calibration.kind, 'known');
    }
  } finally {
    await s.close();
    s.remove();
  }
});
