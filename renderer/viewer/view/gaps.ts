/** Where the images of a stack lie unevenly: said at the image, as nothing on the screen shows how far the next one is. */
import type { SeriesImages } from '../../../preload/contract/index.ts';

/** Of the least gap: what is within it is even. */
const EVEN = 0.05;

/** mm between each image and the next, along their common normal; null where they have none or the gaps are even. */
export const unevenGapsMm = ({ frames, volume }: Pick<SeriesImages, 'frames' | 'volume'>): readonly number[] | null => {
  const [first] = frames;
  if (volume.kind === 'volume' || frames.length < 3 || !first?.rowDirection || !first.columnDirection) return null;
  const [a, b] = [first.rowDirection, first.columnDirection];
  const normal = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]] as const;
  const along: number[] = [];
  for (const { positionMm, rowDirection, columnDirection } of frames) {
    const parallel = [rowDirection, columnDirection].every((direction, n) => {
      const [x, y, z] = n === 0 ? a : b;
      return direction && Math.abs(direction[0] * x + direction[1] * y + direction[2] * z) > 0.9999;
    });
    if (!positionMm || !parallel) return null;
    along.push(positionMm[0] * normal[0] + positionMm[1] * normal[1] + positionMm[2] * normal[2]);
  }
  const gaps = along.slice(1).map((at, n) => Math.abs(at - (along[n] ?? 0)));
  const [least, most] = [Math.min(...gaps), Math.max(...gaps)];
  // At the same place images differ in what they show, not in where they are.
  if (least < 0.01 || most <= least * (1 + EVEN)) return null;
  return gaps;
};
