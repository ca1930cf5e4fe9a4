import type { Overlay } from '../../../preload/contract/index.ts';
import type { Marks } from '../../session/marks.svelte.ts';
import type { MarksStore } from '../data/marks-store.svelte.ts';
import type { Placement } from '../view/camera.ts';
import { cutInto } from '../view/cut.ts';
import { laidOf } from '../view/plane-pixels.ts';
import { nearestLabels } from '../view/sample.ts';
import type { SliceView } from '../view/slice-view.svelte.ts';
import { heatWords } from './heatmap/draw.ts';
import { fillWords, outlineOf } from './labelmap/draw.ts';

/** One layer of marks over an image: a small picture and, for labels, lines; both in image coordinates. */
export interface Layer {
  readonly picture: HTMLCanvasElement;
  /** Stretched to this, image coordinates. */
  readonly columns: number;
  readonly rows: number;
  readonly smooth: boolean;
  /** Empty image pixels about it, which the picture has too. */
  readonly margin: number;
  /** Segments along the sides of pixels: [x0, y0, x1, y1, ...]. */
  readonly lines: readonly { readonly segments: Int32Array; readonly color: string }[];
}

/** The labels of the slice that a view shows, screen order; null where there are none for it. */
const labelSlice = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  store: MarksStore,
): Uint8Array | null => {
  const pixels = view.viewer.pixels;
  if (pixels === null || pixels.images.seriesId !== overlay.seriesId) return null;
  // Images have come to the series or left it since: these labels would lie on others than their own.
  if (overlay.dims[2] !== pixels.images.frames.length) return null;
  if (overlay.edited !== undefined) void store.edits;
  const labels = store.labels(overlay);
  if (labels === null) return null;
  const { dims } = overlay;
  const { cut, index, free, grain } = view;
  const { volume } = view.viewer;
  // As coarse as the picture while a hand moves the plane.
  if (free !== null && volume !== null)
    return nearestLabels(labels.slices, dims, laidOf(free, volume.affineVoxelToPatient, grain));
  if (cut.normal === 2 && cut.x.axis === 0 && !cut.x.reversed && !cut.y.reversed) return labels.slice(index);
  const out = new Uint8Array(dims[cut.x.axis] * dims[cut.y.axis]);
  cutInto(labels.slices, dims, cut, index, out);
  return out;
};

const rgb = (color: readonly [number, number, number], opacity: number): string =>
  `rgb(${color.join(' ')} / ${opacity})`;

/** Of the last size: written for each picture, which copies it. A slice a step would else leave its size in garbage. */
let scratch: ImageData | null = null;
const scratchOf = (columns: number, rows: number): ImageData => {
  if (scratch?.width !== columns || scratch.height !== rows) scratch = new ImageData(columns, rows);
  return scratch;
};

const pictureOf = (
  columns: number,
  rows: number,
  margin: number,
  write: (words: Uint32Array) => void,
  /** A canvas that is done with: of the same size it is drawn over. */
  used: HTMLCanvasElement | null = null,
): HTMLCanvasElement => {
  const [width, height] = [columns + 2 * margin, rows + 2 * margin];
  const fits = used?.width === width && used.height === height;
  const canvas = fits ? used : document.createElement('canvas');
  if (!fits) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('The browser gives no canvas to draw on.');
  const data = scratchOf(columns, rows);
  write(new Uint32Array(data.data.buffer));
  context.putImageData(data, margin, margin);
  return canvas;
};

