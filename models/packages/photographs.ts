/** Photographs of the retina and what a grading package says of them, by the network that has not seen them. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tensor } from '../onnxruntime.ts';
import { z } from 'zod';
import type { PipelineOf } from '../kit/manifest.ts';
import { type Photograph, preparePhotograph, type PreparedPhotograph } from '../kit/steps/fundus.ts';
import type { Outputs } from '../tasks/answer.ts';
import type { Case } from '../tasks/evaluation.ts';
import { type Graded, gradeOf, gradePhotograph, refusal } from '../tasks/grading/index.ts';
import { DataError } from './data.ts';
import { type Loaded, run } from './run.ts';

const gradingPipeline = ({ manifest }: Loaded): PipelineOf<'grading'> => {
  const { pipeline } = manifest;
  if (pipeline.task !== 'grading') throw new Error('the package grades no photographs');
  return pipeline;
};

export type Answered =
  | { readonly kind: 'refused'; readonly why: string }
  | {
      readonly kind: 'graded';
      readonly photo: PreparedPhotograph;
      readonly outputs: Outputs;
      readonly graded: Graded;
    };

export const answerTo = async (loaded: Loaded, photograph: Photograph): Promise<Answered> => {
  const pipeline = gradingPipeline(loaded);
  const photo = preparePhotograph(photograph, pipeline.pre);
  const why = refusal(photo?.quality ?? null, pipeline.gate);
  if (!photo || why !== null) return { kind: 'refused', why: why ?? '' };
  const [input = ''] = Object.keys(pipeline.network.inputs);
  const outputs = await run(loaded, { [input]: new Tensor('float32', photo.data, [1, 3, photo.rows, photo.columns]) });
  return {
    kind: 'graded',
    photo,
    outputs,
    graded: gradePhotograph(outputs, photo, photograph, pipeline, loaded.manifest.labels),
  };
};

/** Which network has not seen a photograph, by the SHA-256 of its file, and which photographs show one eye. */
const Folds = z.record(
  z.string().regex(/^[0-9a-f]{64}$/),
  z.object({ fold: z.number().int().nonnegative(), group: z.number().int().nonnegative() }),
);
const foldsOf = (folder: string): z.infer<typeof Folds> => {
  const path = join(folder, 'folds.json');
  return existsSync(path) ? Folds.parse(JSON.parse(readFileSync(path, 'utf8'))) : {};
};

/** grading/ and labels.csv (image name, grade, more), as the IDRiD set has them. */
export const isGradedFolder = (folder: string): boolean =>
  existsSync(join(folder, 'labels.csv')) && existsSync(join(folder, 'grading'));

const gradesIn = (folder: string): Map<string, number> => {
  const out = new Map<string, number>();
  const lines = readFileSync(join(folder, 'labels.csv'), 'utf8').replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [n, line] of lines.slice(1).entries()) {
    const [name = '', grade = ''] = line.split(',');
    if (name === '') continue;
    if (!/^\d$/.test(grade)) throw new DataError(`labels.csv, line ${n + 2}: '${grade}' is no grade.`);
    out.set(name, Number(grade));
  }
  return out;
};

export interface Judged {
  readonly cases: readonly Case[];
  /** Files that were refused, with the reason. */
  readonly refused: readonly { readonly name: string; readonly why: string }[];
  /** How many were answered by a network that had not seen them while it had seen others of this folder. */
  readonly outOfFold: number;
}

/**
 * Each photograph's grade, and whether it is referable, as cases. A photograph that was trained on is answered by the
 * fold's network that has not seen it, others by the mean of all.
 */
export const judgePhotographs = async (
  loaded: Loaded,
  folder: string,
  decode: (bytes: Uint8Array) => Promise<Photograph>,
  tell: (done: number, of: number) => void = () => {},
): Promise<Judged> => {
  const { grades } = gradingPipeline(loaded);
  const known = foldsOf(loaded.folder);
  const truth = gradesIn(folder);
  const names = readdirSync(join(folder, 'grading')).filter((name) => /\.jpe?g$/i.test(name)).sort();
  const cases: Case[] = [];
  const refused: { name: string; why: string }[] = [];
  let outOfFold = 0;
  for (const [n, name] of names.entries()) {
    const grade = truth.get(name.replace(/\.[^.]+$/, ''));
    if (grade === undefined) throw new DataError(`labels.csv has no grade of ${name}.`);
    const bytes = new Uint8Array(readFileSync(join(folder, 'grading', name)));
    const answered = await answerTo(loaded, await decode(bytes));
    tell(n + 1, names.length);
    if (answered.kind === 'refused') {
      refused.push({ name, why: answered.why });
      continue;
    }
    const own = known[createHash('sha256').update(bytes).digest('hex')];
    const all = answered.outputs.folds?.data;
    const count = grades.names.length - 1;
    const told = own && all ? gradeOf(all.subarray(own.fold * count, (own.fold + 1) * count)) : answered.graded;
    if (own && all) outOfFold++;
    const referable = 'referable' in told ? told.referable : (told.atLeast[grades.referableFrom] ?? 0);
    const patient = own ? `group ${own.group}` : name;
    cases.push({ kind: 'grade', patient, truth: grade, told: told.grade });
    cases.push({
      kind: 'labels',
      patient,
      scores: { referable },
      truth: { referable: grade >= grades.referableFrom },
    });
  }
  return { cases, refused, outOfFold };
};
