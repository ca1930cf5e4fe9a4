import { z } from 'zod';
import type { Finding } from '../../../preload/contract/terms/index.ts';
import type { ManifestLabel } from '../../kit/manifest.ts';
import { type AnswerContext, AnswerError, findingHead, labelByKey, probabilityOf } from '../answer.ts';

/** Probabilities for a whole frame; nothing is placed. */
export const ClassificationAnswer = z.object({
  kind: z.literal('classification'),
  findings: z
    .array(
      z.object({
        key: z.string().max(64),
        score: z.number().min(0).max(1),
        frameIndex: z.number().int().nonnegative(),
      }),
    )
    .max(500),
});
export type ClassificationAnswer = z.infer<typeof ClassificationAnswer>;

/** Labels whose calibrated probability reaches their threshold. scores: [1, C] logits. */
export const classify = (
  scores: Float32Array,
  labels: readonly ManifestLabel[],
  frameIndex: number,
): ClassificationAnswer['findings'] =>
  labels.flatMap((label) => {
    const logit = scores[label.channel];
    if (logit === undefined) throw new RangeError(`the network answered no score ${label.channel}`);
    const score = probabilityOf(label, logit);
    return label.kind === 'finding' && score >= (label.threshold ?? 0.5) ? [{ key: label.key, score, frameIndex }] : [];
  });

/** Throws AnswerError where the answer names what cannot be. */
export const checkClassification = (answer: ClassificationAnswer, context: AnswerContext): void => {
  for (const finding of answer.findings) {
    labelByKey(context.manifest, finding.key);
    if (!context.images.frames[finding.frameIndex]) throw new AnswerError('a finding lies on no frame');
  }
};

export const classificationFindings = (answer: ClassificationAnswer, context: AnswerContext): Finding[] =>
  answer.findings.map(({ key, score }, n) => ({
    ...findingHead(context, `finding ${n}`, key),
    side: null,
    place: '',
    severity: '',
    measurements: [],
    score,
    regions: [],
  }));
