/** Whether what a sentence points at is what it speaks of, by pixels: half of one inside the other, in each direction. */

/** Half-open [x0, y0, x1, y1] in pixels of one image. */
export type Box = readonly [number, number, number, number];

/** Pixels of `inner` that some box of `outer` covers, as a share of those of `inner`; both are unions of their boxes. */
export const coveredShare = (inner: readonly Box[], outer: readonly Box[]): number => {
  const edges = (axis: 0 | 1): number[] =>
    [...new Set([...inner, ...outer].flatMap((box) => [box[axis], box[axis + 2] ?? 0]))].sort((a, b) => a - b);
  const [xs, ys] = [edges(0), edges(1)];
  const covers = (boxes: readonly Box[], x: number, y: number): boolean =>
    boxes.some(([x0, y0, x1, y1]) => x >= x0 && x < x1 && y >= y0 && y < y1);
  let [own, both] = [0, 0];
  for (const [i, x] of xs.entries())
    for (const [j, y] of ys.entries()) {
      const area = ((xs[i + 1] ?? x) - x) * ((ys[j + 1] ?? y) - y);
      if (area <= 0 || !covers(inner, x, y)) continue;
      own += area;
      if (covers(outer, x, y)) both += area;
    }
  return own === 0 ? 0 : both / own;
};

/** A sentence with its finding and where it points; no boxes: it is not grounded. */
export interface Grounded {
  readonly key: string;
  readonly boxes: readonly Box[];
}

export interface Grounding {
  /** Told sentences with boxes; of these, those with half of their pixels inside a true sentence's boxes of that finding. */
  readonly told: number;
  readonly toldRight: number;
  /** True sentences with boxes; of these, those with half of their pixels inside a told sentence's boxes of that finding. */
  readonly truth: number;
  readonly truthFound: number;
}

/**
 * Of one report. Directional, after MAIRA-2 (Bannur et al. 2024): precision asks for each told sentence whether half of
 * its own pixels lie in a true one's, recall for each true sentence whether half of its pixels lie in a told one's. A box
 * over the whole image therefore finds everything and is right about nothing small.
 */
export const groundingOf = (told: readonly Grounded[], truth: readonly Grounded[]): Grounding => {
  const grounded = (all: readonly Grounded[]): Grounded[] => all.filter(({ boxes }) => boxes.length > 0);
  const [own, wanted] = [grounded(told), grounded(truth)];
  const inside = (one: Grounded, others: readonly Grounded[]): boolean =>
    others.some((other) => other.key === one.key && coveredShare(one.boxes, other.boxes) >= 0.5);
  return {
    told: own.length,
    toldRight: own.filter((one) => inside(one, wanted)).length,
    truth: wanted.length,
    truthFound: wanted.filter((one) => inside(one, own)).length,
  };
};

/** Over several reports: sentences are counted together. Null where there is nothing to divide by. */
export const groundingFigures = (
  all: readonly Grounding[],
): { readonly precision: number | null; readonly recall: number | null } => {
  const sum = (of: (one: Grounding) => number): number => all.reduce((total, one) => total + of(one), 0);
  const share = (hits: number, count: number): number | null => (count === 0 ? null : hits / count);
  return {
    precision: share(
      sum((one) => one.toldRight),
      sum((one) => one.told),
    ),
    recall: share(
      sum((one) => one.truthFound),
      sum((one) => one.truth),
    ),
  };
};
