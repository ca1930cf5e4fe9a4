import { z } from 'zod';
import { type Finding, type Overlay, PixelBox } from '../../../preload/contract/terms/index.ts';
import type { Manifest, PipelineOf } from '../../kit/manifest.ts';
import { type AnswerContext, AnswerError, AnswerFile, labelByKey, roundTo } from '../answer.ts';

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
        map: z.object({
          columns: z.number().int().positive().max(4096),
          rows: z.number().int().positive().max(4096),
          file: AnswerFile,
        }),
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
      for (const [x0, y0, x1, y1] of lesion.boxes)
        if (!frame || !(x0 >= 0 && y0 >= 0 && x1 > x0 && y1 > y0 && x1 <= frame.columns && y1 <= frame.rows))
          throw new AnswerError('a box lies outside its frame');
    }
    if (bytes.get(one.map.file.name)?.length !== one.map.columns * one.map.rows)
      throw new AnswerError('a heat map has another size');
  }
};

/** Lesions that are findings: the disc is outlined, and no finding. */
const lesionsOf = (one: One, context: AnswerContext) =>
  one.lesions.flatMap((lesion) => {
    const label = labelByKey(context.manifest, lesion.key);
    return label.kind === 'finding' ? [{ lesion, label }] : [];
  });

/** Overlays, each with the bytes it is fetched as; null for boxes. */
export const gradingOverlays = (
  answer: GradingAnswer,
  bytes: ReadonlyMap<string, Uint8Array>,
  context: AnswerContext,
): { overlay: Overlay; bytes: Uint8Array | null }[] => {
  const { manifest, images } = context;
  const graded = labelByKey(manifest, pipelineOf(manifest).grades.label);
  const common = (name: string, title: string) => ({
    id: context.idOf(name),
    seriesId: images.seriesId,
    maker: context.maker,
    createdAt: context.createdAt,
    title,
  });
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
  const out: { overlay: Overlay; bytes: Uint8Array | null }[] = [];
  if (boxes.length > 0)
    out.push({ overlay: { kind: 'boxes', ...common('boxes', `${manifest.title}: lesions`), boxes }, bytes: null });
  for (const one of answer.graded) {
    if (one.grade === 0) continue;
    out.push({
      overlay: {
        kind: 'heatmap',
        ...common(`map ${one.frameIndex}`, 'What spoke for the grade'),
        frameIndex: one.frameIndex,
        columns: one.map.columns,
        rows: one.map.rows,
        label: graded.name,
        color: graded.color,
      },
      bytes: bytes.get(one.map.file.name) ?? null,
    });
  }
  return out;
};

const MOST_REGIONS = 64;

/** The grade, from 1 on, with the lesions that speak for it; and each kind of lesion. Grade 0 is a remark: nothing was found. */
export const gradingFindings = (answer: GradingAnswer, context: AnswerContext): Finding[] => {
  const { grades } = pipelineOf(context.manifest);
  const { images } = context;
  return answer.graded.flatMap((one) => {
    const region = (box: readonly [number, number, number, number]): Finding['regions'][number] => ({
      kind: 'box',
      seriesId: images.seriesId,
      instanceUid: images.frames[one.frameIndex]?.instanceUid ?? '',
      frameIndex: one.frameIndex,
      box: [...box],
    });
    const finding = (name: string, key: string): Omit<Finding, 'severity' | 'measurements' | 'score' | 'regions'> => {
      const label = labelByKey(context.manifest, key);
      return {
        id: context.idOf(`${name} ${one.frameIndex}`),
        studyId: context.studyId,
        seriesId: images.seriesId,
        key,
        name: label.name,
        code: label.code,
        side: null,
        place: '',
        maker: context.maker,
      };
    };
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
  const which = (frameIndex: number): string =>
    context.images.frames.length === 1 ? 'The photograph' : `Photograph ${frameIndex + 1}`;
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
