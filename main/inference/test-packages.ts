/** Packages made of the tiny networks in fixtures/, for the tests of this domain. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MANIFEST_FORMAT, type Manifest, type ManifestLabel, type Pipeline } from '../../models/kit/manifest.ts';

const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url));

const label = (key: string, channel: number, more: Partial<ManifestLabel> = {}): ManifestLabel => ({
  key,
  name: key.replaceAll('-', ' '),
  code: null,
  color: [200, 100, 50],
  kind: 'organ',
  value: channel + 1,
  channel,
  threshold: null,
  calibration: null,
  sided: false,
  place: 'none',
  minimumMl: null,
  measures: [],
  severity: null,
  ...more,
});

const float = (...dims: (number | string)[]) => ({ type: 'float32' as const, dims });
const int = (...dims: (number | string)[]) => ({ type: 'int64' as const, dims });
const tokens = { pad: '[pad]', unknown: '[unknown]', begin: '[begin]', end: '[end]', separator: '[separator]' };
/** Ids as the tables of encode.onnx and write.onnx mean them. */
export const WORDS =
  '[pad] [unknown] [begin] [end] [separator] there is a small nodule . mass x y z l m n o p q r s t'.split(' ');

const volume = (network: string): { pipeline: Pipeline; labels: ManifestLabel[] } => ({
  pipeline: {
    task: 'segmentation',
    network: {
      file: `${network}.onnx`,
      inputs: { image: float(1, 1, 32, 32, 32) },
      outputs: { logits: float(1, 4, 32, 32, 32) },
    },
    pre: [
      { step: 'modality' },
      { step: 'reorient', axes: 'LPS' },
      { step: 'resample', spacingMm: [6, 6, 6] },
      { step: 'window', low: -1000, high: 1000 },
    ],
    window: { patch: [32, 32, 32], overlap: 0.25, blend: 'gaussian' },
    activation: 'softmax',
  },
  labels: [
    label('body', 1),
    label('spine', 2),
    label('lung-nodule', 3, {
      kind: 'finding',
      sided: true,
      place: 'lung-zone',
      minimumMl: 0.2,
      measures: ['largest diameter', 'volume'],
    }),
  ],
});

export type TinyNetwork =
  | 'segment'
  | 'shape'
  | 'infinite'
  | 'huge'
  | 'slow'
  | 'outside'
  | 'detect'
  | 'encode'
  | 'write';

const KINDS: Readonly<Record<TinyNetwork, () => { pipeline: Pipeline; labels: ManifestLabel[] }>> = {
  segment: () => volume('segment'),
  shape: () => volume('shape'),
  infinite: () => volume('infinite'),
  huge: () => volume('huge'),
  slow: () => volume('slow'),
  outside: () => volume('outside'),
  detect: () => ({
    pipeline: {
      task: 'detection' as const,
      network: {
        file: 'detect.onnx',
        inputs: { image: float(1, 1, 64, 64) },
        outputs: { heat: float(1, 2, 32, 32), masks: float(1, 3, 64, 64) },
      },
      pre: [
        { step: 'modality' as const },
        { step: 'invert-monochrome1' as const },
        { step: 'letterbox' as const, size: 64 },
        { step: 'percentile-window' as const, low: 1, high: 99 },
      ],
      boxes: { kind: 'components' as const, level: 0.5, minimumCells: 2, limit: 4 },
      rules: [],
    },
    labels: [
      label('lung-nodule', 0, { kind: 'finding', sided: true, place: 'lung-zone', value: 9, threshold: 0.5 }),
      label('lung-left', 0),
      label('lung-right', 1),
      label('heart', 2),
    ],
  }),
  encode: () => ({
    pipeline: {
      task: 'embedding' as const,
      network: {
        file: 'encode.onnx',
        inputs: { input_ids: int('batch', 'tokens'), attention_mask: int('batch', 'tokens') },
        outputs: { embedding: float('batch', 8) },
      },
      tokenizer: { kind: 'wordpiece' as const, vocabulary: 'vocabulary.txt', tokens, limit: 32 },
      dims: 8,
    },
    labels: [],
  }),
  write: () => ({
    pipeline: {
      task: 'report-generation' as const,
      network: {
        file: 'write.onnx',
        inputs: { input_ids: int(1, 'tokens') },
        outputs: { logits: float(1, 'tokens', 24) },
      },
      tokenizer: { kind: 'wordpiece' as const, vocabulary: 'vocabulary.txt', tokens, limit: 64 },
      keys: ['lung-nodule'],
      maxTokens: 10,
      temperature: 1,
      top: 2,
    },
    labels: [],
  }),
};

/** Writes a package of the name into the folder; `change` has the last word on its manifest, after the hashes. */
export const writePackage = (
  folder: string,
  name: string,
  network: TinyNetwork,
  change: (manifest: Manifest) => unknown = (manifest) => manifest,
): string => {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  const { pipeline, labels } = KINDS[network]();
  copyFileSync(join(FIXTURES, `${network}.onnx`), join(own, `${network}.onnx`));
  writeFileSync(join(own, 'card.md'), `# ${name}\n\nFor tests.\n`);
  const paths = ['card.md', `${network}.onnx`];
  if ('tokenizer' in pipeline) {
    writeFileSync(join(own, 'vocabulary.txt'), `${WORDS.join('\n')}\n`);
    paths.push('vocabulary.txt');
  }
  const manifest: Manifest = {
    format: MANIFEST_FORMAT,
    name,
    version: '1.0.0',
    title: `Tiny ${network}`,
    modalities: pipeline.task === 'detection' ? ['CR', 'DX'] : pipeline.task === 'segmentation' ? ['CT'] : [],
    views: [pipeline.task === 'detection' ? 'frontal-chest' : 'any'],
    licence: 'Apache-2.0',
    intendedUse: 'Tests.',
    clinicalUse: false,
    trainedOn: ['nothing: its weights are written by hand'],
    figures: [],
    labels,
    files: paths.map((path) => ({
      path,
      bytes: statSync(join(own, path)).size,
      sha256: createHash('sha256')
        .update(readFileSync(join(own, path)))
        .digest('hex'),
    })),
    pipeline,
    golden: { inputs: {}, outputs: {}, steps: null, tokens: [] },
    acceptance: { metric: 'lesion-f1', phantoms: ['ct 32x32x32'], count: 1, seed: 'none', required: 0 },
  };
  const path = join(own, 'manifest.json');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, JSON.stringify(change(manifest)));
  return own;
};
