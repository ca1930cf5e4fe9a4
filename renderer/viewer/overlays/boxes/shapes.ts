import type { PixelBox, Region } from '../../../../preload/contract/index.ts';
import type { Session, ShownRegion } from '../../../session/index.ts';
import { type Placement, toCanvas } from '../../view/camera.ts';
import type { SliceView } from '../../view/slice-view.svelte.ts';

/** A rectangle to draw on a view, canvas pixels. */
export interface Shape {
  readonly key: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Clockwise about its middle. */
  readonly degrees: number;
  readonly color: string;
  readonly label: string;
  readonly marked: boolean;
  readonly region: Region;
  readonly sentenceId: string | null;
  /** Bounds of a label are a frame around it, not the finding's own edge. */
  readonly dashed: boolean;
}

const sameRegion = (a: Region, b: Region): boolean =>
  a.kind === 'box' && b.kind === 'box'
    ? a.instanceUid === b.instanceUid && a.frameIndex === b.frameIndex && String(a.box) === String(b.box)
    : a.kind === 'label' && b.kind === 'label'
      ? a.overlayId === b.overlayId && a.value === b.value && String(a.bounds) === String(b.bounds)
      : false;

/** Where the region lies on the image of this view; null where it is not on the slice shown. */
const boxOn = (view: SliceView, region: Region): PixelBox | null => {
  const pixels = view.viewer.pixels;
  if (pixels === null || region.seriesId !== pixels.images.seriesId) return null;
  if (region.kind === 'box') {
    if (!view.isImage || view.frame?.instanceUid !== region.instanceUid) return null;
    // A file of one image is known by its UID, wherever it stands in the series by now.
    const frames = pixels.images.frames.filter((frame) => frame.instanceUid === region.instanceUid);
    if (frames.length > 1 && view.index !== region.frameIndex) return null;
    const [x0, y0, x1, y1] = region.box;
    const a = view.imageOf([x0, y0, 0]);
    const b = view.imageOf([x1, y1, 0]);
    return [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[0], b[0]), Math.max(a[1], b[1])];
  }
  const bounds = region.bounds;
  if (bounds === null) return null;
  return view.boxOf([
    [bounds[0], bounds[1], bounds[2]],
    [bounds[3], bounds[4], bounds[5]],
  ]);
};

const cssColor = (color: readonly [number, number, number]): string => `rgb(${color.join(' ')})`;

/** All rectangles of a view: regions of the report or findings, boxes of overlays, and the one that is marked. */
export const shapesOf = (session: Session, view: SliceView, placement: Placement): Shape[] => {
  const shapes: Shape[] = [];
  const { marks, marked } = session;
  const add = (shape: Omit<Shape, 'x' | 'y' | 'width' | 'height' | 'degrees' | 'dashed'>): void => {
    const box = boxOn(view, shape.region);
    if (box === null) return;
    const [cx, cy] = toCanvas(placement, (box[0] + box[2]) / 2, (box[1] + box[3]) / 2);
    const across = Math.hypot(placement.a, placement.b) * (box[2] - box[0]);
    const down = Math.hypot(placement.c, placement.d) * (box[3] - box[1]);
    const [width, height] = view.presentation.quarterTurns % 2 === 1 ? [down, across] : [across, down];
    // A label's frame stands a little off, so that its own edge can be seen.
    const off = shape.region.kind === 'label' ? 3 : 0;
    shapes.push({
      ...shape,
      x: cx - width / 2 - off,
      y: cy - height / 2 - off,
      width: width + 2 * off,
      height: height + 2 * off,
      degrees: view.presentation.degrees ?? 0,
      dashed: shape.region.kind === 'label',
    });
  };
  const isMarked = (region: Region): boolean => marked !== null && sameRegion(marked.region, region);
  if (marks.shown) {
    // A place that several sentences speak of is drawn once: for the one that is marked, else for the one with fewest
    // places. A grade has those of all its lesions.
    const drawn: Region[] = [];
    const named = new Set<string>();
    const mine = (shown: ShownRegion): boolean => marked !== null && marked.sentenceId === shown.sentenceId;
    const places = new Map<string | null, number>();
    for (const { sentenceId } of session.shownRegions) places.set(sentenceId, (places.get(sentenceId) ?? 0) + 1);
    const placesOf = ({ sentenceId }: ShownRegion): number => places.get(sentenceId) ?? 0;
    const byMark = [...session.shownRegions.entries()].toSorted(
      ([, a], [, b]) => Number(mine(b)) - Number(mine(a)) || placesOf(a) - placesOf(b),
    );
    for (const [index, shown] of byMark) {
      const { region } = shown;
      if (boxOn(view, region) === null || drawn.some((other) => sameRegion(other, region))) continue;
      if (region.kind === 'label' && !marks.isShown(region.overlayId, region.value)) continue;
      // A label's frame is drawn only where it is the marked one: the label itself is seen already.
      const spoken = shown.sentenceId !== null && mine(shown);
      const now = isMarked(region) || (region.kind === 'label' && spoken);
      if (region.kind === 'label' && !now) continue;
      drawn.push(region);
      // The word once for each sentence, on the place gone to where there is one: dozens would cover what they name.
      const saying = `${shown.sentenceId} ${shown.label}`;
      const first = !named.has(saying);
      named.add(saying);
      add({
        key: `region-${index}`,
        color: spoken ? 'var(--marked)' : (shown.color ?? 'var(--accent-2)'),
        label: isMarked(region) || (first && !(spoken && region.kind === 'box')) ? shown.label : '',
        marked: now,
        region,
        sentenceId: shown.sentenceId,
      });
    }
    for (const overlay of marks.overlays) {
      if (overlay.kind !== 'boxes' || !marks.isShown(overlay.id)) continue;
      for (const box of overlay.boxes) {
        const instanceUid = view.viewer.pixels?.images.frames[box.frameIndex]?.instanceUid ?? '';
        const region: Region = {
          kind: 'box',
          seriesId: overlay.seriesId,
          instanceUid,
          frameIndex: box.frameIndex,
          box: box.box,
        };
        if (session.shownRegions.some((shown) => sameRegion(shown.region, region))) continue;
        add({
          key: `box-${overlay.id}-${box.id}`,
          color: cssColor(box.color),
          label: box.score === null ? box.label : `${box.label} ${Math.round(box.score * 100)} %`,
          marked: isMarked(region),
          region,
          sentenceId: null,
        });
      }
    }
  }
  if (marked !== null && !shapes.some((shape) => shape.marked))
    add({
      key: 'marked',
      color: 'var(--marked)',
      label: '',
      marked: true,
      region: marked.region,
      sentenceId: marked.sentenceId,
    });
  // The marked one lies above all others.
  return shapes.toSorted((a, b) => Number(a.marked) - Number(b.marked));
};
