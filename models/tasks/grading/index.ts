import { z } from 'zod';
import { type Finding, PixelBox } from '../../../preload/contract/terms/index.ts';
import type { Manifest, PipelineOf } from '../../kit/manifest.ts';
import {
  type AnswerContext,
  AnswerError,
  boxRegion,
  checkBox,
  checkHeatMap,
  type Drawn,
  findingHead,
  HeatMapFile,
  heatMapOverlay,
  labelByKey,
  overlayHead,
  roundTo,
} from '../answer.ts';

export { type Graded, gradeOf, gradePhotograph, type Lesions, refusal } from './grade.ts';

/** What the inference process says of the photographs of a series. */
export const GradingAnswer = z.object({
  kind: z.literal('grading'),
  graded: z
    .array(
      z.object({
        frameIndex: z.number().int().nonnegative(),
        grade: z.number().int().nonnegative().max(9),
        probabilities: z.array(z.number().min(0).max(1)).min(2).max(10),
        referable: z.number().min(0).max(1),
        lesions: z
          .array(
            z.object({
              key: z.string().max(64),
              boxes: z.array(PixelBox).max(64),
              count: z.number().int().nonnegative(),
              share: z.number().min(0).max(1),
              score: z.number().min(0).max(1),
            }),
          )
          .max(16),
        map: HeatMapFile,
      }),
    )
    .max(64),
  /** Photographs that were not graded, and why. */
  refused: z.array(z.object({ frameIndex: z.number().int().nonnegative(), why: z.string().max(200) })).max(64),
});
export type GradingAnswer = z.infer<typeof GradingAnswer>;
type One = GradingAnswer['graded'][number];

const pipelineOf = ({ pipeline }: Manifest): PipelineOf<'grading'> => {
  if (pipeline.task !== 'grading') throw new AnswerError('this package grades nothing');
  return pipeline;
};

/** Throws AnswerError where the answer, its files, the series and the manifest do not agree. `bytes` by file name. */
export const checkGrading = (
  answer: GradingAnswer,
  bytes: ReadonlyMap<string, Uint8Array>,
  context: AnswerContext,
): void => {
  const { frames } = context.images;
  const { names } = pipelineOf(context.manifest).grades;
  for (const { frameIndex } of [...answer.graded, ...answer.refused])
    if (!frames[frameIndex]) throw new AnswerError('a photograph is not of the series');
  for (const one of answer.graded) {
    if (one.grade >= names.length || one.probabilities.length !== names.length)
      throw new AnswerError('the grade is not one of the manifest');
    const frame = frames[one.frameIndex];
    for (const lesion of one.lesions) {
      labelByKey(context.manifest, lesion.key);
      for (const box of lesion.boxes) checkBox(box, frame);
    }
    checkHeatMap(one.map, bytes);
  }
};

/** Which eye a photograph shows, as its file says; null where it does not. */
const eyeOf = ({ images }: AnswerContext, frameIndex: number): 'left' | 'right' | null => {
  const laterality = images.frames[frameIndex]?.laterality;
  return laterality === 'R' ? 'right' : laterality === 'L' ? 'left' : null;
};

/** Lesions that are findings: the disc is outlined, and no finding. */
const lesionsOf = (one: One, context: AnswerContext) =>
  one.lesions.flatMap((lesion) => {
    const label = labelByKey(context.manifest, lesion.key);
    return label.kind === 'finding' ? [{ lesion, label }] : [];
  });

export const gradingOverlays = (
  answer: GradingAnswer,
  bytes: ReadonlyMap<string, Uint8Array>,
  context: AnswerContext,
): Drawn[] => {
  const { manifest } = context;
  const graded = labelByKey(manifest, pipelineOf(manifest).grades.label);
  const boxes = answer.graded.flatMap((one) =>
    lesionsOf(one, context).flatMap(({ lesion, label }) =>
      lesion.boxes.map((box, n) => ({
        id: context.idOf(`box ${one.frameIndex} ${lesion.key} ${n}`),
        frameIndex: one.frameIndex,
        box,
        // dozens of words would cover what they name; the colour tells the kind, the finding its name
        label: n === 0 ? label.name : '',
        score: n === 0 ? lesion.score : null,
        color: label.color,
      })),
    ),
  );
  const out: Drawn[] = [];
  if (boxes.length > 0) {
    const head = overlayHead(context, 'boxes', `${manifest.title}: lesions`);
    out.push({ overlay: { kind: 'boxes', ...head, boxes }, bytes: null });
  }
  for (const { grade, frameIndex, map } of answer.graded) {
    const head = overlayHead(context, `map ${frameIndex}`, 'Heat map of the grade');
    if (grade > 0) out.push(heatMapOverlay(head, map, frameIndex, graded, bytes));
  }
  return out;
};

const MOST_REGIONS = 64;

/** The grade, from 1 on, with the lesions that speak for it; and each kind of lesion. Grade 0 is a remark: nothing was found. */
export const gradingFindings = (answer: GradingAnswer, context: AnswerContext): Finding[] => {
  const { grades } = pipelineOf(context.manifest);
  return answer.graded.flatMap((one) => {
    const region = (box: PixelBox): Finding['regions'][number] => boxRegion(context, one.frameIndex, box);
    const side = eyeOf(context, one.frameIndex);
    const finding = (name: string, key: string) => ({
      ...findingHead(context, `${name} ${one.frameIndex}`, key),
      side,
      place: side === null ? '' : `${side} eye`,
    });
    const lesions = lesionsOf(one, context);
    const of = lesions.map(
      ({ lesion, label }): Finding => ({
        ...finding(`lesion ${lesion.key}`, label.key),
        severity: '',
        measurements: [
          { name: 'count', value: lesion.count, unit: '1' },
          { name: 'share of the field', value: roundTo(lesion.share * 100, 2), unit: '%' },
        ],
        score: lesion.score,
        regions: lesion.boxes.map(region),
      }),
    );
    if (one.grade === 0) return of;
    return [
      {
        ...finding('grade', grades.label),
        severity: grades.names[one.grade] ?? '',
        measurements: [
          { name: 'grade', value: one.grade, unit: '1' },
          { name: 'referable, probability', value: roundTo(one.referable, 2), unit: '1' },
        ],
        score: one.probabilities[one.grade] ?? 0,
        regions: lesions
          .flatMap(({ lesion }) => lesion.boxes)
          .slice(0, MOST_REGIONS)
          .map(region),
      },
      ...of,
    ];
  });
};

const percent = (p: number): string => `${Math.round(100 * p)} %`;

/** What of the photographs is no finding: grade 0, and those that were not graded. */
export const gradingRemarks = (answer: GradingAnswer, context: AnswerContext): string[] => {
  const { title } = context.manifest;
  const { names } = pipelineOf(context.manifest).grades;
  const which = (frameIndex: number): string => {
    const photograph = context.images.frames.length === 1 ? 'The photograph' : `Photograph ${frameIndex + 1}`;
    const eye = eyeOf(context, frameIndex);
    return eye === null ? photograph : `${photograph} (${eye} eye)`;
  };
  return [
    ...answer.refused.map(
      ({ frameIndex, why }) => `${title}: ${which(frameIndex).toLowerCase()} was not graded: ${why}.`,
    ),
    ...answer.graded.flatMap((one) =>
      one.grade === 0
        ? [
            `${title}: ${which(one.frameIndex).toLowerCase()} was told grade 0, ${names[0] ?? ''} (${percent(one.probabilities[0] ?? 0)}; referable ${percent(one.referable)}).`,
          ]
        : [],
    ),
  ];
};
