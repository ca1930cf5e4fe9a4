/** A folder of cases with their truths: phantoms as `sightline phantom --raw` writes them, or cases.jsonl. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Phantom } from '../kit/phantom/index.ts';
import { Case } from '../tasks/evaluation.ts';

/** The part of a truth file by which its arrays are read; the rest is as the generator wrote it. */
const Truth = z.looseObject({
  kind: z.enum(['ct', 'xray']),
  line: z.string(),
  seed: z.string(),
  range: z.string(),
  shape: z.array(z.number().int().positive()).min(2).max(3),
  affineVoxelToPatient: z.array(z.number()).length(12),
});

/** A folder or a file in it is not what an evaluation reads. */
export class DataError extends Error {}

const parsed = (path: string, text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new DataError(`${path} is no JSON.`);
  }
};

const bytesOf = (path: string, length: number): ArrayBuffer => {
  if (!existsSync(path)) throw new DataError(`${path} is missing.`);
  const bytes = new Uint8Array(readFileSync(path));
  if (bytes.length !== length) throw new DataError(`${path} has ${bytes.length} bytes, not ${length}.`);
  return bytes.buffer;
};

/** Numbers of the phantoms in a folder, in order: each has its truth as `<n>.json`. */
export const phantomNumbers = (folder: string): number[] =>
  readdirSync(folder)
    .flatMap((name) => {
      const number = /^(\d+)\.json$/.exec(name)?.[1];
      return number === undefined ? [] : [Number(number)];
    })
    .sort((a, b) => a - b);

export const readPhantom = (folder: string, number: number): Phantom => {
  const at = (ending: string): string => join(folder, `${number}.${ending}`);
  const truth = Truth.safeParse(parsed(at('json'), readFileSync(at('json'), 'utf8')));
  if (!truth.success) throw new DataError(`${at('json')} is no truth of a phantom written with --raw.`);
  const { shape, affineVoxelToPatient, kind } = truth.data;
  const [nx = 1, ny = 1, nz = 1] = shape.toReversed();
  const grid = { dims: [nx, ny, nz] as const, affineVoxelToPatient };
  const size = nx * ny * nz;
  const image = bytesOf(at('image.raw'), size * 2);
  const made = {
    ...truth.data,
    image: { ...grid, data: kind === 'ct' ? new Int16Array(image) : new Uint16Array(image) },
    labels: { ...grid, data: new Uint8Array(bytesOf(at('labels.raw'), size)) },
    ...(kind === 'ct' ? { instances: { ...grid, data: new Uint8Array(bytesOf(at('instances.raw'), size)) } } : {}),
  };
  // written by the generator of this repository: its own types hold for what the schema above leaves open
  return made as unknown as Phantom;
};

/** Lines of cases.jsonl; null where the folder has none. */
export const readCases = (folder: string): Case[] | null => {
  const path = join(folder, 'cases.jsonl');
  if (!existsSync(path)) return null;
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((text, n) => {
      if (text.trim() === '') return [];
      const one = Case.safeParse(parsed(`${path}, line ${n + 1},`, text));
      if (one.success) return [one.data];
      const [first] = one.error.issues;
      throw new DataError(`${path}, line ${n + 1}: ${first?.path.join('.') || 'case'}: ${first?.message}`);
    });
};
