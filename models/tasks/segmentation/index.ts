import { z } from 'zod';
import { type Finding, type Overlay, VoxelBox } from '../../../preload/contract/terms/index.ts';
import {
  type AnswerContext,
  AnswerError,
  AnswerFile,
  findingHead,
  labelByKey,
  overlayHead,
  VolumeFinding,
} from '../answer.ts';

export { type Segmented, segment, type VolumeSource } from './segment.ts';

/** What the inference process says of a volume; the labels lie in the file. */
export const SegmentationAnswer = z.object({
  kind: z.literal('segmentation'),
  /** [columns, rows, slices] of the series. */
  dims: z.tuple([z.number().int().positive(), z.number().int().positive(), z.number().int().positive()]),
  labels: AnswerFile,
  counted: z
    .array(z.object({ value: z.number().int().min(1).max(255), voxels: z.number(), bounds: VoxelBox }))
    .max(255),
  findings: z.array(VolumeFinding).max(500),
  remarks: z.array(z.string().max(200)).max(20),
});
export type SegmentationAnswer = z.infer<typeof SegmentationAnswer>;

const inside = (bounds: VoxelBox, dims: readonly [number, number, number]): boolean =>
  ([0, 1, 2] as const).every(
    (n) =>
      Number.isInteger(bounds[n]) &&
      bounds[n] >= 0 &&
      bounds[n] < (bounds[(n + 3) as 3] ?? 0) &&
      (bounds[(n + 3) as 3] ?? 0) <= dims[n],
  );

/** Throws AnswerError where the answer, the file's bytes, the series and the manifest do not agree. */
export const checkSegmentation = (answer: SegmentationAnswer, bytes: Uint8Array, context: AnswerContext): void => {
  const { volume, frames } = context.images;
  if (volume.kind !== 'volume') throw new AnswerError('the series is no volume');
  const dims = volume.dims;
  if (dims.some((count, n) => answer.dims[n as 0] !== count)) throw new AnswerError('the labels have another shape');
  if (bytes.length !== dims[0] * dims[1] * dims[2]) throw new AnswerError('the labels have another size');
  const known = new Set(context.manifest.labels.map((label) => label.value));
  const counts = new Float64Array(256);
  for (const value of bytes) counts[value] = (counts[value] ?? 0) + 1;
  for (let value = 1; value < 256; value++)
    if ((counts[value] ?? 0) > 0 && !known.has(value)) throw new AnswerError(`${value} is no label of the manifest`);
  for (const { value, voxels, bounds } of answer.counted) {
    if (voxels !== counts[value]) throw new AnswerError(`label ${value} has another number of voxels`);
    if (!inside(bounds, dims)) throw new AnswerError(`label ${value} lies outside the series`);
  }
  for (const finding of answer.findings) {
    if (labelByKey(context.manifest, finding.key).kind !== 'finding') throw new AnswerError('an organ is no finding');
    for (const part of finding.parts)
      if (!inside(part.bounds, dims) || part.frameIndex >= frames.length)
        throw new AnswerError('a finding lies outside the series');
  }
};

/** One labelmap for the whole package. */
const OVERLAY = 'labelmap';

export const segmentationOverlays = (answer: SegmentationAnswer, context: AnswerContext): Overlay[] => {
  const { volume } = context.images;
  const a = volume.kind === 'volume' ? volume.affineVoxelToPatient : null;
  // volume of one voxel: the determinant also holds for grids that are not at right angles
  const voxelMl = a
    ? Math.abs(
        a[0] * (a[5] * a[10] - a[6] * a[9]) - a[1] * (a[4] * a[10] - a[6] * a[8]) + a[2] * (a[4] * a[9] - a[5] * a[8]),
      ) / 1000
    : null;
  const counted = new Map(answer.counted.map((entry) => [entry.value, entry]));
  return [
    {
      kind: 'labelmap',
      ...overlayHead(context, OVERLAY, context.manifest.title),
      dims: answer.dims,
      labels: context.manifest.labels.map((label) => {
        const own = counted.get(label.value);
        const voxels = own?.voxels ?? 0;
        return {
          value: label.value,
          name: label.name,
          code: label.code,
          color: label.color,
          voxels,
          volumeMl: voxelMl === null ? null : Number((voxels * voxelMl).toFixed(2)),
          bounds: own?.bounds ?? null,
        };
      }),
    },
  ];
};

export const segmentationFindings = (answer: SegmentationAnswer, context: AnswerContext): Finding[] =>
  answer.findings.map(({ parts, ...said }, n) => ({
    ...said,
    ...findingHead(context, `finding ${n}`, said.key),
    regions: parts.map(({ bounds, frameIndex }) => ({
      kind: 'label' as const,
      seriesId: context.images.seriesId,
      overlayId: context.idOf(OVERLAY),
      value: labelByKey(context.manifest, said.key).value,
      bounds,
      frameIndex,
      instanceUid: context.images.frames[frameIndex]?.instanceUid ?? '',
    })),
  }));
