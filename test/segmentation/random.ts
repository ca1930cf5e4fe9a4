/** Random segmentations on a phantom's series, as they are written to files. */
import {
  type SegmentationSource,
  type SegmentationType,
  segmentationFile,
  uidOf,
} from '../../main/dicom/write/index.ts';
import { seeded } from '../../models/kit/random.ts';
import type { SeriesImages } from '../../preload/contract/index.ts';

const CODES = [
  null,
  { value: '10200004', scheme: 'SCT', meaning: 'Liver' },
  { value: '4147007', scheme: 'SCT', meaning: 'Mass' },
  { value: '39607008', scheme: 'SCT', meaning: 'Lung' },
];

export interface RandomSegmentation {
  readonly type: SegmentationType;
  readonly name: string;
  /** By segment number: rows * columns * frames, 1 where it is. */
  readonly masks: ReadonlyMap<number, Uint8Array>;
  readonly names: ReadonlyMap<number, string>;
  readonly colors: ReadonlyMap<number, readonly [number, number, number]>;
  readonly everyFrame: boolean;
  readonly bytes: Uint8Array;
}

export const sourceOf = (
  images: SeriesImages,
  study: SegmentationSource['study'],
  seriesUid: string,
  sopClassUid: string,
): SegmentationSource => {
  const [first] = images.frames;
  if (!first) throw new Error('a series without images');
  return {
    study,
    series: { uid: seriesUid, bodyPart: 'CHEST' },
    frameOfReferenceUid: images.frameOfReferenceUid,
    rows: first.rows,
    columns: first.columns,
    sliceMm: images.volume.kind === 'volume' ? Math.abs(images.volume.affineVoxelToPatient[10]) : null,
    frames: images.frames.map((frame) => ({
      sopClassUid,
      sopInstanceUid: frame.instanceUid,
      frameNumber: null,
      positionMm: frame.positionMm,
      rowDirection: frame.rowDirection,
      columnDirection: frame.columnDirection,
      spacingMm: frame.calibration.kind === 'known' ? frame.calibration.spacingMm : null,
    })),
  };
};

/** Boxes, balls of noise, single voxels and nothing; overlapping where the type can hold it; frames without a voxel. */
export const randomSegmentation = async (source: SegmentationSource, n: number): Promise<RandomSegmentation> => {
  const random = seeded(`segmentation ${n}`);
  const type = (['BINARY', 'FRACTIONAL', 'LABELMAP'] as const)[n % 3] ?? 'BINARY';
  const { rows, columns } = source;
  const size = rows * columns;
  const count = source.frames.length;
  const overlapping = type !== 'LABELMAP' && random.next() < 0.6;
  const segments = random.integer(1, 6);
  const taken = new Uint8Array(size * count);
  const masks = new Map<number, Uint8Array>();
  for (let number = 1; number <= segments; number++) {
    const mask = new Uint8Array(size * count);
    const [i0, j0, k0] = [0, 0, 0].map((_, axis) => random.integer(0, ([columns, rows, count][axis] ?? 2) >> 1)) as [
      number,
      number,
      number,
    ];
    const [i1, j1, k1] = [random.integer(i0, columns - 1), random.integer(j0, rows - 1), random.integer(k0, count - 1)];
    const full = random.pick([1, 1, 0.5, 0.02, 0]);
    for (let k = k0; k <= k1; k++)
      for (let j = j0; j <= j1; j++)
        for (let i = i0; i <= i1; i++) {
          const at = i + columns * j + size * k;
          if (random.next() >= full || (!overlapping && taken[at] === 1)) continue;
          mask[at] = 1;
          taken[at] = 1;
        }
    masks.set(number, mask);
  }
  const names = new Map([...masks.keys()].map((number) => [number, `Région ${number} ${random.integer(0, 99)}`]));
  const colors = new Map(
    [...masks.keys()].map((number) => {
      const part = (): number => random.integer(0, 255);
      return [number, [part(), part(), part()] as const];
    }),
  );
  const sliceOf = (mask: Uint8Array, k: number): Uint8Array => mask.subarray(k * size, (k + 1) * size);
  /** Half and more is marked; less is not, but may be more than nothing. */
  const faint = random.next() < 0.5;
  // The same each time it is asked for.
  const noise = Uint8Array.from({ length: 997 }, () => random.integer(0, 127));
  const fractionOf = (marked: boolean, at: number): number =>
    marked ? 128 + (noise[at % 997] ?? 0) : faint ? (noise[at % 997] ?? 0) : 0;
  const plane = (number: number, k: number): Uint8Array => {
    if (type === 'LABELMAP') {
      const labels = new Uint8Array(size);
      for (const [value, mask] of masks)
        for (const [at, is] of sliceOf(mask, k).entries()) if (is === 1) labels[at] = value;
      return labels;
    }
    const slice = sliceOf(masks.get(number) ?? new Uint8Array(size * count), k);
    return type === 'FRACTIONAL' ? slice.map((is, at) => fractionOf(is === 1, at + k)) : slice;
  };
  const everyFrame = random.next() < 0.4;
  const { bytes } = await segmentationFile({
    type,
    source,
    segments: [...masks.keys()].map((number) => ({
      number,
      label: names.get(number) ?? '',
      category: null,
      type: random.pick(CODES),
      color: colors.get(number) ?? [0, 0, 0],
      algorithm: random.pick(['MANUAL', 'SEMIAUTOMATIC', 'AUTOMATIC'] as const),
      algorithmName: 'Test',
      tracking: { id: `track ${number}`, uid: uidOf(`track ${n} ${number}`) },
    })),
    plane,
    everyFrame,
    overlap: overlapping ? 'YES' : 'NO',
    about: {
      key: `random ${n}`,
      seriesNumber: 100 + n,
      description: `random ${n}`,
      creator: 'Reader^Ada',
      at: new Date('2026-06-02T10:11:12Z'),
      version: '0.1.0',
    },
  });
  return { type, name: `random ${n}`, masks, names, colors, everyFrame, bytes };
};
