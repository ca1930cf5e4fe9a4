import { z } from 'zod';
import type { Finding } from '../../../preload/contract/terms/index.ts';
import {
  type AnswerContext,
  AnswerError,
  AnswerFile,
  boxRegion,
  checkBox,
  checkHeatMap,
  type Drawn,
  FrameFinding,
  findingHead,
  HeatMapFile,
  heatMapOverlay,
  labelByKey,
  overlayHead,
} from '../answer.ts';

export { detect, isFrontal, sideOnRight } from './detect.ts';

/** What the inference process says of the frames of a projection series. */
export const DetectionAnswer = z.object({
  kind: z.literal('detection'),
  findings: z.array(FrameFinding).max(500),
  heatMaps: z
    .array(HeatMapFile.extend({ key: z.string().max(64), frameIndex: z.number().int().nonnegative() }))
    .max(64),
  /** Organs of the only frame on its own grid, where the series has one frame. */
  organs: AnswerFile.nullable(),
  remarks: z.array(z.string().max(200)).max(20),
  /** Labels by key that nothing can be said of: not to be taken for absent. */
  unanswered: z.array(z.string().max(64)).max(255),
});
export type DetectionAnswer = z.infer<typeof DetectionAnswer>;

/** Throws AnswerError where the answer, its files, the series and the manifest do not agree. `bytes` by file name. */
export const checkDetection = (
  answer: DetectionAnswer,
  bytes: ReadonlyMap<string, Uint8Array>,
  context: AnswerContext,
): void => {
  const { frames } = context.images;
  for (const finding of answer.findings) {
    if (labelByKey(context.manifest, finding.key).kind !== 'finding') throw new AnswerError('an organ is no finding');
    const frame = frames[finding.frameIndex];
    if (!frame) throw new AnswerError('a finding lies on no frame');
    for (const box of finding.boxes) checkBox(box, frame);
  }
  for (const map of answer.heatMaps) {
    labelByKey(context.manifest, map.key);
    if (!frames[map.frameIndex]) throw new AnswerError('a heat map lies on no frame');
    checkHeatMap(map, bytes);
  }
  if (answer.organs) {
    const [frame, ...others] = frames;
    const own = bytes.get(answer.organs.name);
    if (!frame || others.length > 0 || own?.length !== frame.columns * frame.rows)
      throw new AnswerError('the organs have another size');
    const known = new Set(context.manifest.labels.map((label) => label.value));
    for (const value of own)
      if (value !== 0 && !known.has(value)) throw new AnswerError(`${value} is no label of the manifest`);
  }
};

export const detectionOverlays = (
  answer: DetectionAnswer,
  bytes: ReadonlyMap<string, Uint8Array>,
  context: AnswerContext,
): Drawn[] => {
  const { manifest, images } = context;
  const out: Drawn[] = [];
  if (answer.findings.length > 0)
    out.push({
      overlay: {
        kind: 'boxes',
        ...overlayHead(context, 'boxes', manifest.title),
        boxes: answer.findings.flatMap((finding, n) => {
          const label = labelByKey(manifest, finding.key);
          return finding.boxes.map((box, b) => ({
            id: context.idOf(`box ${n} ${b}`),
            frameIndex: finding.frameIndex,
            box,
            label: label.name,
            score: finding.score,
            color: label.color,
          }));
        }),
      },
      bytes: null,
    });
  // As the findings are listed: the surest first.
  const surest = ({ key, frameIndex }: DetectionAnswer['heatMaps'][number]): number =>
    Math.max(
      0,
      ...answer.findings.filter((f) => f.key === key && f.frameIndex === frameIndex).map((f) => f.score ?? 0),
    );
  const maps = [...answer.heatMaps.entries()].sort(([, a], [, b]) => surest(b) - surest(a));
  for (const [n, map] of maps) {
    const label = labelByKey(manifest, map.key);
    const head = overlayHead(context, `heat ${n}`, `${label.name}: heat map`);
    out.push(heatMapOverlay(head, map, map.frameIndex, label, bytes));
  }
  const frame = images.frames[0];
  const organs = answer.organs && bytes.get(answer.organs.name);
  if (organs && frame) {
    const counts = new Float64Array(256);
    for (const value of organs) counts[value] = (counts[value] ?? 0) + 1;
    out.push({
      overlay: {
        kind: 'labelmap',
        ...overlayHead(context, 'organs', `${manifest.title}: organs`),
        dims: [frame.columns, frame.rows, 1],
        labels: manifest.labels
          .filter((label) => label.kind === 'organ')
          .map(({ value, name, code, color }) => ({
            value,
            name,
            code,
            color,
            voxels: counts[value] ?? 0,
            volumeMl: null,
            bounds: boundsOf(organs, frame.columns, value),
          })),
      },
      bytes: organs,
    });
  }
  return out;
};

const boundsOf = (
  labels: Uint8Array,
  columns: number,
  value: number,
): [number, number, number, number, number, number] | null => {
  let [x0, y0, x1, y1] = [Infinity, Infinity, 0, 0];
  for (let n = labels.indexOf(value); n >= 0; n = labels.indexOf(value, n + 1)) {
    const x = n % columns;
    const y = Math.floor(n / columns);
    x0 = Math.min(x0, x);
    y0 = Math.min(y0, y);
    x1 = Math.max(x1, x + 1);
    y1 = Math.max(y1, y + 1);
  }
  return x1 === 0 ? null : [x0, y0, 0, x1, y1, 1];
};

export const detectionFindings = (answer: DetectionAnswer, context: AnswerContext): Finding[] =>
  answer.findings.map(({ boxes, frameIndex, ...said }, n) => ({
    ...said,
    ...findingHead(context, `finding ${n}`, said.key),
    regions: boxes.map((box) => boxRegion(context, frameIndex, box)),
  }));
