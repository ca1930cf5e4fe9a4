import { phantom } from './index.ts';
import type { ParameterRange, Phantom, PhraseFamily } from './types.ts';

/** One training example without DICOM: arrays, and the truth as plain JSON. */
export interface TrainingExample {
  readonly image: Int16Array | Uint16Array;
  readonly labels: Uint8Array;
  /** Lesion ids by voxel; null for an X-ray, whose lesions overlap and have boxes. */
  readonly instances: Uint8Array | null;
  readonly truth: Readonly<Record<string, unknown>>;
}

/** Example number `index` of a set: line and seed make it, so that workers can share a set without a list. */
export const trainingExample = (
  line: string,
  seed: number | string,
  index: number,
  options: { readonly phrases?: PhraseFamily; readonly range?: ParameterRange } = {},
): TrainingExample => {
  const p: Phantom = phantom(line, { ...options, seed: `${seed}/${index}` });
  const { image, labels, ...rest } = p;
  const { instances, ...truth } = 'instances' in rest ? rest : { ...rest, instances: undefined };
  return {
    image: image.data,
    labels: labels.data,
    instances: instances?.data ?? null,
    truth: {
      ...truth,
      index,
      phrases: options.phrases ?? 'a',
      range: options.range ?? 'in',
      // numpy order: slowest axis first
      shape: p.kind === 'ct' ? [image.dims[2], image.dims[1], image.dims[0]] : [image.dims[1], image.dims[0]],
      dtype: p.kind === 'ct' ? 'int16' : 'uint16',
      affineVoxelToPatient: image.affineVoxelToPatient,
    },
  };
};