const labelLayer = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  marks: Marks,
  store: MarksStore,
  used: HTMLCanvasElement | null,
): Layer | null => {
  const shown = overlay.labels.filter((label) => marks.isShown(overlay.id, label.value));
  if (shown.length === 0) return null;
  const slice = labelSlice(view, overlay, store);
  const image = view.image;
  const grain = view.free === null ? 1 : view.grain;
  const [columns, rows] = [(image?.columns ?? 0) / grain, (image?.rows ?? 0) / grain];
  if (slice === null || image === null || slice.length !== columns * rows) return null;
  const styles = new Map(
    shown.map(({ value }) => {
      return [value, { color: marks.colorOf(overlay, value), opacity: marks.opacity(overlay.id, value) }] as const;
    }),
  );
  // A canvas blurs the rim of a picture over the pixels that it cuts through: an empty rim leaves labels sharp to the last voxel.
  const picture = pictureOf(columns, rows, 1, (words) => fillWords(slice, styles, marks.fillOpacity, words), used);
  const lines: { segments: Int32Array; color: string }[] = [];
  if (marks.outline) {
    for (const [value, segments] of outlineOf(slice, columns, rows, new Set(styles.keys()))) {
      const style = styles.get(value);
      if (style === undefined) continue;
      const placed = grain === 1 ? segments : segments.map((at) => at * grain);
      lines.push({ segments: placed, color: rgb(style.color, style.opacity) });
    }
  }
  return { picture, columns: image.columns, rows: image.rows, smooth: false, margin: grain, lines };
};

/** Everything that a layer of labels is drawn from, as a key; reading it is what it depends on. */
const keyOf = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  marks: Marks,
  store: MarksStore,
): string => {
  const { image, cut, index, free, grain } = view;
  const styles = overlay.labels.map(({ value }) =>
    marks.isShown(overlay.id, value)
      ? `${value}/${marks.colorOf(overlay, value)}/${marks.opacity(overlay.id, value)}`
      : '',
  );
  return [
    overlay.createdAt,
    store.version,
    overlay.edited === undefined ? 0 : store.edits,
    view.viewer.pixels?.images.seriesId,
    image?.columns,
    image?.rows,
    JSON.stringify(cut),
    free === null ? index : `${free.corner} ${free.right} ${free.down} ${grain}`,
    marks.fillOpacity,
    marks.outline,
    styles.join(),
  ].join('|');
};

/** The last layer of each labelmap in each view: a stroke on one draws only that one again. */
const drawn = new WeakMap<SliceView, Map<string, { readonly key: string; readonly layer: Layer | null }>>();

const keptLabelLayer = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'labelmap' }>,
  marks: Marks,
  store: MarksStore,
): Layer | null => {
  const kept = drawn.get(view) ?? new Map<string, { key: string; layer: Layer | null }>();
  drawn.set(view, kept);
  const key = keyOf(view, overlay, marks, store);
  const known = kept.get(overlay.id);
  if (known?.key === key) return known.layer;
  const layer = labelLayer(view, overlay, marks, store, known?.layer?.picture ?? null);
  kept.set(overlay.id, { key, layer });
  return layer;
};

const heatLayer = (
  view: SliceView,
  overlay: Extract<Overlay, { kind: 'heatmap' }>,
  marks: Marks,
  store: MarksStore,
): Layer | null => {
  const image = view.image;
  if (!marks.isShown(overlay.id) || image === null || view.id !== 'stack' || overlay.frameIndex !== view.index)
    return null;
  if (view.viewer.pixels?.images.seriesId !== overlay.seriesId) return null;
  const heat = store.heat(overlay);
  if (heat === null) return null;
  const picture = pictureOf(overlay.columns, overlay.rows, 0, (words) =>
    heatWords(heat, overlay.color, marks.heatOpacity, words),
  );
  return { picture, columns: image.columns, rows: image.rows, smooth: true, margin: 0, lines: [] };
};

/** Layers of all kinds that are drawn as pictures; boxes are drawn as shapes by their own component. */
const LAYERS = {
  labelmap: keptLabelLayer,
  heatmap: heatLayer,
  boxes: () => null,
} as const satisfies {
  [Kind in Overlay['kind']]: (
    view: SliceView,
    overlay: Extract<Overlay, { kind: Kind }>,
    marks: Marks,
    store: MarksStore,
  ) => Layer | null;
};

export const layersOf = (view: SliceView, marks: Marks, store: MarksStore): Layer[] => {
  const layers = marks.overlays.flatMap((overlay) => {
    const make = LAYERS[overlay.kind] as (v: SliceView, o: Overlay, m: Marks, s: MarksStore) => Layer | null;
    const layer = make(view, overlay, marks, store);
    return layer === null ? [] : [layer];
  });
  const ids = new Set(marks.overlays.map(({ id }) => id));
  const kept = drawn.get(view);
  if (kept !== undefined) for (const id of kept.keys()) if (!ids.has(id)) kept.delete(id);
  return layers;
};

