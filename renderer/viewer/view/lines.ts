/** Where the other planes cut a view, as lines on its canvas with places to turn them by. */
import { toCanvas } from './camera.ts';
import type { PlaneName } from './cut.ts';
import { cutLine } from './link.ts';
import type { SliceView } from './slice-view.svelte.ts';

type Point = readonly [number, number];

export interface PlaneLine {
  readonly id: PlaneName;
  /** Unit, canvas. */
  readonly along: Point;
  /** Two ends before and two after the gap about the crosshair. */
  readonly path: string;
  readonly handles: readonly Point[];
}

export interface Cross {
  readonly center: Point;
  readonly lines: readonly PlaneLine[];
}

const GAP = 14;
/** Of the smaller side of the view: how far out the handles lie. */
const HANDLE = 0.36;

export const crossOf = (view: SliceView): Cross | null => {
  const { viewer, placement, plane, image, width, height } = view;
  if (placement === null || plane === null || image === null || viewer.volume === null) return null;
  const [i, j, k] = viewer.point;
  const center = toCanvas(placement, ...view.imageOf([i + 0.5, j + 0.5, k + 0.5]));
  const lines = viewer.planes.flatMap((other): PlaneLine[] => {
    if (other === view || other.plane === null || other.id === 'stack') return [];
    const cut = cutLine({ ...plane, columns: image.columns, rows: image.rows }, other.plane);
    if (cut === null) return [];
    const [a, b] = [toCanvas(placement, ...cut[0]), toCanvas(placement, ...cut[1])];
    const length = Math.hypot(b[0] - a[0], b[1] - a[1]);
    if (length < 1e-6) return [];
    const along: Point = [(b[0] - a[0]) / length, (b[1] - a[1]) / length];
    // The foot of the crosshair on the line: the same, but for slices that are thicker than the place between them.
    const off = (center[0] - a[0]) * along[0] + (center[1] - a[1]) * along[1];
    const foot: Point = [a[0] + off * along[0], a[1] + off * along[1]];
    const at = (far: number): Point => [foot[0] + far * along[0], foot[1] + far * along[1]];
    const far = width + height + Math.hypot(foot[0], foot[1]);
    const [p, q, r, s] = [at(-far), at(-GAP), at(GAP), at(far)];
    const reach = HANDLE * Math.min(width, height);
    const handles = [at(-reach), at(reach)].filter(([x, y]) => x > 6 && y > 6 && x < width - 20 && y < height - 6);
    return [{ id: other.id, along, path: `M${p}L${q}M${r}L${s}`, handles }];
  });
  return { center, lines };
};

/** Degrees that the patient's planes turn about the view's normal (into the screen) where the hand goes from one canvas point to another. */
export const degreesOfHand = (view: SliceView, center: Point, from: Point, to: Point): number => {
  const angle = ([x, y]: Point): number => Math.atan2(y - center[1], x - center[0]);
  const turned = ((angle(to) - angle(from)) * 180) / Math.PI;
  const least = turned - 360 * Math.round(turned / 360);
  return view.presentation.flipped ? -least : least;
};
