import type { Shape } from './shapes.ts';

/** Where a box's word stands: above its box, else below it or within it, where no other word is already. Canvas pixels. */
export interface Tag {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const HEIGHT = 15;

type Placed = Pick<Shape, 'key' | 'label' | 'x' | 'y' | 'height' | 'marked'>;

/** By the shape's key; those without a word have none. The marked one has the first choice. */
export const tagsOf = (shapes: readonly Placed[], scale: number): ReadonlyMap<string, Tag> => {
  const tags = new Map<string, Tag>();
  const high = HEIGHT * scale;
  const isFree = ({ x, y, width }: Tag): boolean =>
    [...tags.values()].every(
      (other) => x >= other.x + other.width || other.x >= x + width || y >= other.y + high || other.y >= y + high,
    );
  for (const { key, label, x, y, height } of shapes.toSorted((a, b) => Number(b.marked) - Number(a.marked))) {
    if (label === '') continue;
    const width = (label.length * 6.4 + 10) * scale;
    const above = y > 20 * scale ? [y - 17 * scale] : [];
    const places = [...above, y + height + 2, y + 2].map((top) => ({ x, y: top, width }));
    const place = places.find(isFree) ?? places[0];
    if (place) tags.set(key, place);
  }
  return tags;
};