/** CSS pixels, at every zoom. */
const LINE_WIDTH = 1.25;

/**
 * As rectangles, which graphics hardware and what stands in for it draw many times sooner than strokes; on whole pixels of
 * the screen where the view is turned by quarters only. Those across own the corners: nothing is drawn twice, so that lines
 * that let the image through are even.
 */
const drawSegments = (
  context: CanvasRenderingContext2D,
  lines: Layer['lines'],
  matrix: DOMMatrix,
  width: number,
): void => {
  const { a, b, c, d, e, f } = matrix;
  if (Math.abs(a * b) + Math.abs(c * d) > 1e-9) {
    context.setTransform(matrix);
    const [halfX, halfY] = [width / 2 / Math.hypot(a, b), width / 2 / Math.hypot(c, d)];
    for (const { segments, color } of lines) {
      context.fillStyle = color;
      for (let n = 0; n < segments.length; n += 4) {
        const [x0, y0, x1, y1] = [segments[n] ?? 0, segments[n + 1] ?? 0, segments[n + 2] ?? 0, segments[n + 3] ?? 0];
        if (y0 === y1) context.fillRect(x0 - halfX, y0 - halfY, x1 - x0 + 2 * halfX, 2 * halfY);
        else context.fillRect(x0 - halfX, y0 + halfY, 2 * halfX, Math.max(0, y1 - y0 - 2 * halfY));
      }
    }
    return;
  }
  context.setTransform(1, 0, 0, 1, 0, 0);
  const whole = Math.max(1, Math.round(width));
  /** Not turned by a quarter: what lies across the image lies across the screen. */
  const upright = Math.abs(b) < Math.abs(a);
  const onPixel = (at: number): number => Math.round(at - whole / 2);
  for (const { segments, color } of lines) {
    context.fillStyle = color;
    for (let n = 0; n < segments.length; n += 4) {
      const [x0, y0, x1, y1] = [segments[n] ?? 0, segments[n + 1] ?? 0, segments[n + 2] ?? 0, segments[n + 3] ?? 0];
      const [fromX, toX] = [onPixel(a * x0 + c * y0 + e), onPixel(a * x1 + c * y1 + e)];
      const [fromY, toY] = [onPixel(b * x0 + d * y0 + f), onPixel(b * x1 + d * y1 + f)];
      const [left, top] = [Math.min(fromX, toX), Math.min(fromY, toY)];
      const [wide, high] = [Math.abs(toX - fromX), Math.abs(toY - fromY)];
      if ((y0 === y1) === upright) context.fillRect(left, top, wide + whole, whole);
      else if (high > whole) context.fillRect(left, top + whole, whole, high - whole);
    }
  }
};

/** Draws the layers where the image lies. Lines are as wide on the screen at every zoom. */
export const drawLayers = (
  canvas: HTMLCanvasElement,
  layers: readonly Layer[],
  placement: Placement | null,
  width: number,
  height: number,
): void => {
  const ratio = window.devicePixelRatio;
  const [columns, rows] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  const context = canvas.getContext('2d');
  if (canvas.width !== columns || canvas.height !== rows) {
    canvas.width = columns;
    canvas.height = rows;
  } else {
    context?.setTransform(1, 0, 0, 1, 0, 0);
    context?.clearRect(0, 0, columns, rows);
  }
  if (context === null || placement === null) return;
  const p = placement;
  const matrix = new DOMMatrix([p.a * ratio, p.b * ratio, p.c * ratio, p.d * ratio, p.e * ratio, p.f * ratio]);
  for (const layer of layers) {
    context.setTransform(matrix);
    context.imageSmoothingEnabled = layer.smooth;
    const { margin } = layer;
    context.drawImage(layer.picture, -margin, -margin, layer.columns + 2 * margin, layer.rows + 2 * margin);
    drawSegments(context, layer.lines, matrix, LINE_WIDTH * ratio);
  }
};
