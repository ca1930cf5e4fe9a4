import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryStudies } from '../../main/studies/test-base.ts';
import type { Frame } from '../../preload/contract/index.ts';

/**
 * One file's outcome with pydicom, by hash of the file: made by expected.py. NIfTI and pictures lie in the same folders;
 * pydicom reads neither, so only what was read as DICOM is compared.
 */
interface Expected {
  readonly kind: 'image' | 'undecodable' | 'no-pixels' | 'no-dicom' | 'directory';
  readonly folder: string;
  readonly exact?: boolean;
  readonly pixels?: string;
  readonly mean?: number;
  readonly deviation?: number;
}

const DATA = join(import.meta.dirname, '../../../shared/data');
const FOLDERS = ['dicom', 'malformed', 'ct', 'pet'];
/** Whole before its pixels and torn after them, where pydicom gives up: its pixels are as its header says. */
const TORN_AFTER_PIXELS = new Set(['c6eb9839f6b38024e17ecdddb6c882229e406d07195d44a3f2ab8ce40012fea5']);
/** Rounding of lossy decoders and of colour conversion, in grey levels of the mean. */
const LOSSY_TOLERANCE = 0.75;

const meanOf = (bytes: Uint8Array, format: Frame['format']): number => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [size, get] = {
    uint8: [1, (at: number) => view.getUint8(at)],
    rgb8: [1, (at: number) => view.getUint8(at)],
    int8: [1, (at: number) => view.getInt8(at)],
    uint16: [2, (at: number) => view.getUint16(at, true)],
    int16: [2, (at: number) => view.getInt16(at, true)],
    uint32: [4, (at: number) => view.getUint32(at, true)],
    int32: [4, (at: number) => view.getInt32(at, true)],
    float32: [4, (at: number) => view.getFloat32(at, true)],
  }[format] as [number, (at: number) => number];
  let sum = 0;
  for (let at = 0; at < bytes.length; at += size) sum += get(at);
  return (sum * size) / bytes.length;
};

test('every file of the shared data has the outcome that pydicom gives it', { timeout: 600_000 }, async (t) => {
  if (!existsSync(DATA)) return t.skip('shared data absent');
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
    /** By file hash: the bytes of its frames in the file's own order. */
    const shown = new Map<string, { hash: string; mean: number }>();
    for (const { series } of s.list()) {
      for (const one of series) {
        if (one.refused) continue;
        // An image that turns out to be unreadable leaves its series: then the rest is asked for again.
        for (let attempt = 0; attempt < 400; attempt++) {
          const images = await s.studies.images(one.id).catch(() => null);
          if (!images) break;
          const response = await s.media(`pixels/${one.id}/${images.pixelTag}/0-${images.frames.length}`);
          let bytes: Uint8Array;
          try {
            if (response.status !== 200) throw new Error(await response.text());
            bytes = new Uint8Array(await response.arrayBuffer());
          } catch {
            continue;
          }
          const rows = s.base.store.read.all<{ sop_instance_uid: string; path: string; copied: number }>(
            `SELECT i.sop_instance_uid, i.path, i.copied FROM instances i JOIN series s ON s.id = i.series_id
              WHERE s.id = ? AND i.refused IS NULL AND s.form = 'dicom'`,
            one.id,
          );
          for (const row of rows) {
            const frames = images.frames
              .filter((frame) => frame.instanceUid === row.sop_instance_uid)
              .sort((a, b) => a.frameNumber - b.frameNumber);
            const [first] = frames;
            if (!first || row.copied) continue;
            const own = Buffer.concat(frames.map((f) => bytes.subarray(f.byteOffset, f.byteOffset + f.byteLength)));
            shown.set(hashOf(row.path), {
              hash: createHash('sha256').update(own).digest('hex'),
              mean: meanOf(own, first.format),
            });
          }
          break;
        }
      }
    }
    const counts = {
      images: 0,
      imported: 0,
      exact: 0,
      close: 0,
      differ: 0,
      more: 0,
      malformedImages: 0,
      malformedShown: 0,
    };
    const lost: string[] = [];
    const wrong: string[] = [];
    for (const [hash, entry] of Object.entries(expected)) {
      const got = shown.get(hash);
      if (entry.kind !== 'image') {
        if (got && !TORN_AFTER_PIXELS.has(hash)) {
          counts.more += 1;
          wrong.push(`shown, but pydicom gives no pixels: ${hash} (${entry.kind})`);
        }
        continue;
      }
      const malformed = entry.folder === 'malformed';
      counts[malformed ? 'malformedImages' : 'images'] += 1;
      if (!got) {
        if (!malformed) lost.push(hash);
        continue;
      }
      counts[malformed ? 'malformedShown' : 'imported'] += 1;
      if (entry.exact && got.hash === entry.pixels) counts.exact += 1;
      else if (!entry.exact && Math.abs(got.mean - (entry.mean ?? Number.NaN)) < LOSSY_TOLERANCE) counts.close += 1;
      else {
        counts.differ += 1;
        wrong.push(`other pixels: ${hash}`);
      }
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
    await s.close();
    s.remove();
  }
});
