/** One line of text makes test data: phantom('ct 64x64x20 tilt 12'). Grammar in README.md. */
import { seeded } from '../random.ts';
import { renderCt } from './ct.ts';
import { drawLesions, parseLine } from './grammar.ts';
import type { ParameterRange, Phantom, PhraseFamily } from './types.ts';
import { renderXray } from './xray.ts';

export { type Demonstration, demonstration } from './demonstration.ts';
export { PhantomLineError } from './grammar.ts';
export { LABELS, type Label, type LabelName } from './labels.ts';
export { type TrainingExample, trainingExample } from './training.ts';
export type * from './types.ts';

export interface PhantomOptions {
  /** Same line, seed and options: the same phantom on every machine. Default 1; `seed` in the line has precedence. */
  readonly seed?: number | string;
  /** Wording of the truth report. Default 'a'. */
  readonly phrases?: PhraseFamily;
  /** Range of the drawn parameters. Default 'in'. */
  readonly range?: ParameterRange;
}

/** Throws PhantomLineError where the line is not understood. */
export const phantom = (line: string, options: PhantomOptions = {}): Phantom => {
  const request = parseLine(line);
  const seed = request.seed ?? String(options.seed ?? 1);
  const range = options.range ?? 'in';
  const random = seeded(`phantom ${seed}`);
  const lesions = [...request.lesions, ...(request.random ? drawLesions(random, request.modality, range) : [])];
  const more = { phrases: options.phrases ?? 'a', range } as const;
  return request.modality === 'ct'
    ? renderCt(line, seed, request, lesions, random, more)
    : renderXray(line, seed, request, lesions, random, more);
};
