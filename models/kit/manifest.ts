/**
 * manifest.json of a model package: what the network is, what goes in and comes out, and what may be said from it.
 * Data only: a package brings no code, and every step it names is one of ours (kit/steps, tasks/<task>).
 *
 * Axes and frames, for everything below:
 *   volumes   [x, y, z] = [columns, rows, slices] after reorientation: x grows to the patient's left, y to the back,
 *             z to the head (LPS). As a tensor: [1, 1, z, y, x].
 *   images    [1, 1, row, column], row 0 at the top, as displayed (patient's left on image right where the file says so).
 *   boxes     [x0, y0, x1, y1], x to the right, y down, (0, 0) the outer corner of the first pixel.
 */
import { z } from 'zod';
import { Code, ModelFigure, Rgb } from '../../preload/contract/terms/index.ts';

export const MANIFEST_FORMAT = 'sightline-model/1';

/** Relative, '/' between segments, no segment begins with a dot: nothing can point out of the package. */
export const PackagePath = z
  .string()
  .max(200)
  .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*(\/[A-Za-z0-9_][A-Za-z0-9_.-]*)*$/);
const Key = z
  .string()
  .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
  .max(64);
const Count = z.number().int().positive();
const Probability = z.number().min(0).max(1);

export const PackageFile = z.object({
  path: PackagePath,
  bytes: z.number().int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

/** dims: a number is fixed, a name ('batch', 'tokens') is free. Checked against the session's own metadata. */
export const TensorShape = z.object({
  type: z.enum(['float32', 'int64', 'int32', 'uint8']),
  dims: z
    .array(z.union([Count, Key]))
    .min(1)
    .max(5),
});
export type TensorShape = z.infer<typeof TensorShape>;

export const Network = z.object({
  file: PackagePath,
  inputs: z.record(z.string().max(64), TensorShape),
  outputs: z.record(z.string().max(64), TensorShape),
});
export type Network = z.infer<typeof Network>;

/** On one frame, in this order as listed; see kit/steps/image.ts. */
export const ImageStep = z.discriminatedUnion('step', [
  /** stored * slope + intercept */
  z.object({ step: z.literal('modality') }),
  /** Where low values are shown bright (MONOCHROME1): v -> max + min - v over the frame. */
  z.object({ step: z.literal('invert-monochrome1') }),
  /**
   * To size x size, aspect kept, centred, the rest padded with 0 after windowing. Separable triangle filter, widened
   * when shrinking = torch interpolate(mode='bilinear', antialias=True, align_corners=False).
   */
  z.object({ step: z.literal('letterbox'), size: Count.max(2048) }),
  /** To 0..1 between two percentiles (0..100, linear between ranks as numpy's default), padding not counted, clipped. */
  z.object({ step: z.literal('percentile-window'), low: z.number(), high: z.number() }),
  /** To 0..1 between two modality values, clipped. */
  z.object({ step: z.literal('window'), low: z.number(), high: z.number() }),
  /** (v - mean) / deviation; padding stays what 0 becomes. */
  z.object({ step: z.literal('normalise'), mean: z.number(), deviation: z.number().positive() }),
]);
export type ImageStep = z.infer<typeof ImageStep>;

/** On a colour photograph of the retina, in this order as listed; see kit/steps/fundus.ts. */
export const PhotographStep = z.discriminatedUnion('step', [
  /**
   * The round field of view as a square of size x size, 0..1: sides of twice that and more by means of whole blocks
   * first, then the triangle filter of letterbox. 0 outside the field, of which the outer 2 % count as outside.
   */
  z.object({ step: z.literal('field-square'), size: Count.max(2048) }),
  /**
   * Contrast-limited adaptive equalisation of each channel inside the field: 256 bins, no bin above `limit` times the
   * mean, tables of tiles x tiles squares with bilinear transitions.
   */
  z.object({ step: z.literal('clahe'), tiles: Count.min(2).max(32), limit: z.number().min(1).max(256) }),
]);
export type PhotographStep = z.infer<typeof PhotographStep>;

/** On a volume, in this order as listed; see kit/steps/volume.ts. */
export const VolumeStep = z.discriminatedUnion('step', [
  z.object({ step: z.literal('modality') }),
  /** Axes permuted and flipped to the nearest of LPS; nothing interpolated. */
  z.object({ step: z.literal('reorient'), axes: z.literal('LPS') }),
  /**
   * New voxel n of an axis is centred at old index (n + 0.5) * t / s - 0.5; count max(1, round(N * s / t)); edges
   * clamped. Separable triangle filter: linear when enlarging, widened by t / s when shrinking.
   */
  z.object({
    step: z.literal('resample'),
    spacingMm: z.tuple([z.number().min(0.3), z.number().min(0.3), z.number().min(0.3)]),
  }),
  /** What lies outside the patient becomes `air`; see kit/steps/isolate.ts. */
  z.object({ step: z.literal('isolate'), above: z.number(), share: z.number().min(0).max(1), air: z.number() }),
  z.object({ step: z.literal('window'), low: z.number(), high: z.number() }),
  z.object({ step: z.literal('normalise'), mean: z.number(), deviation: z.number().positive() }),
]);
export type VolumeStep = z.infer<typeof VolumeStep>;

/**
 * small below the first bound, large from the second on, moderate between. Measures in mm, mL, ratio; 'extent' is the
 * share of the lung's box that the finding's box covers (X-ray).
 */
export const SeverityRule = z.object({
  measure: z.enum(['largest diameter', 'volume', 'extent', 'cardiothoracic ratio']),
  moderateFrom: z.number(),
  largeFrom: z.number(),
});

export const ManifestLabel = z.object({
  key: Key,
  name: z.string().max(80),
  code: Code.nullable(),
  color: Rgb,
  /** organ: drawn and measured, never a finding by itself. finding: becomes a sentence. */
  kind: z.enum(['organ', 'finding']),
  /** Value in the labelmap (segmentation), 1 to 255, distinct. */
  value: z.number().int().min(1).max(255),
  /** Channel of the network's output: of `masks` for organs in detection; of `scores` and `heat` for findings; of `lesions` in grading. */
  channel: z.number().int().nonnegative(),
  /** Probability that is needed. Null in segmentation: the largest channel wins. */
  threshold: Probability.nullable(),
  /** Calibrated probability = sigmoid(slope * logit + offset); fitted on validation data. Null for none. */
  calibration: z.object({ slope: z.number(), offset: z.number() }).nullable(),
  /** Whether the thing has a side of the patient. */
  sided: z.boolean(),
  /** How its place is told: lung zones by the lung's extent, the liver's by words, none. */
  place: z.enum(['lung-zone', 'lung-side', 'liver', 'heart', 'none']),
  /** Segmentation: smallest connected component that counts, mL. */
  minimumMl: z.number().nonnegative().nullable(),
  /** Segmentation, organs: connected components below this share of the label's largest are strays and lose it. */
  strayShare: z.number().min(0).max(1).optional(),
  /** What is told of each finding. */
  measures: z.array(z.enum(['largest diameter', 'volume', 'cardiothoracic ratio'])),
  severity: SeverityRule.nullable(),
});
export type ManifestLabel = z.infer<typeof ManifestLabel>;

/**
 * Frontal chest X-ray and the like. Outputs by these names (logits, but for sizes):
 *   heat     [1, C, h, w]   one per finding label channel over the letterboxed image
 *   sizes    [1, 2C, h, w]  only for boxes 'centre-size': all widths, then all heights, in letterboxed pixels
 *   scores   [1, C]         where there is one: decides whether a finding is there, and heat only where. Without it each
 *                           box's peak, calibrated, is held against the label's threshold
 *   extents  [1, C, h, w]   where there is one: drawn as the heat map in the place of heat
 *   gate     [1, G]         where there is one, see `gate`
 *   masks    [1, M, h, w]   organs, where there are organ labels. 'lung-left' is the lung on the image's right, as in an
 *                           image that is displayed as usual; the patient's side comes from the file, never from a mask
 * Boxes of one label are findings of their own; with place 'lung-side' those of one side are one finding.
 */
export const DetectionPipeline = z.object({
  task: z.literal('detection'),
  network: Network,
  pre: z.array(ImageStep).min(1),
  /** Channels of the output `gate` (logits): what the picture is, before anything is said of it. */
  gate: z
    .object({
      /** An upright frontal chest film. Below 0.5 nothing is said. */
      frontal: z.number().int().nonnegative(),
      /** Taken from the front (AP), with a heart that is shown larger than it is. */
      ap: z.number().int().nonnegative(),
      /** A film and not a drawn phantom. */
      film: z.number().int().nonnegative(),
      /** Labels by key that the network cannot tell on films: neither found nor absent there. */
      unansweredOnFilms: z.array(Key),
      /** Labels by key that are told on films where they are seen, and never told absent: they are known too poorly for that. */
      notDeniedOnFilms: z.array(Key).optional(),
    })
    .optional(),
  boxes: z.discriminatedUnion('kind', [
    /** sigmoid(heat) >= level, connected (8 neighbours); the box around each, its score the peak. */
    z.object({ kind: z.literal('components'), level: Probability, minimumCells: Count, limit: Count.max(8) }),
    /** Peaks of sigmoid(heat) in 3x3 above level, box from `sizes`. */
    z.object({ kind: z.literal('centre-size'), level: Probability, limit: Count.max(8) }),
  ]),
  /** Labels by key that are decided and placed otherwise than by scores and heat. */
  rules: z.array(
    z.object({
      kind: z.literal('cardiothoracic-ratio'),
      label: Key,
      /**
       * Ratio from which the finding is said; null: the network decides, the ratio is only told. Ratio: columns that the
       * heart mask spans over columns that both lungs span, of their largest components at 0.5. The box is the heart's.
       */
      from: z.number().nullable(),
      /** Organ masks with these keys. */
      heart: Key,
      lungs: z.tuple([Key, Key]),
    }),
  ),
});

/** CT and other volumes. Output `logits` [1, C, z, y, x]. */
export const SegmentationPipeline = z.object({
  task: z.literal('segmentation'),
  network: Network,
  /** modality, reorient, then resample and isolate where wanted, then steps on single values. Outside the volume: what -1024 becomes. */
  pre: z
    .array(VolumeStep)
    .min(2)
    .refine(
      (steps) =>
        steps[0]?.step === 'modality' &&
        steps[1]?.step === 'reorient' &&
        /^(resample )?(isolate )?((window|normalise) )*$/.test(
          steps
            .slice(2)
            .map(({ step }) => `${step} `)
            .join(''),
        ),
      'the steps are modality, reorient, resample and isolate (or not), then window and normalise',
    ),
  window: z.object({
    /** Voxels of one patch [x, y, z]; the network's input is [1, 1, z, y, x]. */
    patch: z.tuple([Count.max(256), Count.max(256), Count.max(256)]),
    /** Share of a patch that its neighbour covers again. */
    overlap: z.number().min(0).max(0.75),
    /** gaussian: weight exp(-((u - 0.5) / 0.25)^2 / 2) along each axis, u = (n + 0.5) / N; constant: 1. */
    blend: z.enum(['gaussian', 'constant']),
  }),
  /** softmax: channel 0 is background. sigmoid: each channel by its label's threshold, later labels over earlier. */
  activation: z.enum(['softmax', 'sigmoid']),
});

/** Whole-image scores only. Output `scores` [1, C] logits. */
export const ClassificationPipeline = z.object({
  task: z.literal('classification'),
  network: Network,
  pre: z.array(ImageStep).min(1),
});

/**
 * A grade of a colour photograph, with the lesions that speak for it. Input [1, 3, size, size]. Outputs:
 *   grades   [1, G - 1]    logits of "grade k + 1 or more", k from 0
 *   folds    [F, G - 1]    where there is one: the same by each of the networks that `grades` is the mean of
 *   lesions  [1, L, h, w]  one channel a lesion label, shifted so that 0.5 is the lesion's operating point
 *   map      [1, 1, h, w]  0..1: what spoke for a higher grade
 */
export const GradingPipeline = z.object({
  task: z.literal('grading'),
  network: Network,
  pre: z
    .array(PhotographStep)
    .min(1)
    .refine(
      (steps) => steps.every(({ step }, n) => (step === 'field-square') === (n === 0)),
      'the first step, and only it, is field-square',
    ),
  /** A photograph below one of these is not graded; see Quality in kit/steps/fundus.ts. */
  gate: z.object({ light: z.number(), framed: z.number(), lit: z.number(), red: z.number(), sharp: z.number() }),
  /** Words by grade from 0; `label` is the finding that grade 1 and more become. */
  grades: z.object({ label: Key, names: z.array(z.string().max(80)).min(2).max(10), referableFrom: Count }),
  /** Connected cells of a lesion from 0.5 on become a box; the largest first. */
  boxes: z.object({ minimumCells: Count, limit: Count.max(64) }),
});

/**
 * kit/text/tokens.ts. vocabulary: one token a line, line number from 0 = id; '##' before a token that continues a word.
 * Text -> NFKC, lower case; pieces by /[a-z]+|[0-9]|[^\sa-z0-9]/gu (each digit and each mark stands alone); each piece
 * by greedy longest match, the rest of a word with '##'; a piece that cannot be matched is `unknown`.
 */
export const Tokenizer = z.object({
  kind: z.literal('wordpiece'),
  vocabulary: PackagePath,
  tokens: z.object({ pad: z.string(), unknown: z.string(), begin: z.string(), end: z.string(), separator: z.string() }),
  /** Longest sequence with begin and end. */
  limit: Count.max(1024),
});

/**
 * Inputs `input_ids`, `attention_mask` int64 [batch, tokens] ([begin] text [end], padded at the right, mask 1 for what
 * counts); output `embedding` float32 [batch, d]. Normalised to length 1 here.
 */
export const EmbeddingPipeline = z.object({
  task: z.literal('embedding'),
  network: Network,
  tokenizer: Tokenizer,
  dims: Count.max(4096),
});

/**
 * Input `input_ids` int64 [1, tokens]; output `logits` float32 [1, tokens, V]. Sequence: [begin] prompt [separator]
 * sentence [end]. The prompt is the text of tasks/report-generation/prompt.ts.
 */
export const GenerationPipeline = z.object({
  task: z.literal('report-generation'),
  network: Network,
  tokenizer: Tokenizer,
  /** Finding keys it was taught; others are refused, not guessed. */
  keys: z.array(Key).min(1),
  maxTokens: Count.max(200),
  /** Sampling: seed 0 is greedy; else softmax(logits / temperature) over the `top` likeliest. */
  temperature: z.number().positive(),
  top: Count.max(200),
});

/**
 * A frontal film to a report, sentence by sentence, each with the region it speaks of. Two networks:
 *   network  `image` float32 [1, 1, s, s] -> `memory` [1, M, d], `places` [1, S, 6] (box in letterboxed pixels, probability,
 *            depth in the own lung), `chest` [1, 2] (midline in letterboxed pixels, cardiothoracic ratio). Patient's left on
 *            image right: a film that lies otherwise is mirrored before.
 *   writer   `input_ids` int64 [1, tokens], `memory` -> `logits` [1, V] of the next token.
 * Written: [begin] sized|unsized, then (region|plain sentence)* and the end; a sentence ends with '.'. The tokens mm and
 * ratio stand for what is measured: no number comes from the network.
 */
export const DraftingPipeline = z.object({
  task: z.literal('report-drafting'),
  network: Network,
  pre: z.array(ImageStep).min(1),
  writer: Network,
  tokenizer: Tokenizer,
  marks: z.object({ sized: z.string(), unsized: z.string(), plain: z.string(), mm: z.string(), ratio: z.string() }),
  /**
   * Row n of `places`: the token that speaks of it, and what may lie there. It is told where its probability in `places` is
   * at least `least` and nowhere else (`leastBeside` where another region of that finding has a higher one); without `least`
   * the writer decides.
   */
  regions: z
    .array(
      z.object({
        token: z.string(),
        key: Key,
        name: z.string().max(80),
        side: z.enum(['left', 'right']).nullable(),
        least: z.number().min(0).max(1).optional(),
        leastBeside: z.number().min(0).max(1).optional(),
      }),
    )
    .min(1)
    .max(64),
  /** Depths in the lung (0 top, 1 bottom) at which zones part; within `doubt` of them only the lung is named. */
  zones: z.object({ upper: z.number(), lower: z.number(), doubt: z.number().nonnegative() }),
  /** A nodule's diameter in sides of its box, which holds what lies about it too; 1 where nothing is said. */
  diameterOfBox: z.number().positive().optional(),
  /** It was found wanting on films of people: those are refused, with the reason. */
  phantomsOnly: z.boolean().optional(),
  maxTokens: Count.max(400),
});

export const Pipeline = z.discriminatedUnion('task', [
  DetectionPipeline,
  SegmentationPipeline,
  ClassificationPipeline,
  GradingPipeline,
  EmbeddingPipeline,
  GenerationPipeline,
  DraftingPipeline,
]);
export type Pipeline = z.infer<typeof Pipeline>;
export type PipelineOf<Task extends Pipeline['task']> = Extract<Pipeline, { task: Task }>;

/** A file of little-endian numbers in row-major order; value = stored * scale + offset. */
export const GoldenTensor = z.object({
  path: PackagePath,
  type: z.enum(['float32', 'int64', 'int16', 'uint16', 'uint8']),
  dims: z.array(Count).min(1).max(5),
  scale: z.number(),
  offset: z.number(),
});
/** Some numbers of a large tensor: [flat index, value]. */
export const GoldenSamples = z.object({
  dims: z.array(Count).min(1).max(5),
  samples: z
    .array(z.tuple([z.number().int().nonnegative(), z.number()]))
    .min(1)
    .max(2000),
  tolerance: z.number().positive(),
});
/** Made by the recipe's own code in Python, so that both sides are held to the same numbers. */
export const Golden = z.object({
  /** What the network was given, and what it answered there. */
  inputs: z.record(z.string(), GoldenTensor),
  outputs: z.record(z.string(), GoldenSamples),
  /** A stored frame or volume before the first step, and the network's input (or resampled volume) after the last. */
  steps: z
    .object({
      image: GoldenTensor,
      slope: z.number(),
      intercept: z.number(),
      inverted: z.boolean(),
      /** Volumes: row-major 3x4, voxel to patient mm, LPS. */
      affine: z.array(z.number()).length(12).nullable(),
      expected: GoldenSamples,
    })
    .nullable(),
  /** Drafting: what the writer was given, and what it answered. */
  writer: z
    .object({ inputs: z.record(z.string(), GoldenTensor), outputs: z.record(z.string(), GoldenSamples) })
    .optional(),
  /** Text packages: texts and their token ids. */
  tokens: z.array(z.object({ text: z.string(), ids: z.array(z.number().int().nonnegative()) })),
});

/** What the package must do on phantoms that it has never seen; run by models/packages/packages.test.ts. */
export const Acceptance = z.object({
  /**
   * sensitivity-minus-false-rate: found share of visible planted lesions minus findings that nothing was planted for, per study.
   * lesion-f1: F1 of found lesions (side right, and place: box centre inside / slice within 1).
   * same-finding-first: share of held-out sentences whose nearest neighbour tells the same finding and side.
   * agreement: share of generated sentences that agree with their finding in word, side and number.
   * clinical-f1: of drafts against the phantoms' own reports in held-out phrases, both read by the labeller.
   * lesion-cells: of drawn photographs of the retina, AUC of the lesions' logits over cells inside and outside lesions.
   */
  metric: z.enum([
    'lesion-f1',
    'sensitivity-minus-false-rate',
    'same-finding-first',
    'agreement',
    'clinical-f1',
    'lesion-cells',
  ]),
  /** Lines of the phantom generator: 'ct 96x96x96 ...', 'xray ...', 'fundus ...'; each is drawn in turn with its own seed. */
  phantoms: z.array(z.string()).min(1),
  count: Count.max(64),
  seed: z.string(),
  /** Must be reached. Chance, a constant answer and the zero-weight twin must stay below. */
  required: z.number(),
});

export const Manifest = z
  .object({
    format: z.literal(MANIFEST_FORMAT),
    /** The folder's name. */
    name: Key,
    version: z.string().regex(/^\d+\.\d+\.\d+$/),
    title: z.string().max(120),
    /** DICOM modalities: 'CT'; 'DX', 'CR'. Empty for text packages. */
    modalities: z.array(z.string().max(16)),
    /** Which views of these: an X-ray network for frontal chest images must not be shown a lateral one. */
    views: z.array(z.enum(['frontal-chest', 'axial-volume', 'any'])),
    /** SPDX. */
    licence: z.string().max(120),
    intendedUse: z.string().max(2000),
    clinicalUse: z.literal(false),
    trainedOn: z.array(z.string().max(400)).min(1),
    figures: z.array(ModelFigure),
    labels: z.array(ManifestLabel).max(255),
    /** Every file of the package but manifest.json itself, card.md among them. */
    files: z.array(PackageFile).min(1).max(200),
    pipeline: Pipeline,
    golden: Golden,
    acceptance: Acceptance,
  })
  .superRefine((manifest, context) => {
    const complain = (message: string): void => context.addIssue({ code: 'custom', message });
    const listed = new Set(manifest.files.map((file) => file.path));
    const twice = (values: readonly (string | number)[]): boolean => new Set(values).size !== values.length;
    const { pipeline, labels, golden } = manifest;
    if (twice(manifest.files.map((file) => file.path))) complain('a file is listed twice');
    if (twice(labels.map((label) => label.key))) complain('two labels have the same key');
    if (twice(labels.map((label) => label.value))) complain('two labels have the same value');
    const needed = [
      'card.md',
      pipeline.network.file,
      ...('tokenizer' in pipeline ? [pipeline.tokenizer.vocabulary] : []),
      ...('writer' in pipeline ? [pipeline.writer.file] : []),
      ...Object.values(golden.writer?.inputs ?? {}).map((tensor) => tensor.path),
      ...Object.values(golden.inputs).map((tensor) => tensor.path),
      ...(golden.steps ? [golden.steps.image.path] : []),
    ];
    for (const path of needed) if (!listed.has(path)) complain(`${path} is used but not listed in files`);
    const imaging =
      pipeline.task === 'detection' ||
      pipeline.task === 'segmentation' ||
      pipeline.task === 'classification' ||
      pipeline.task === 'grading';
    if (imaging && labels.length === 0) complain('an imaging package needs labels');
    if ((imaging || pipeline.task === 'report-drafting') && manifest.modalities.length === 0)
      complain('an imaging package needs modalities');
    if (pipeline.task === 'grading') {
      if (!labels.some((label) => label.key === pipeline.grades.label))
        complain(`the grades name ${pipeline.grades.label}, which no label has`);
      if (pipeline.grades.referableFrom >= pipeline.grades.names.length) complain('no grade is referable');
    }
    if (pipeline.task === 'detection') {
      const keys = new Set(labels.map((label) => label.key));
      for (const rule of pipeline.rules)
        for (const key of [rule.label, rule.heart, ...rule.lungs])
          if (!keys.has(key)) complain(`the rule names ${key}, which no label has`);
      for (const key of [...(pipeline.gate?.unansweredOnFilms ?? []), ...(pipeline.gate?.notDeniedOnFilms ?? [])])
        if (!keys.has(key)) complain(`the gate names ${key}, which no label has`);
    }
  });
export type Manifest = z.infer<typeof Manifest>;
/** A figure of its card, measured and never typed. */
export type Figure = Manifest['figures'][number];
