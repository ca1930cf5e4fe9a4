import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { applyDifference, changedSlices } from '../../models/kit/labels/difference.ts';
import { Fault } from '../../preload/contract/index.ts';
import type { Log } from '../outside.ts';
import type { Reader } from '../store/index.ts';
import { type Step, stepsBetween } from './journal.ts';
import { differenceOf, dimsOf, editRows, type SegmentationRow, segmentationRow } from './rows.ts';
import { Damaged, openSlices, type PackedSlice, packSlice } from './slices.ts';

const inflate = promisify<Uint8Array, Buffer>(inflateRaw);

/** The labels of a segmentation at its present edit, slice by slice. */
export interface OpenLabels {
  readonly row: SegmentationRow;
  /** Slices that the edits since the file was written have touched. */
  readonly touched: ReadonlySet<number>;
  slice(k: number): Promise<Uint8Array>;
  /** As they are to be written to a file. */
  packed(k: number): Promise<PackedSlice>;
  close(): Promise<void>;
}

const damaged = (segmentationId: string): Fault =>
  new Fault('refused', 'The file of this segmentation is missing or was changed.', { segmentationId });

export const createLabels = (read: Reader, pathOf: (file: string) => string, log: Log) => {
  const difference = async (segmentationId: string, editId: string): Promise<Uint8Array | null> => {
    const found = differenceOf(read, segmentationId, editId);
    if (found === null) return null;
    if ('bytes' in found) return found.bytes;
    return inflate(await readFile(pathOf(found.file)));
  };

  const openOnce = async (row: SegmentationRow): Promise<OpenLabels> => {
    const dims = dimsOf(row);
    const steps: { step: Step; bytes: Uint8Array }[] = [];
    const from = await openSlices(pathOf(row.file), dims);
    try {
      for (const step of stepsBetween(editRows(read, row.id), row.file_edit, row.current)) {
        const bytes = await difference(row.id, step.id);
        if (bytes !== null) steps.push({ step, bytes });
      }
    } catch (error) {
      await from.close();
      throw error;
    }
    const touched = new Set(steps.flatMap(({ bytes }) => changedSlices(bytes)));
    const slice = async (k: number): Promise<Uint8Array> => {
      const labels = await from.labels(k);
      if (!touched.has(k)) return labels;
      let strange = 0;
      for (const { step, bytes } of steps)
        strange += applyDifference(bytes, step.direction, (n) => (n === k ? labels : null));
      if (strange > 0)
        log.warn('edits of a segmentation do not follow each other', { segmentationId: row.id, strange });
      return labels;
    };
    return {
      row,
      touched,
      slice,
      packed: async (k) => (touched.has(k) ? packSlice(await slice(k)) : from.packed(k)),
      close: () => from.close(),
    };
  };

  /** A file that was written anew while it was opened is opened again. */
  const open = async (segmentationId: string): Promise<OpenLabels> => {
    for (let tries = 1; ; tries++) {
      const row = segmentationRow(read, segmentationId);
      try {
        return await openOnce(row);
      } catch (error) {
        const moved = segmentationRow(read, segmentationId).file !== row.file;
        if (moved && tries < 4) continue;
        if (error instanceof Damaged || (error as { code?: string }).code === 'ENOENT') throw damaged(segmentationId);
        throw error;
      }
    }
  };

  const withLabels = async <T>(segmentationId: string, use: (labels: OpenLabels) => Promise<T>): Promise<T> => {
    const labels = await open(segmentationId);
    try {
      return await use(labels);
    } catch (error) {
      throw error instanceof Damaged ? damaged(segmentationId) : error;
    } finally {
      await labels.close();
    }
  };
  return { difference, open, withLabels };
};
export type Labels = ReturnType<typeof createLabels>;
